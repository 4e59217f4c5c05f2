import { efficientnetLite } from "./efficientnet-lite.ts";
import type { Entry } from "./entry.ts";
import { monai } from "./monai.ts";
import { segmentationModels } from "./segmentation-models.ts";
import { timm } from "./timm.ts";
import { torchvision } from "./torchvision.ts";
import { transformers } from "./transformers.ts";
import { ultralytics } from "./ultralytics.ts";

/** The zoo. */
export const entries: readonly Entry[] = [
  ...timm,
  ...torchvision,
  ...ultralytics,
  ...transformers,
  ...segmentationModels,
  ...monai,
  ...efficientnetLite,
];
