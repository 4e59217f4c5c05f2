import { z } from "zod";
import type { ResizeRule, Size } from "./geometry.ts";
import { interpolations, type Recipe } from "./preprocessing.ts";
import { parseWith } from "./schema.ts";

export const imageNet = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] } as const;

const three = z.tuple([z.number(), z.number(), z.number()]);

/**
 * timm's `pretrained_cfg`, or what its `resolve_data_config` returns; mean and std are of pixels from 0 to 1. What is
 * absent takes timm's defaults (timm/data/config.py, constants.py).
 */
export const timmConfig = z.object({
  input_size: z.tuple([z.literal(3), z.int().positive(), z.int().positive()]).nullish(),
  interpolation: z.enum(interpolations).nullish(),
  crop_pct: z.number().gt(0).lte(1).nullish(),
  crop_mode: z.enum(["center", "squash"]).nullish(),
  mean: three.nullish(),
  std: three.nullish(),
});
type TimmConfig = z.infer<typeof timmConfig>;

/** timm's evaluation transform (timm/data/transforms_factory.py, `transforms_imagenet_eval`). */
export const timmRecipe =
  (config: TimmConfig, source: string): Recipe =>
  (input) => ({
    source,
    autoOrient: false,
    resize:
      config.crop_mode === "squash"
        ? { rule: "exact", size: beforeCrop(input, config.crop_pct ?? 0.875) }
        : resizeBeforeCrop(input, config.crop_pct ?? 0.875),
    interpolation: config.interpolation ?? "bicubic",
    antialias: true,
    crop: { size: input, rounding: "nearest" },
    channelOrder: "RGB",
    scale: "0-1",
    mean: config.mean ?? imageNet.mean,
    std: config.std ?? imageNet.std,
  });

const beforeCrop = ([height, width]: Size, kept: number): Size => [
  Math.floor(height / kept),
  Math.floor(width / kept),
];

/** The resize before a centre crop that keeps the given share of each side; torchvision rounds the other side down. */
export function resizeBeforeCrop(input: Size, kept: number): ResizeRule {
  const size = beforeCrop(input, kept);
  return size[0] === size[1]
    ? { rule: "shorterSide", to: size[0], rounding: "down" }
    : { rule: "cover", size, rounding: "down" };
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
