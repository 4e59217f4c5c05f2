import type { CellPositionName } from "../cam/axis-weights.ts";
import type { Gaussian } from "../cam/upsamplers.ts";
import type { Layer } from "../runtime/layers.ts";
import { ErfitError } from "../core/error.ts";
import { fitFor, presentFit } from "./read.ts";
import type { Calibration } from "./schema.ts";
import { spreadOf } from "./spread.ts";
import type { Subject } from "./subject.ts";

/** What Gaussian upsampling is to take its widths and the cells' places from. */
export interface GaussianChoice {
  readonly calibration: Calibration | undefined;
  /** How errors call the calibration: its file. */
  readonly name: string;
  /** Whether the calibration may be of another model or layer. */
  readonly anyCalibration: boolean;
  /** In place of the calibration's, or without one; pixels. */
  readonly sigmas: readonly [sigmaX: number, sigmaY: number] | undefined;
  readonly position: CellPositionName;
  readonly normalize: boolean;
}

/**
 * The Gaussian that is meant: the calibration's, with its sigmas replaced where they are given; undefined without either.
 * @throws ErfitError where the calibration is not of this model and layer, or holds no Gaussian
 */
export function gaussianFor(
  { calibration, name, anyCalibration, sigmas, position, normalize }: GaussianChoice,
  subject: Subject,
  layer: Layer,
): Gaussian | undefined {
  if (calibration !== undefined) {
    const fit = anyCalibration
      ? presentFit(calibration.fit, name)
      : fitFor(calibration, name, subject, layer);
    const spread = spreadOf(fit, calibration.layer, position, normalize);
    const [sigmaX, sigmaY] = sigmas ?? [spread.sigmaX, spread.sigmaY];
    return { by: "gaussian", ...spread, sigmaX, sigmaY };
  }
  return sigmas === undefined ? undefined : uncalibrated(sigmas, position, normalize);
}

/** A Gaussian of given widths. @throws ErfitError for a position that only a calibration tells */
export function uncalibrated(
  [sigmaX, sigmaY]: readonly [sigmaX: number, sigmaY: number],
  position: CellPositionName,
  normalize: boolean,
): Gaussian {
  if (position === "calibrated")
    throw new ErfitError(
      "--position calibrated needs a calibration: its fitted center says where the cells lie",
      { remedy: "pass one with --calibration, or choose --position paper or center" },
    );
  const unread = { cell: 0, center: 0, stride: 1 };
  return { by: "gaussian", sigmaX, sigmaY, position, normalize, anchor: { x: unread, y: unread } };
}
