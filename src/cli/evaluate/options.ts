import { controls } from "../../cam/controls.ts";
import { camMethods } from "../../cam/methods.ts";
import { camOptions } from "../../cam/options.ts";
import { upsamplers } from "../../cam/upsamplers.ts";
import { defaultResampling } from "../../evaluate/bootstrap.ts";
import { curves, defaultSteps } from "../../evaluate/curves.ts";
import { fills } from "../../evaluate/fills.ts";
import { maskings } from "../../evaluate/maskings.ts";
import { confidences } from "../../evaluate/metrics.ts";
import { camCommandOptions } from "../cam/options.ts";
import { sweepOption } from "./sweep.ts";
import { keysOf } from "../../core/required.ts";
import { layerOptions, modelOptions, preprocessingOptions } from "../options.ts";

const { calibration, position, score, output, relu } = camCommandOptions;

export const evaluateOptions = {
  calibration,
  "any-calibration": camCommandOptions["any-calibration"],
  sigma: camCommandOptions.sigma,
  position,
  "normalize-kernel": camCommandOptions["normalize-kernel"],
  method: {
    type: "string",
    array: true,
    default: ["grad-cam", "grad-cam++", "extended"],
    alias: "m",
    describe: `methods, each with an upsampling of its own if need be (extended:gaussian): ${keysOf(camMethods).join(", ")}`,
  },
  upsampling: {
    choices: keysOf(upsamplers),
    array: true,
    alias: "u",
    describe: "how the grids become pixels [bilinear, and Gaussian where its sigma is known]",
  },
  control: {
    choices: keysOf(controls),
    array: true,
    default: keysOf(controls),
    describe: "maps that do not know where the class is, made of the last method's and drawn as it is",
  },
  score,
  output,
  "score-from": camCommandOptions["score-from"],
  relu,
  masking: {
    choices: keysOf(maskings),
    array: true,
    default: keysOf(maskings),
    describe: "how a map masks the photograph",
  },
  keep: { type: "number", default: 50, describe: "percent of the pixels that relative masking keeps" },
  fill: {
    choices: keysOf(fills),
    array: true,
    default: ["black"] as const,
    describe: "what stands where the mask takes the photograph away",
  },
  confidence: {
    choices: keysOf(confidences),
    default: "probability" as const,
    describe: "what Y and O are: the class's probability, or its logit",
  },
  labels: {
    type: "string",
    describe:
      'explain the labeled class, not the predicted one: a file with lines "image,class" (index or label), or the word `folders` where the class is the name of the folder',
  },
  curve: {
    choices: keysOf(curves),
    array: true,
    describe: "also the area under these curves; each costs so many masked photographs as it has steps",
  },
  steps: { type: "number", default: defaultSteps, describe: "steps of a deletion or insertion curve" },
  ...sweepOption,
  resamples: {
    type: "number",
    default: defaultResampling.resamples,
    describe: "bootstrap samples of the photographs, for the intervals",
  },
  ...camOptions,
  limit: { type: "number", describe: "use only the first N images" },
  shuffle: { type: "number", describe: "take the images in a random order, the same for the same seed" },
  restart: camCommandOptions.restart,
  out: { type: "string", describe: "folder for the results [outputs/<model>.<layer>.evaluation]" },
  ...layerOptions,
  ...preprocessingOptions,
  ...modelOptions,
} as const;
