import type { Upsampling } from "../cam/upsamplers.ts";
import type { Subject } from "../calibration/subject.ts";
import type { Layer } from "../engine/layers.ts";
import { ErfitError } from "../math/error.ts";
import { gaussianFrom } from "./cam-columns.ts";
import { numbers } from "./options.ts";

/** A width of the Gaussian without a calibration, or in place of the calibration's. */
export const sigmaOption = {
  sigma: {
    type: "string",
    describe: "sigma_X,sigma_Y of Gaussian upsampling in pixels, or one number for both [the calibration's]",
  },
} as const;

type GaussianArguments = Parameters<typeof gaussianFrom>[0] & { readonly sigma?: string | undefined };

/** Two sigmas in pixels. @throws ErfitError that names the option */
function sigmasFrom(option: string, text: string): readonly [sigmaX: number, sigmaY: number] {
  const [sigmaX = NaN, sigmaY = sigmaX, ...more] = numbers(option, text);
  if (more.length > 0 || !(sigmaX > 0 && sigmaY > 0 && Number.isFinite(sigmaX + sigmaY)))
    throw new ErfitError(`--${option} ${text}: expected one or two numbers of pixels above 0`);
  return [sigmaX, sigmaY];
}

/** The Gaussian that the user means: the calibration's, with its sigmas replaced where they are given. */
export async function gaussianWith(
  given: GaussianArguments,
  subject: Subject,
  layer: Layer,
): Promise<Upsampling | undefined> {
  const calibrated = await gaussianFrom(given, subject, layer);
  if (given.sigma === undefined) return calibrated;
  const [sigmaX, sigmaY] = sigmasFrom("sigma", given.sigma);
  if (calibrated?.by === "gaussian") return { ...calibrated, sigmaX, sigmaY };
  if (given.position === "calibrated")
    throw new ErfitError(
      "--position calibrated needs a calibration: its fitted centre says where the cells lie",
      {
        remedy: "pass one with --calibration, or choose --position paper or centre",
      },
    );
  const unread = { cell: 0, centre: 0, stride: 1 };
  return {
    by: "gaussian",
    sigmaX,
    sigmaY,
    position: given.position,
    normalise: given.normaliseKernel,
    anchor: { x: unread, y: unread },
  };
}
