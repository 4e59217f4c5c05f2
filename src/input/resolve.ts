import type { ResizeRule, Size } from "./geometry.ts";
import { parseProcessorFile, type ProcessorFile } from "./huggingface/file.ts";
import { processedSize, processorRecipe } from "./huggingface/recipe.ts";
import {
  checkPreprocessing,
  perChannel,
  type ChannelOrder,
  type Interpolation,
  type Preprocessing,
  type Recipe,
  type Scale,
} from "./preprocessing.ts";
import { presets, type PresetName } from "./presets.ts";
import { sidecarRecipe, type Sidecar } from "./sidecar.ts";
import { timmConfigIn, timmRecipe } from "./timm.ts";

/** What a user may set apart from the rest, as options of the command line. */
export interface PreprocessingOverrides {
  /** The shorter side, an exact size, or no resizing. */
  readonly resize?: number | Size | "none" | undefined;
  readonly crop?: Size | undefined;
  readonly interpolation?: Interpolation | undefined;
  readonly channelOrder?: ChannelOrder | undefined;
  readonly scale?: Scale | undefined;
  readonly mean?: readonly number[] | undefined;
  readonly std?: readonly number[] | undefined;
  readonly autoOrient?: boolean | undefined;
}

interface PreprocessingSources {
  /** Height and width of the model's input. */
  readonly inputSize: Size;
  readonly sidecar?: Sidecar | undefined;
  /** Metadata of the ONNX file. */
  readonly metadata?: Readonly<Record<string, string>> | undefined;
  /** The configuration of an image processor in the model's folder. */
  readonly processor?: ProcessorFile | undefined;
  readonly preset?: PresetName | undefined;
  readonly overrides?: PreprocessingOverrides | undefined;
}

const assumed = "assumed: timm with ImageNet mean and std";

/** Whether nobody said how to preprocess for this model; a caller says it aloud. */
export const isAssumed = ({ source }: Preprocessing): boolean => source.startsWith(assumed);

/**
 * One complete record. A preset asked for comes first, then the sidecar, then the model's own metadata, then the configuration
 * of an image processor in its folder; where there is none of these timm's evaluation transform is assumed. Single options go
 * over any of them.
 * @throws ErfitError naming the field, where they contradict one another or the model's input
 */
export function resolvePreprocessing(sources: PreprocessingSources): Preprocessing {
  const { inputSize, overrides = {} } = sources;
  return checkPreprocessing(override(recipeFrom(sources)(inputSize), overrides), inputSize);
}

/** Height and width of the input as the sidecar or the metadata state them, for a model that leaves them open. */
export function declaredInputSize({
  sidecar,
  metadata = {},
  processor,
}: Pick<PreprocessingSources, "sidecar" | "metadata" | "processor">): Size | undefined {
  const shape = sidecar?.input?.shape;
  if (shape !== undefined)
    return sidecar?.input?.layout === "NHWC" ? [shape[1], shape[2]] : [shape[2], shape[3]];
  const config = sidecar?.pretrained_cfg ?? timmConfigIn(metadata);
  if (config === undefined && processor !== undefined) return processedSize(parseProcessorFile(processor));
  const [, height, width] = config?.input_size ?? [];
  return height === undefined || width === undefined ? undefined : [height, width];
}

function recipeFrom({ preset, sidecar, metadata = {}, processor }: PreprocessingSources): Recipe {
  if (preset !== undefined) return presets[preset].recipe;
  const fromSidecar = sidecar === undefined ? undefined : sidecarRecipe(sidecar);
  if (fromSidecar !== undefined) return fromSidecar;
  const config = timmConfigIn(metadata);
  if (config !== undefined) return timmRecipe(config, "metadata of the model");
  return processor === undefined ? timmRecipe({}, assumed) : processorRecipe(parseProcessorFile(processor));
}

function override(base: Preprocessing, given: PreprocessingOverrides): Preprocessing {
  const options = Object.entries(given).flatMap(([name, value]) => (value === undefined ? [] : [name]));
  if (options.length === 0) return base;
  return {
    ...base,
    source: `${base.source}, but ${options.join(", ")} as given`,
    autoOrient: given.autoOrient ?? base.autoOrient,
    resize: given.resize === undefined ? base.resize : resizeRule(given.resize),
    interpolation: given.interpolation ?? base.interpolation,
    crop: { ...base.crop, size: given.crop ?? base.crop.size },
    channelOrder: given.channelOrder ?? base.channelOrder,
    scale: given.scale ?? base.scale,
    mean: given.mean === undefined ? base.mean : perChannel(given.mean, "mean"),
    std: given.std === undefined ? base.std : perChannel(given.std, "std"),
  };
}

function resizeRule(given: number | Size | "none"): ResizeRule {
  if (given === "none") return { rule: "none" };
  if (typeof given === "number") return { rule: "shorterSide", to: given, rounding: "nearest" };
  return { rule: "exact", size: given };
}
