import { z } from "zod";
import { cellPositions, type CellPositionName } from "../cam/positions.ts";
import type { Gaussian } from "../cam/upsamplers.ts";
import { gaussianFor } from "../calibration/gaussian.ts";
import type { Calibration } from "../calibration/schema.ts";
import type { Layer } from "../runtime/layers.ts";
import { keysOf } from "../core/required.ts";
import type { OptionChecks } from "./check.ts";
import type { ModelHandle } from "./model.ts";

/** Standard deviations of a Gaussian along the columns (x) and along the rows (y), in pixels. */
export interface Sigmas {
  readonly sigmaX: number;
  readonly sigmaY: number;
}

/** Where Gaussian upsampling takes its widths and the cells' places from. */
export interface SpreadOptions {
  /** A calibration of this model and layer. */
  readonly calibration?: Calibration | undefined;
  /** Use a calibration of another model or layer. */
  readonly anyCalibration?: boolean | undefined;
  /** Widths in place of the calibration's, or without one; pixels. */
  readonly sigma?: Sigmas | undefined;
  /** Where the cells lie: `paper` (Eq. 4, the default), `center` of their share of the image, or as `calibrated`. */
  readonly position?: CellPositionName | undefined;
  /** `plain`, as in Eq. 4 (the default), or `normalized`: divided at each pixel by the sum of the kernels. */
  readonly kernelSum?: KernelSum | undefined;
}

/** What becomes of the sum of the kernels at a pixel, which falls off towards the borders. */
export type KernelSum = (typeof kernelSums)[number];
const kernelSums = ["plain", "normalized"] as const;

const sigma = z.number().gt(0);
export const sigmasCheck = z.strictObject(
  { sigmaX: sigma, sigmaY: sigma },
  "expected { sigmaX, sigmaY } in pixels",
);

const isCalibration = (given: unknown): boolean =>
  typeof given === "object" && given !== null && "format" in given && given.format === "erfit-calibration";

export const calibrationCheck = z.custom<Calibration>(
  isCalibration,
  "expected a calibration, as calibrate or readCalibration returns one",
);

export const positionCheck = z.enum(keysOf(cellPositions));
export const kernelSumCheck = z.enum(kernelSums);

export const spreadChecks: OptionChecks<SpreadOptions> = {
  calibration: calibrationCheck.optional(),
  anyCalibration: z.boolean().optional(),
  sigma: sigmasCheck.optional(),
  position: positionCheck.optional(),
  kernelSum: kernelSumCheck.optional(),
};

/** @throws ErfitError where the calibration is not of this model and layer, or holds no Gaussian */
export const gaussianIn = (
  {
    calibration,
    anyCalibration = false,
    sigma: given,
    position = "paper",
    kernelSum = "plain",
  }: SpreadOptions,
  { subject }: Pick<ModelHandle, "subject">,
  layer: Layer,
): Gaussian | undefined =>
  gaussianFor(
    {
      calibration,
      name: "the calibration",
      anyCalibration,
      sigmas: given && [given.sigmaX, given.sigmaY],
      position,
      normalize: kernelSum === "normalized",
    },
    subject,
    layer,
  );
