import { basename, dirname, join } from "node:path";
import { z } from "zod";
import { ErfitError, listed, messageOf } from "../../core/error.ts";
import { processors, type StatedSize } from "./processors.ts";
import { parseWith, type Interpolation } from "../preprocessing.ts";
import { timmConfig } from "../timm.ts";
import { readIfRegular } from "../../io/read.ts";

/** Pillow's numbers of its filters. */
const resamplings: Readonly<Record<number, Interpolation>> = {
  0: "nearest",
  1: "lanczos",
  2: "bilinear",
  3: "bicubic",
  4: "box",
  5: "hamming",
};

const side = z.int().positive();
const size = z.union(
  [
    side,
    z
      .strictObject({ shortest_edge: side })
      .transform(({ shortest_edge }) => ({ shortestEdge: shortest_edge })),
    z.strictObject({ height: side, width: side }),
    z.tuple([side, side]).transform(([height, width]) => ({ height, width })),
  ],
  "expected a number, {shortest_edge} or {height, width}",
);
const perChannel = z.union(
  [z.number().transform((value) => [value, value, value]), z.tuple([z.number(), z.number(), z.number()])],
  "expected 3 numbers, one a channel",
);

/** The fields that decide the pixels. */
const fields = z.object({
  image_processor_type: z.string().nullish(),
  feature_extractor_type: z.string().nullish(),
  do_resize: z.boolean().nullish(),
  size: size.nullish(),
  resample: z
    .int()
    .refine((code) => code in resamplings, "expected a resampling of Pillow, 0 to 5")
    .nullish(),
  crop_pct: z.number().gt(0).lte(1).nullish(),
  do_center_crop: z.boolean().nullish(),
  crop_size: size.nullish(),
  do_rescale: z.boolean().nullish(),
  rescale_factor: z.number().positive().nullish(),
  rescale_offset: z.boolean().nullish(),
  do_normalize: z.boolean().nullish(),
  image_mean: perChannel.nullish(),
  image_std: perChannel.nullish(),
  include_top: z.boolean().nullish(),
  do_flip_channel_order: z.boolean().nullish(),
  pretrained_cfg: timmConfig.nullish(),
});

/** Fields that change no pixel of a photograph in RGB. */
const inert: readonly string[] = [
  ...[
    "processor_class",
    "auto_map",
    "_valid_processor_keys",
    "valid_kwargs",
    "name_or_path",
    "_name_or_path",
  ],
  ...["return_tensors", "data_format", "input_data_format", "device", "disable_grouping", "image_seq_length"],
  ...["do_convert_rgb", "do_reduce_labels", "reduce_labels", "default_to_square", "use_square_size"],
  ...["architecture", "model_args", "num_classes", "num_features", "global_pool", "size_divisor", "pad_size"],
  ...["segmentation_maps", "crop_margin", "fill_color", "padding_value"],
];

/** Whether a field that is not known turns nothing on. */
const isOff = (value: unknown): boolean => value === null || value === false || value === 1;

/** `preprocessor_config.json`: what the image processor of a model does. */
export interface ProcessorConfig extends z.infer<typeof fields> {
  readonly file: string;
  /** The class's name without ImageProcessor. */
  readonly processor: string;
}

/** @throws ErfitError that names the file, and the processor or the field that erfit does not follow */
function parseProcessorConfig(json: unknown, file: string): ProcessorConfig {
  const config = parseWith(fields, json, file);
  const type = config.image_processor_type ?? config.feature_extractor_type;
  if (type === undefined || type === null)
    throw new ErfitError(`${file}: no image_processor_type`, { remedy });
  const processor = type.replace(/(ImageProcessor(Fast|Pil)?|FeatureExtractor)$/, "");
  if (processor !== "TimmWrapper" && !(processor in processors))
    throw new ErfitError(
      `${file}: ${type} is an image processor that erfit does not know; it knows those of ${listed(Object.keys(processors), 30)}`,
      { remedy },
    );
  const others = Object.entries(json as Readonly<Record<string, unknown>>).flatMap(([field, value]) =>
    field in fields.shape || inert.includes(field) || isOff(value) ? [] : [field],
  );
  const [unknown] = others;
  if (unknown !== undefined)
    throw new ErfitError(`${file}: ${unknown}: erfit does not know what this does to the pixels`, { remedy });
  return { ...config, file, processor };
}

const remedy = "Describe the preprocessing in a sidecar beside the model, or choose a preset.";

/** The interpolation of a configuration's number. */
export const interpolationOf = (resample: number | null | undefined): Interpolation | undefined =>
  resample === null || resample === undefined ? undefined : resamplings[resample];

/** A size that may be one number. */
export function sizeOf(
  stated: number | StatedSize | null | undefined,
  otherwise: StatedSize | null,
  isSquare: boolean,
): StatedSize | null {
  if (stated === null || stated === undefined) return otherwise;
  if (typeof stated !== "number") return stated;
  return isSquare ? { height: stated, width: stated } : { shortestEdge: stated };
}

/** A configuration in a model's folder; it is parsed where the preprocessing is taken from it. */
export interface ProcessorFile {
  readonly path: string;
  readonly text: string;
}

/** Exports to ONNX lie in such a folder of a model's repository. */
const exported = "onnx";

/** A timm model's configuration, among the fields of other models' that say nothing of photographs. */
const timmsFile = "config.json";

/**
 * `preprocessor_config.json` in the model's folder, as transformers writes it, or the `config.json` of a timm model on the Hub.
 * Of a folder `onnx` the one above is looked into as well.
 */
export async function readProcessorFile(model: string): Promise<ProcessorFile | undefined> {
  const folder = dirname(model);
  const folders = basename(folder) === exported ? [folder, dirname(folder)] : [folder];
  for (const name of ["preprocessor_config.json", timmsFile])
    for (const place of folders) {
      const path = join(place, name);
      const bytes = path === model ? undefined : await readIfRegular(path);
      const text = bytes === undefined ? undefined : new TextDecoder().decode(bytes);
      if (text !== undefined && (name !== timmsFile || text.includes('"pretrained_cfg"')))
        return { path, text };
    }
  return undefined;
}

/** @throws ErfitError that names the file, and what of it erfit does not follow */
export function parseProcessorFile({ path, text }: ProcessorFile): ProcessorConfig {
  const file = basename(path);
  try {
    const json: unknown = JSON.parse(text);
    return file === timmsFile
      ? parseProcessorConfig({ ...object(json), image_processor_type: "TimmWrapperImageProcessor" }, file)
      : parseProcessorConfig(json, file);
  } catch (thrown) {
    if (thrown instanceof ErfitError) throw thrown;
    throw new ErfitError(`${path}: not JSON (${messageOf(thrown)})`, { cause: thrown });
  }
}

/** Of a timm model's configuration only the part on photographs counts. */
const object = (json: unknown): object =>
  typeof json === "object" && json !== null && "pretrained_cfg" in json
    ? { pretrained_cfg: json.pretrained_cfg }
    : {};
