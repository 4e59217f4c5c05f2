import { z } from "zod";
import {
  chosenPreprocessing,
  loadModel,
  statedClassNames,
  type LoadedModel,
} from "../../calibration/loaded-model.ts";
import { keysOf } from "../../core/required.ts";
import { channelOrders, interpolations, scales, type Preprocessing } from "../../input/preprocessing.ts";
import { presets } from "../../input/resolve.ts";
import { backendNames } from "../../runtime/tfjs/backend-names.ts";
import {
  flag,
  numberFromText,
  numbersFromText,
  oneOf,
  option,
  text,
  wholeNumber,
  type CheckedOptions,
} from "../option.ts";

const extent = wholeNumber(1);

/** How a model is opened. */
export const modelOptions = {
  output: option(text, {
    group: "input",
    describe: "output that holds the class scores, or a tensor before it",
    otherwise: "the output that looks most like class scores",
  }),
  classNames: option(oneOf(statedClassNames), {
    group: "input",
    describe: "names of the classes: those of ImageNet-1k, or none",
    otherwise: "the sidecar's; of 1000 scores without names ImageNet-1k's, assumed",
  }),
  inputName: option(text, { group: "input", describe: "image input, where there are several" }),
  inputShape: option(z.array(extent, "expected the extents of every axis").readonly(), {
    group: "input",
    describe: "shape of the image input where the file leaves it open: 1,3,224,224",
    fromText: numbersFromText,
  }),
  threads: option(wholeNumber(0), {
    group: "advanced",
    default: 0,
    describe: "threads to compute with; 0: as many as cores, at most 16",
  }),
  backend: option(oneOf(backendNames), {
    group: "advanced",
    describe: "TF.js backend of a TF.js model",
    otherwise: "the first that starts",
  }),
} as const;

const sizeWords = "expected height and width, whole numbers above 0";
const size = z
  .tuple([z.int(sizeWords).min(1, sizeWords), z.int(sizeWords).min(1, sizeWords)], sizeWords)
  .readonly();

const perChannelWords = "expected 3 numbers, one a channel";
const perChannel = z.array(z.number(perChannelWords), perChannelWords).length(3, perChannelWords).readonly();

/** One number stands for both sides. */
const sizeFromText = (given: string): unknown => {
  const sides = numbersFromText(given);
  return sides.length === 1 ? [sides[0], sides[0]] : sides;
};

/** How photographs become the network's input. */
export const preprocessingOptions = {
  preprocessing: option(oneOf(keysOf(presets)), {
    group: "input",
    describe: "preprocessing preset",
    otherwise: "the sidecar's or the model's own, else timm's evaluation transform",
  }),
  resize: option(
    z.union([extent, size, z.literal("none")], `expected the shorter side, height and width, or none`),
    {
      group: "advanced",
      describe: "shorter side in pixels, or height,width, or none",
      fromText: (given) =>
        given === "none" ? given : given.includes(",") ? numbersFromText(given) : numberFromText(given),
    },
  ),
  crop: option(size, {
    group: "advanced",
    describe: "size of the center crop: one number, or height,width",
    fromText: sizeFromText,
  }),
  interpolation: option(oneOf(interpolations), { group: "advanced", describe: "resampling filter" }),
  channelOrder: option(oneOf(channelOrders), {
    group: "advanced",
    describe: "order of the colors in the tensor",
  }),
  scale: option(oneOf(scales), { group: "advanced", describe: "range of the pixels before mean and std" }),
  mean: option(perChannel, {
    group: "advanced",
    describe: "three numbers, one a channel",
    fromText: numbersFromText,
  }),
  std: option(perChannel, {
    group: "advanced",
    describe: "three numbers, one a channel",
    fromText: numbersFromText,
  }),
  autoOrient: option(flag, { group: "advanced", describe: "apply the EXIF orientation of photographs" }),
} as const;

/** Everything that `openModel` takes: what a command takes of its model. */
export const openOptions = { ...preprocessingOptions, ...modelOptions } as const;

/** A model, opened, with the preprocessing that was chosen for it. */
export interface OpenModel {
  readonly model: LoadedModel;
  /** Resolved when it is first needed: a command that reads no photograph needs none. */
  readonly preprocessing: () => Preprocessing;
}

/** @throws ErfitError where the file is missing, damaged, or holds no network with one image input */
export async function openModelWith(
  path: string,
  options: CheckedOptions<typeof modelOptions> & Partial<CheckedOptions<typeof preprocessingOptions>>,
): Promise<OpenModel> {
  const { threads, inputShape, inputName, output, backend, classNames } = options;
  const model = await loadModel(path, {
    threads,
    ...(inputShape === undefined ? {} : { inputShape }),
    ...(inputName === undefined ? {} : { inputName }),
    ...(output === undefined ? {} : { output }),
    ...(backend === undefined ? {} : { backend }),
    ...(classNames === undefined ? {} : { classNames }),
  });
  const {
    preprocessing: preset,
    resize,
    crop,
    interpolation,
    channelOrder,
    scale,
    mean,
    std,
    autoOrient,
  } = options;
  const overrides = { resize, crop, interpolation, channelOrder, scale, mean, std, autoOrient };
  let found: Preprocessing | undefined;
  return { model, preprocessing: () => (found ??= chosenPreprocessing(model, preset, overrides)) };
}
