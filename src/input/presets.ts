import type { Preprocessing, Recipe } from "./preprocessing.ts";
import { imageNet, resizeBeforeCrop, timmRecipe } from "./timm.ts";

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
