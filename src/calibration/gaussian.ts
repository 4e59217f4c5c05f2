import type { CellPositionName } from "../cam/axis-weights.ts";
import type { GaussianSpread, Gaussian } from "../cam/upsamplers.ts";
import { ErfitError, optionText } from "../core/error.ts";
import type { Warning } from "../fit/result.ts";
import { fitFor, type CalibratedPart, type UsableFit } from "./read.ts";
import type { Calibration } from "./schema.ts";

/** What Gaussian upsampling takes from a calibration. */
export function spreadOf(
  fit: UsableFit,
  { cell: [row, column], stride: [strideY, strideX] }: Calibration["layer"],
  position: CellPositionName,
  normalize: boolean,
): GaussianSpread {
  return {
    sigmaX: fit.sigmaX.value,
    sigmaY: fit.sigmaY.value,
    position,
    normalize,
    anchor: {
      x: { cell: column, center: fit.centerX.value, stride: strideX },
      y: { cell: row, center: fit.centerY.value, stride: strideY },
    },
  };
}

/** Where Gaussian upsampling takes its widths and the cells' places from. */
interface GaussianChoice {
  readonly calibration: Calibration | undefined;
  /** What errors call the calibration: its file. */
  readonly name: string;
  /** Whether the calibration may be of another model, layer or preprocessing. */
  readonly anyCalibration: boolean;
  /** In place of the calibration's, or without one; pixels. */
  readonly sigmas: readonly [sigmaX: number, sigmaY: number] | undefined;
  readonly position: CellPositionName;
  readonly normalize: boolean;
}

/** The Gaussian that maps are drawn with; undefined where no sigma is known. */
export interface ChosenGaussian {
  readonly gaussian: Gaussian | undefined;
  /** What to know before its sigma is used here. */
  readonly warnings: readonly Warning[];
}

/**
 * The Gaussian of a choice: the calibration's, with its sigmas replaced where they are given; undefined without either.
 * @throws ErfitError where the calibration is not of this model, layer and preprocessing, or holds no Gaussian
 */
export function gaussianFor(
  { calibration, name, anyCalibration, sigmas, position, normalize }: GaussianChoice,
  part: CalibratedPart,
): ChosenGaussian {
  if (calibration !== undefined) {
    const { fit, warnings } = fitFor(calibration, name, part, anyCalibration);
    const spread = spreadOf(fit, calibration.layer, position, normalize);
    const [sigmaX, sigmaY] = sigmas ?? [spread.sigmaX, spread.sigmaY];
    return { gaussian: { by: "gaussian", ...spread, sigmaX, sigmaY }, warnings };
  }
  return {
    gaussian: sigmas === undefined ? undefined : uncalibrated(sigmas, position, normalize),
    warnings: [],
  };
}

/** A Gaussian of given widths. @throws ErfitError for a position that needs a calibration */
export function uncalibrated(
  [sigmaX, sigmaY]: readonly [sigmaX: number, sigmaY: number],
  position: CellPositionName,
  normalize: boolean,
): Gaussian {
  if (position === "calibrated")
    throw new ErfitError(
      `${optionText("position", "calibrated")} needs a calibration: its fitted center locates the cells`,
      { remedy: `pass one with ${optionText("calibration")}, or choose the position paper or center` },
    );
  const unread = { cell: 0, center: 0, stride: 1 };
  return { by: "gaussian", sigmaX, sigmaY, position, normalize, anchor: { x: unread, y: unread } };
}
