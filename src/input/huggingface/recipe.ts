import { ErfitError } from "../../core/error.ts";
import type { ResizeRule } from "../crops.ts";
import type { Size } from "../raster.ts";
import { type PerChannel, type Preprocessing, type Recipe, perChannel } from "../preprocessing.ts";
import { timmRecipe } from "../timm.ts";
import { interpolationOf, sizeOf, type ProcessorConfig } from "./config.ts";
import { processors, type StatedSize } from "./processors.ts";

/** What a photograph becomes the size of, and what is left of it. */
interface Geometry {
  readonly resize: ResizeRule;
  /** Null: each photograph keeps its own size. */
  readonly crop: Size | null;
}

/** From this side on ConvNext's photographs are not cropped. */
const uncropped = 384;

const shorterSide = (to: number): ResizeRule => ({ rule: "shorterSide", to, rounding: "down" });

/** @throws ErfitError naming the field that contradicts another */
function geometryOf(config: ProcessorConfig): Geometry {
  const { file, processor: name } = config;
  const processor = processors[name];
  if (processor === undefined) throw new ErfitError(`${file}: ${name} is not an image processor`);
  const size = sizeOf(config.size, processor.size, processor.square);
  const cropPct = config.crop_pct ?? processor.cropPct;
  const resized = config.do_resize === false ? null : size;
  const { resize, cropped } = resizing(processor.resizing, resized, cropPct, file);
  if (processor.crop === null || !(config.do_center_crop ?? processor.crop.wanted))
    return { resize, crop: cropped };
  const crop = sizeOf(config.crop_size, processor.crop.size, true);
  if (crop === null || "shortestEdge" in crop)
    throw new ErfitError(`${file}: crop_size: expected {height, width}, for do_center_crop is true`);
  return { resize, crop: [crop.height, crop.width] };
}

function resizing(
  special: "convnext" | "levit" | "poolformer" | undefined,
  size: StatedSize | null,
  cropPct: number | undefined,
  file: string,
): { readonly resize: ResizeRule; readonly cropped: Size | null } {
  if (size === null) return { resize: { rule: "none" }, cropped: null };
  if (!("shortestEdge" in size)) {
    if (special === "convnext" || special === "poolformer")
      throw new ErfitError(`${file}: size: expected {shortest_edge}, found {height, width}`);
    const exact = [size.height, size.width] as const;
    return { resize: { rule: "exact", size: exact }, cropped: exact };
  }
  const { shortestEdge: edge } = size;
  switch (special) {
    case "convnext":
      return edge >= uncropped
        ? { resize: { rule: "exact", size: [edge, edge] }, cropped: [edge, edge] }
        : { resize: shorterSide(Math.trunc(edge / (cropPct ?? 1))), cropped: [edge, edge] };
    case "levit":
      return { resize: shorterSide(Math.trunc((256 / 224) * edge)), cropped: null };
    case "poolformer":
      return { resize: shorterSide(Math.trunc(edge / (cropPct ?? 1))), cropped: null };
    case undefined:
      return { resize: shorterSide(edge), cropped: null };
  }
}

type Values = Pick<Preprocessing, "scale" | "mean" | "std" | "channelOrder">;

/** x -> (x * factor - offset - mean) / std, all of it over pixels from 0 to 255. */
function valuesOf(config: ProcessorConfig): Values {
  const { processor: name } = config;
  const processor = processors[name];
  const normalizes = processor?.normalize !== false && config.do_normalize !== false;
  const includeTop = processor?.includeTop === true && config.include_top !== false;
  const factor = config.do_rescale === false ? 1 : (config.rescale_factor ?? 1 / 255);
  const offset = config.do_rescale !== false && config.rescale_offset === true ? 1 : 0;
  const deviation = config.image_std ?? processor?.std ?? [1, 1, 1];
  const mean = normalizes ? (config.image_mean ?? processor?.mean ?? [0, 0, 0]) : [0, 0, 0];
  const std = deviation.map((value) => (normalizes ? value : 1) * (includeTop ? value : 1));
  const flipped = config.do_flip_channel_order ?? processor?.flip === true;
  const ordered = (values: readonly number[]): PerChannel =>
    perChannel(flipped ? values.toReversed() : values, config.file);
  const channelOrder = flipped ? "BGR" : "RGB";
  if (Math.abs(factor * 255 - 1) < 1e-6 && offset === 0)
    return { scale: "0-1", mean: ordered(mean), std: ordered(std), channelOrder };
  return {
    scale: "0-255",
    mean: ordered(mean.map((value) => (value + offset) / factor)),
    std: ordered(std.map((value) => value / factor)),
    channelOrder,
  };
}

/** The preprocessing of a transformers image processor, on Pillow's pixels. */
export function processorRecipe(config: ProcessorConfig): Recipe {
  const source = config.file;
  if (config.processor === "TimmWrapper") return timmRecipe(config.pretrained_cfg ?? {}, source);
  const { resize, crop } = geometryOf(config);
  const values = valuesOf(config);
  const interpolation =
    interpolationOf(config.resample) ?? processors[config.processor]?.resample ?? "bilinear";
  if (crop === null && resize.rule !== "none")
    throw new ErfitError(
      `${source}: size.shortest_edge without a crop gives photographs of different shapes, but the model's input has one`,
      { remedy: "Set do_center_crop and crop_size, or size to {height, width}." },
    );
  return (input) => ({
    source,
    autoOrient: false,
    resize,
    interpolation,
    antialias: true,
    // A photograph smaller than the crop is padded with black.
    crop: {
      size: crop ?? input,
      rounding: "down",
      ...(crop === null ? {} : { pad: { color: [0, 0, 0], rounding: "down" } }),
    },
    ...values,
  });
}

/** Height and width of what the processor gives; undefined where photographs keep their own. */
export function processedSize(config: ProcessorConfig): Size | undefined {
  if (config.processor !== "TimmWrapper") return geometryOf(config).crop ?? undefined;
  const [, height, width] = config.pretrained_cfg?.input_size ?? [];
  return height === undefined || width === undefined ? undefined : [height, width];
}
