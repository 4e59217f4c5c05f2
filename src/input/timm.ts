import { z } from "zod";
import { roundHalfEven, type ResizeRule } from "./crops.ts";
import { type Size } from "./raster.ts";
import { interpolations, parseWith, type Crop, type PerChannel, type Recipe } from "./preprocessing.ts";

export const imageNet = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] } as const;

const three = z.tuple([z.number(), z.number(), z.number()]);

/**
 * timm's `pretrained_cfg`, or what its `resolve_data_config` returns; mean and std are of pixels from 0 to 1. What is
 * absent takes timm's defaults (timm/data/config.py, constants.py).
 */
export const timmConfig = z.object({
  input_size: z
    .tuple([z.literal(3, "expected 3 channels"), z.int().positive(), z.int().positive()])
    .nullish(),
  interpolation: z
    .enum(interpolations, {
      error: ({ input }) =>
        input === "random"
          ? 'timm chooses "random" anew for each photograph; name one, "bilinear" or "bicubic"'
          : undefined,
    })
    .nullish(),
  crop_pct: z.number().gt(0).lte(1).nullish(),
  crop_mode: z.enum(["center", "squash", "border"]).nullish(),
  mean: three.nullish(),
  std: three.nullish(),
});
type TimmConfig = z.infer<typeof timmConfig>;

/** timm's evaluation transform (timm/data/transforms_factory.py, `transforms_imagenet_eval`). */
export const timmRecipe =
  (config: TimmConfig, source: string): Recipe =>
  (input) => {
    const mean = config.mean ?? imageNet.mean;
    const { resize, pad } = cropModes[config.crop_mode ?? "center"](input, config.crop_pct ?? 0.875, mean);
    return {
      source,
      autoOrient: false,
      resize,
      interpolation: config.interpolation ?? "bicubic",
      antialias: true,
      crop: { size: input, rounding: "nearest", ...(pad === undefined ? {} : { pad }) },
      channelOrder: "RGB",
      scale: "0-1",
      mean,
      std: config.std ?? imageNet.std,
    };
  };

type CropMode = (
  input: Size,
  kept: number,
  mean: PerChannel,
) => { readonly resize: ResizeRule; readonly pad?: Crop["pad"] };

const cropModes: Readonly<Record<"center" | "squash" | "border", CropMode>> = {
  center: (input, kept) => ({ resize: resizeBeforeCrop(input, kept) }),
  squash: (input, kept) => ({ resize: { rule: "exact", size: beforeCrop(input, kept) } }),
  border: (input, kept, [red, green, blue]) => ({
    resize: { rule: "within", size: beforeCrop(input, kept), rounding: "nearest" },
    // timm/data/transforms.py, center_crop_or_pad: the odd pixel comes after.
    pad: { color: [gray(red), gray(green), gray(blue)], rounding: "up" },
  }),
};

const gray = (mean: number): number => roundHalfEven(255 * mean);

const beforeCrop = ([height, width]: Size, kept: number): Size => [
  Math.floor(height / kept),
  Math.floor(width / kept),
];

/**
 * The resize before a center crop that keeps the given share of each side. For a square torchvision does it, and rounds the other
 * side down; else timm does, and rounds to the nearest.
 */
export function resizeBeforeCrop(input: Size, kept: number): ResizeRule {
  const size = beforeCrop(input, kept);
  return size[0] === size[1]
    ? { rule: "shorterSide", to: size[0], rounding: "down" }
    : { rule: "cover", size, rounding: "nearest" };
}

/** A timm configuration in an ONNX file's metadata: as JSON under one of timm's names for it, or field by field. */
export function timmConfigIn(metadata: Readonly<Record<string, string>>): TimmConfig | undefined {
  const whole = metadata["pretrained_cfg"] ?? metadata["data_config"];
  if (whole === undefined && (metadata["mean"] === undefined || metadata["std"] === undefined))
    return undefined;
  const config =
    whole === undefined
      ? Object.fromEntries(Object.entries(metadata).map(([field, text]) => [field, parsed(text)]))
      : parsed(whole);
  return parseWith(timmConfig, config, "metadata of the model");
}

/** JSON, or the same with Python's tuples; any other text stands for itself. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text.replaceAll("(", "[").replaceAll(")", "]"));
  } catch {
    return text;
  }
}
