import type { ResizeRule } from "./crops.ts";
import type { Size } from "./raster.ts";
import { parseProcessorFile, type ProcessorFile } from "./huggingface/config.ts";
import { processedSize, processorRecipe } from "./huggingface/recipe.ts";
import {
  type Preprocessing,
  type Recipe,
  checkPreprocessing,
  perChannel,
  type ChannelOrder,
  type Interpolation,
  type Scale,
} from "./preprocessing.ts";
import { sidecarRecipe, type Sidecar } from "./sidecar.ts";
import { imageNet, resizeBeforeCrop, timmRecipe, timmConfigIn } from "./timm.ts";

interface Preset {
  /** Where the numbers come from. */
  readonly source: string;
  readonly recipe: Recipe;
}

/** 256 -> 224 at any size. */
const kept = 224 / 256;

/** Means of ImageNet's pixels in BGR, as the Caffe models of Simonyan & Zisserman (2014) subtract them. */
const caffeMean = [103.939, 116.779, 123.68] as const;

/** Keras leaves resizing to its user; rounding as in the reference models' sidecars. */
const keras = (
  name: string,
  pixels: Pick<Preprocessing, "interpolation" | "channelOrder" | "scale" | "mean" | "std">,
): Recipe => {
  return (input) => {
    const resize = resizeBeforeCrop(input, kept);
    return {
      source: `preset ${name}`,
      autoOrient: false,
      resize: "rounding" in resize ? { ...resize, rounding: "nearest" } : resize,
      antialias: true,
      crop: { size: input, rounding: "down" },
      ...pixels,
    };
  };
};

export const presets = {
  timm: {
    source:
      "timm/data/transforms_factory.py, transforms_imagenet_eval; ImageNet mean and std, crop_pct 0.875",
    recipe: timmRecipe({}, "preset timm"),
  },
  torchvision: {
    source: "torchvision/transforms/_presets.py, ImageClassification: resize 256, crop 224",
    recipe: timmRecipe({ interpolation: "bilinear", crop_pct: kept }, "preset torchvision"),
  },
  caffe: {
    source: "Simonyan & Zisserman 2014 in Caffe and Keras (imagenet_utils.py, mode 'caffe')",
    recipe: keras("caffe", {
      interpolation: "bicubic",
      channelOrder: "BGR",
      scale: "0-255",
      mean: caffeMean,
      std: [1, 1, 1],
    }),
  },
  tf: {
    source: "Keras, imagenet_utils.py, mode 'tf': x / 127.5 - 1",
    recipe: keras("tf", {
      interpolation: "bilinear",
      channelOrder: "RGB",
      scale: "0-255",
      mean: [127.5, 127.5, 127.5],
      std: [127.5, 127.5, 127.5],
    }),
  },
  unit: {
    source: "Keras layer Rescaling(1 / 255), TF Hub's classifiers: pixels from 0 to 1",
    recipe: keras("unit", {
      interpolation: "bilinear",
      channelOrder: "RGB",
      scale: "0-1",
      mean: [0, 0, 0],
      std: [1, 1, 1],
    }),
  },
  raw: {
    source: "Keras models that rescale inside (EfficientNet, ConvNeXt, MobileNetV3): pixels from 0 to 255",
    recipe: keras("raw", {
      interpolation: "bilinear",
      channelOrder: "RGB",
      scale: "0-255",
      mean: [0, 0, 0],
      std: [1, 1, 1],
    }),
  },
  torch: {
    source: "Keras, imagenet_utils.py, mode 'torch'; resize as fb.resnet.torch (bicubic)",
    recipe: keras("torch", { interpolation: "bicubic", channelOrder: "RGB", scale: "0-1", ...imageNet }),
  },
} as const satisfies Readonly<Record<string, Preset>>;

export type PresetName = keyof typeof presets;

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

/** Whether the preprocessing is an assumption: callers warn. */
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
