import { z } from "zod";
import { controls } from "../../cam/controls.ts";
import { camMethods, type CamMethodName } from "../../cam/methods.ts";
import { normalizations } from "../../cam/normalizations.ts";
import { defaultCamOptions, type CamOptions } from "../../cam/options.ts";
import { upsamplers, type UpsamplerName } from "../../cam/upsamplers.ts";
import { keysOf } from "../../core/required.ts";
import { optionText } from "../../core/error.ts";
import { scoreSources } from "../../runtime/outputs.ts";
import { flag, numberFrom, oneOf, option, several, wholeNumber, type OptionTable } from "../option.ts";

/** A CAM method, alone or with an upsampling of its own: `extended`, `extended:gaussian`. */
export type MethodChoice = CamMethodName | `${CamMethodName}:${UpsamplerName}`;

const methodNames = keysOf(camMethods);
const upsamplingNames = keysOf(upsamplers);
const quoted = (names: readonly string[]): string => names.map((name) => JSON.stringify(name)).join(", ");

interface Problem {
  readonly message: string;
  /** What might have been meant. */
  readonly choices: readonly string[];
}

const withUpsamplings = (method: string): readonly string[] =>
  upsamplingNames.map((name) => `${method}:${name}`);

/** What is wrong with the name of a method; null where it is right. */
function problemOf(given: unknown): Problem | null {
  const [method, by, ...more] = typeof given === "string" ? given.split(":") : [];
  if (more.length > 0)
    return { message: "expected a method, or method:upsampling as in extended:gaussian", choices: [] };
  const right = upsamplingNames.some((name) => name === by);
  if (!methodNames.some((name) => name === method))
    return {
      message: `expected one of ${quoted(methodNames)}`,
      choices: by === undefined ? methodNames : methodNames.flatMap(withUpsamplings),
    };
  if (by === undefined || right) return null;
  return {
    message: `expected after the colon one of ${quoted(upsamplingNames)}`,
    choices: withUpsamplings(method ?? ""),
  };
}

export const methodChoice = z.custom<MethodChoice>().superRefine((given, context) => {
  const problem = problemOf(given);
  if (problem === null) return;
  const { message, choices } = problem;
  context.addIssue({ code: "custom", message, params: { choices } });
});

/** Which maps are drawn. */
export const columnOptions = {
  method: several(methodChoice, {
    group: "method",
    alias: "m",
    default: ["extended"],
    describe: `method, or several, each with an upsampling of its own if need be (extended:gaussian): ${methodNames.join(", ")}`,
  }),
  upsampling: several(oneOf(upsamplingNames), {
    group: "method",
    alias: "u",
    describe: "how grid cells become pixels; of several, each",
    otherwise: "gaussian for Extended-CAM with a calibration, else bilinear",
  }),
  control: several(oneOf(keysOf(controls)), {
    group: "method",
    describe: "maps beside those of each method that do not know where the class is",
  }),
  relu: option(flag, {
    group: "method",
    describe: "negative cells become zero, or stay, in all methods",
    otherwise: "as each method has it",
  }),
} as const;

/** What is explained of a class. */
export const scoreOptions = {
  score: option(oneOf(["logit", "probability"]), {
    group: "method",
    default: "logit",
    describe: "what the methods explain of a class",
  }),
  scoreFrom: option(oneOf(scoreSources), {
    group: "advanced",
    describe:
      "how a score becomes a probability: by a softmax over all classes, by a sigmoid of each, or not at all (logit)",
    otherwise: "as the output ends; one score: sigmoid",
  }),
} as const;

export const normalizeOptions = {
  normalize: option(oneOf(keysOf(normalizations)), {
    group: "output",
    default: "none",
    describe: "how the values of the maps are scaled",
  }),
} as const;

/** Where the field, or a method's paper and its best-known implementation, differ. */
export const methodParameters = {
  noiseSamples: option(wholeNumber(1), {
    group: "advanced",
    default: defaultCamOptions.noiseSamples,
    describe: "Smooth Grad-CAM++: noisy copies of the image; torch-cam takes 4",
  }),
  noise: option(numberFrom(0), {
    group: "advanced",
    default: defaultCamOptions.noise,
    describe: "Smooth Grad-CAM++: standard deviation of the noise; torch-cam takes 0.3",
  }),
  noiseUnit: option(oneOf(["image", "input"]), {
    group: "advanced",
    default: defaultCamOptions.noiseUnit,
    describe: `unit of ${optionText("noise")}: the image tensor's own standard deviation, or the network's input unit (torch-cam)`,
  }),
  plusPlusEpsilon: option(numberFrom(0), {
    group: "advanced",
    default: defaultCamOptions.plusPlusEpsilon,
    describe:
      "Grad-CAM++ and its smooth kin: added to the denominator; pytorch-grad-cam takes 1e-6, which outweighs gradients below 1e-3; its paper 0",
  }),
  pixelWeights: option(oneOf(["second-derivatives", "first-derivatives"]), {
    group: "advanced",
    default: defaultCamOptions.pixelWeights,
    describe: "Smooth Grad-CAM++: numerator as in Grad-CAM++ and torch-cam, or as its own paper prints it",
  }),
  scoreMask: option(oneOf(["align-corners", "half-pixel"]), {
    group: "advanced",
    default: defaultCamOptions.scoreMask,
    describe: "Score-CAM: bilinear masks as in pytorch-grad-cam, or as in the authors' code and torch-cam",
  }),
  ablateTo: option(oneOf(["least", "zero"]), {
    group: "advanced",
    default: defaultCamOptions.ablateTo,
    describe:
      "Ablation-CAM: zero, but far below the least activation where that is not zero (pytorch-grad-cam); or always zero (the paper)",
  }),
  eigenSign: option(oneOf(["activation", "extreme"]), {
    group: "advanced",
    default: defaultCamOptions.eigenSign,
    describe:
      "EigenCAM: positive where activations are large, or where the map is farthest from zero (Seg-Eigen-CAM)",
  }),
  seed: option(wholeNumber(0), {
    group: "advanced",
    default: defaultCamOptions.seed,
    describe: "seed of the noise and of the random controls",
  }),
} as const satisfies OptionTable & Readonly<Record<keyof CamOptions, unknown>>;

/** The parameters of the methods among a task's options. */
export const camOptionsOf = (options: CamOptions): CamOptions => ({
  noiseSamples: options.noiseSamples,
  noise: options.noise,
  noiseUnit: options.noiseUnit,
  plusPlusEpsilon: options.plusPlusEpsilon,
  pixelWeights: options.pixelWeights,
  scoreMask: options.scoreMask,
  ablateTo: options.ablateTo,
  eigenSign: options.eigenSign,
  seed: options.seed,
});
