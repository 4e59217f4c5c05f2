import { z } from "zod";
import { gaussianFor, type ChosenGaussian } from "../../calibration/gaussian.ts";
import { readCalibration } from "../../calibration/read.ts";
import type { Calibration } from "../../calibration/schema.ts";
import { cellPositions } from "../../cam/axis-weights.ts";
import { keysOf } from "../../core/required.ts";
import type { Warning } from "../../fit/result.ts";
import type { Layer } from "../../runtime/layers.ts";
import type { Context } from "../context.ts";
import { flag, numbersFromText, oneOf, option, type CheckedOptions } from "../option.ts";
import type { OpenModel } from "./model.ts";

/** Standard deviations of a Gaussian along the columns (x) and along the rows (y), in pixels. */
export interface Sigmas {
  readonly sigmaX: number;
  readonly sigmaY: number;
}

const sigmaWords = "expected sigma_X and sigma_Y, or one number for both, in pixels above 0";
const sigma = z.number(sigmaWords).gt(0, sigmaWords);

export const sigmas: z.ZodType<Sigmas> = z.strictObject({ sigmaX: sigma, sigmaY: sigma }, sigmaWords);

const isCalibration = (given: unknown): boolean =>
  typeof given === "object" && given !== null && "format" in given && given.format === "erfit-calibration";

export const calibrationRecord = z.custom<Calibration>(
  isCalibration,
  "expected a calibration, as calibrate returns one",
);

/** A calibration, or the path of its file. */
const calibration = z.custom<Calibration | string>(
  (given) => typeof given === "string" || isCalibration(given),
  "expected a calibration, or the path of a calibration.json",
);

const sigmasFromText = (text: string): unknown => {
  const [sigmaX, sigmaY = sigmaX, ...more] = numbersFromText(text);
  return more.length > 0 ? text : { sigmaX, sigmaY };
};

/** Where the cells are, and what becomes of the sum of their kernels. */
export const positionOptions = {
  position: option(oneOf(keysOf(cellPositions)), {
    group: "method",
    default: "paper",
    describe: "where Gaussian upsampling puts the cells",
  }),
  normalizeKernel: option(flag, {
    group: "method",
    default: false,
    describe: "divide Gaussian upsampling by its kernel sum at each pixel",
  }),
} as const;

/** Where Gaussian upsampling takes its widths and the places of the cells from. */
export const gaussianOptions = {
  calibration: option(calibration, {
    group: "method",
    alias: "c",
    describe: "calibration.json of this model, layer and preprocessing",
  }),
  anyCalibration: option(flag, {
    group: "advanced",
    default: false,
    describe: "use a calibration of another model, layer or preprocessing, with a warning",
  }),
  sigma: option(sigmas, {
    group: "method",
    describe: "sigma_X,sigma_Y of Gaussian upsampling in pixels, or one number for both",
    otherwise: "the calibration's",
    fromText: sigmasFromText,
  }),
  ...positionOptions,
} as const;

/** How errors and records call a calibration that was given: its file, where it has one. */
export const calibrationName = (given: Calibration | string | undefined): string | null =>
  given === undefined ? null : typeof given === "string" ? given : "the calibration";

/**
 * The Gaussian that is meant: the calibration's, with its sigmas replaced where they are given; undefined without either.
 * @throws ErfitError where the calibration is not of this model, layer and preprocessing, or holds no Gaussian
 */
export async function gaussianOf(
  {
    calibration: given,
    anyCalibration,
    sigma: widths,
    position,
    normalizeKernel,
  }: CheckedOptions<typeof gaussianOptions>,
  { model, preprocessing }: OpenModel,
  layer: Layer,
): Promise<ChosenGaussian> {
  const choice = {
    calibration: typeof given === "string" ? await readCalibration(given) : given,
    name: calibrationName(given) ?? "",
    anyCalibration,
    sigmas: widths && ([widths.sigmaX, widths.sigmaY] as const),
    position,
    normalize: normalizeKernel,
  };
  return gaussianFor(choice, { model, layer, preprocessing: preprocessing() });
}

/** Warnings of what is going to be drawn, as people read them; records hold them too. */
export const remarkWarnings = (warnings: readonly Warning[], { info }: Context): void => {
  for (const { code, message } of warnings) info(`warning ${code}: ${message}`);
};
