import type { Interpolation } from "../preprocessing.ts";
import { imageNet } from "../timm.ts";

/** A size as `preprocessor_config.json` states it. */
export type StatedSize =
  { readonly shortestEdge: number } | { readonly height: number; readonly width: number };

/** What an image processor does where its configuration does not say. */
interface Processor {
  readonly resample: Interpolation;
  readonly mean: readonly number[];
  readonly std: readonly number[];
  readonly size: StatedSize;
  /** Null: it never crops; `size` is null where the configuration has to name it. */
  readonly crop: { readonly size: StatedSize | null; readonly wanted: boolean } | null;
  /** Whether one number is both sides; else it is the shorter edge. */
  readonly square: boolean;
  /** MobileViT's never does. */
  readonly normalize?: false;
  /** MobileViT's gives blue, green, red. */
  readonly flip?: true;
  readonly cropPct?: number;
  /** Those that enlarge `size` before they resize to it. */
  readonly resizing?: "convnext" | "levit" | "poolformer";
  /** EfficientNet divides by std once more, for classifiers. */
  readonly includeTop?: true;
}

const half = { mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] };
const clip = {
  mean: [0.48145466, 0.4578275, 0.40821073],
  std: [0.26862954, 0.26130258, 0.27577711],
};
const square = (side: number): StatedSize => ({ height: side, width: side });
const cropTo = (side: number, wanted = true) => ({ size: square(side), wanted });

const clipLike: Processor = {
  ...clip,
  resample: "bicubic",
  size: { shortestEdge: 224 },
  crop: cropTo(224),
  square: false,
};
const exact = (
  resample: Interpolation,
  side: number,
  values: Pick<Processor, "mean" | "std">,
): Processor => ({
  ...values,
  resample,
  size: square(side),
  crop: { size: null, wanted: false },
  square: true,
});
const mobileNet: Processor = {
  ...half,
  resample: "bilinear",
  size: { shortestEdge: 256 },
  crop: cropTo(224),
  square: false,
};

/** By the name of the class, without ImageProcessor or FeatureExtractor (transformers/models, image_processing_*.py). */
export const processors: Readonly<Record<string, Processor>> = {
  ViT: exact("bilinear", 224, half),
  DeiT: { ...exact("bicubic", 256, half), crop: cropTo(224) },
  Beit: { ...exact("bicubic", 224, half), crop: cropTo(224, false) },
  Pvt: exact("bicubic", 224, imageNet),
  Siglip: { ...exact("bicubic", 224, half), square: false },
  Blip: exact("bicubic", 384, clip),
  DPT: exact("bicubic", 384, half),
  Segformer: { ...exact("bilinear", 512, imageNet), crop: null },
  DINOv3ViT: exact("bilinear", 224, imageNet),
  CLIP: clipLike,
  ChineseCLIP: clipLike,
  Bit: clipLike,
  ConvNext: {
    ...half,
    resample: "bicubic",
    size: { shortestEdge: 384 },
    crop: { size: null, wanted: false },
    square: false,
    cropPct: 224 / 256,
    resizing: "convnext",
  },
  Levit: { ...clipLike, ...imageNet, resizing: "levit" },
  PoolFormer: { ...clipLike, ...imageNet, cropPct: 0.9, resizing: "poolformer" },
  MobileViT: { ...clipLike, ...half, crop: cropTo(256), normalize: false, flip: true },
  MobileNetV1: mobileNet,
  MobileNetV2: mobileNet,
  EfficientNet: { ...exact("bicubic", 346, half), crop: cropTo(289, false), includeTop: true },
};
