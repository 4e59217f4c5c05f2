import type { CamColumn } from "../../cam/columns.ts";
import { controls } from "../../cam/controls.ts";
import { camMethods, type CamMethodName } from "../../cam/methods.ts";
import { normalizations } from "../../cam/normalizations.ts";
import { camOptions, defaultCamOptions, type CamOptions } from "../../cam/options.ts";
import { cellPositions, type CellPositionName } from "../../cam/axis-weights.ts";
import { upsamplers } from "../../cam/upsamplers.ts";
import { ErfitError } from "../../core/error.ts";
import { colorScales, type ColorScaleName } from "../../report/color.ts";
import { writings, type WritingName } from "./names.ts";
import { keysOf } from "../../core/records.ts";
import { layerOptions, modelOptions, preprocessingOptions, wholeNumber } from "../options.ts";
import { outputOption, scoreFromOption } from "../scores.ts";
import { sigmaOption } from "../sigma.ts";

const sheetRowsByDefault = 12;

export const camCommandOptions = {
  calibration: { type: "string", alias: "c", describe: "calibration.json of this model and layer" },
  "any-calibration": {
    type: "boolean",
    default: false,
    describe: "use a calibration of another model or layer",
  },
  ...sigmaOption,
  method: {
    type: "string",
    array: true,
    default: ["extended"],
    alias: "m",
    describe: `method, or several, each with an upsampling of its own if need be (extended:gaussian): ${keysOf(camMethods).join(", ")}`,
  },
  upsampling: {
    choices: keysOf(upsamplers),
    array: true,
    alias: "u",
    describe:
      "how the grid becomes pixels; of several, each [Gaussian for Extended-CAM with a calibration, else bilinear]",
  },
  position: {
    choices: keysOf(cellPositions),
    default: "paper" as const,
    describe: "where Gaussian upsampling puts the cells",
  },
  "normalize-kernel": {
    type: "boolean",
    default: false,
    describe: "divide Gaussian upsampling by its kernel sum",
  },
  control: {
    choices: keysOf(controls),
    array: true,
    describe: "maps beside each method's that do not know where the class is",
  },
  class: {
    type: "string",
    array: true,
    describe: "classes to explain, by index or label; top5 for the five highest scores [the predicted one]",
  },
  score: {
    choices: ["logit", "probability"] as const,
    default: "logit" as const,
    describe: "what the methods explain of a class",
  },
  ...outputOption,
  ...scoreFromOption,
  relu: {
    type: "boolean",
    describe: "negative cells become zero, or with --no-relu stay, in all methods [as each method has it]",
  },
  normalize: {
    choices: keysOf(normalizations),
    default: "none" as const,
    describe: "how the values of the maps are scaled",
  },
  ...camOptions,
  write: {
    choices: [...keysOf(writings), "none"] as const,
    array: true,
    default: keysOf(writings),
    describe: `what to write of each image: ${keysOf(writings)
      .map((kind) => `${kind} (${writings[kind].what})`)
      .join(", ")}`,
  },
  sheet: { type: "boolean", default: false, describe: "also one sheet of images and methods, PNG and SVG" },
  "sheet-rows": {
    type: "number",
    default: sheetRowsByDefault,
    describe: "rows of the sheet at most; the images after them are not on it",
  },
  "color-scale": {
    choices: keysOf(colorScales),
    default: "own" as const,
    describe: "which maps of the sheet share the values at the ends of their colors",
  },
  restart: {
    type: "boolean",
    default: false,
    describe: "begin anew in a folder where a run was stopped, instead of going on",
  },
  out: { type: "string", default: "outputs/cam", describe: "folder for the results" },
  ...layerOptions,
  ...preprocessingOptions,
  ...modelOptions,
} as const;

/** The methods' own options, checked. */
export function camOptionsFrom(given: CamOptions): CamOptions {
  if (!(given.noise >= 0 && Number.isFinite(given.noise)))
    throw new ErfitError(`--noise: expected a standard deviation of 0 or more; found ${given.noise}`);
  if (!(given.plusPlusEpsilon >= 0 && Number.isFinite(given.plusPlusEpsilon)))
    throw new ErfitError(
      `--plus-plus-epsilon: expected a number of 0 or more; found ${given.plusPlusEpsilon}`,
    );
  return {
    noiseSamples: wholeNumber("noise-samples", given.noiseSamples, 1),
    noise: given.noise,
    noiseUnit: given.noiseUnit,
    plusPlusEpsilon: given.plusPlusEpsilon,
    pixelWeights: given.pixelWeights,
    scoreMask: given.scoreMask,
    ablateTo: given.ablateTo,
    eigenSign: given.eigenSign,
    seed: wholeNumber("seed", given.seed, 0),
  };
}

/** Who reads an option of the methods, in words and as a test of a column. */
interface Readers {
  readonly who: string;
  readonly read: (column: CamColumn) => boolean;
}

const methods = (...names: readonly CamMethodName[]): Readers => ({
  who: names.map((name) => camMethods[name].title).join(" and "),
  read: ({ method }) => names.includes(method),
});

const smooth = methods("smooth-grad-cam++");

const readers: { readonly [K in keyof CamOptions]: Readers } = {
  noiseSamples: smooth,
  noise: smooth,
  noiseUnit: smooth,
  plusPlusEpsilon: methods("grad-cam++", "smooth-grad-cam++"),
  pixelWeights: smooth,
  scoreMask: methods("score-cam"),
  ablateTo: methods("ablation-cam"),
  eigenSign: methods("eigencam", "eigengradcam"),
  seed: {
    who: `${smooth.who} and the controls`,
    read: (column) => column.control !== null || smooth.read(column),
  },
};

interface UsedArguments extends CamOptions {
  readonly calibration?: string | undefined;
  readonly anyCalibration: boolean;
  readonly sigma?: string | undefined;
  readonly position: CellPositionName;
  readonly normalizeKernel: boolean;
  readonly sheet: boolean;
  readonly sheetRows: number;
  readonly colorScale: ColorScaleName;
}

/** @throws ErfitError for an option that nothing asked for would read */
export function refuseUnread(given: UsedArguments, columns: readonly CamColumn[]): void {
  const refuse = (option: string, who: string): never => {
    throw new ErfitError(`--${option} is for ${who}: nothing here would read it`);
  };
  for (const key of keysOf(readers)) {
    const { who, read } = readers[key];
    if (given[key] !== defaultCamOptions[key] && !columns.some(read)) refuse(kebab(key), who);
  }
  if (!columns.some(({ upsampling }) => upsampling.by === "gaussian")) {
    if (given.position !== "paper") refuse("position", "Gaussian upsampling");
    if (given.normalizeKernel) refuse("normalize-kernel", "Gaussian upsampling");
    if (given.sigma !== undefined) refuse("sigma", "Gaussian upsampling");
  }
  if (given.anyCalibration && given.calibration === undefined) refuse("any-calibration", "--calibration");
  if (!given.sheet) {
    if (given.sheetRows !== sheetRowsByDefault) refuse("sheet-rows", "--sheet");
    if (given.colorScale !== "own") refuse("color-scale", "--sheet");
  }
}

const kebab = (key: string): string => key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/** The kinds of files to write. @throws ErfitError for "none" beside others */
export function writingsFrom(given: readonly (WritingName | "none")[]): readonly WritingName[] {
  const kinds = given.flatMap((kind) => (kind === "none" ? [] : [kind]));
  if (kinds.length > 0 && kinds.length < given.length)
    throw new ErfitError(`--write ${given.join(" ")}: none stands alone`);
  return [...new Set(kinds)];
}
