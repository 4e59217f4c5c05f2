import type { CellPositionName } from "../cam/axis-weights.ts";
import type { Gaussian } from "../cam/upsamplers.ts";
import { gaussianFor } from "../calibration/gaussian.ts";
import { readCalibration } from "../calibration/read.ts";
import type { Subject } from "../calibration/subject.ts";
import type { Layer } from "../runtime/layers.ts";
import { ErfitError } from "../core/error.ts";
import { numbers } from "./options.ts";

/** A width of the Gaussian without a calibration, or in place of the calibration's. */
export const sigmaOption = {
  sigma: {
    type: "string",
    describe: "sigma_X,sigma_Y of Gaussian upsampling in pixels, or one number for both [the calibration's]",
  },
} as const;

interface GaussianArguments {
  readonly calibration?: string | undefined;
  readonly anyCalibration: boolean;
  readonly sigma?: string | undefined;
  readonly position: CellPositionName;
  readonly normalizeKernel: boolean;
}

/** Two sigmas in pixels. @throws ErfitError that names the option */
function sigmasFrom(option: string, text: string): readonly [sigmaX: number, sigmaY: number] {
  const [sigmaX = NaN, sigmaY = sigmaX, ...more] = numbers(option, text);
  if (more.length > 0 || !(sigmaX > 0 && sigmaY > 0 && Number.isFinite(sigmaX + sigmaY)))
    throw new ErfitError(`--${option} ${text}: expected one or two numbers of pixels above 0`);
  return [sigmaX, sigmaY];
}

/** The Gaussian that the user means: the calibration's, with its sigmas replaced where they are given. */
export async function gaussianFrom(
  { calibration, anyCalibration, sigma, position, normalizeKernel }: GaussianArguments,
  subject: Subject,
  layer: Layer,
): Promise<Gaussian | undefined> {
  const choice = {
    calibration: calibration === undefined ? undefined : await readCalibration(calibration),
    name: calibration ?? "",
    anyCalibration,
    sigmas: sigma === undefined ? undefined : sigmasFrom("sigma", sigma),
    position,
    normalize: normalizeKernel,
  };
  return gaussianFor(choice, subject, layer);
}
