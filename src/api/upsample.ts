import type { NdArray } from "ndarray";
import { z } from "zod";
import { uncalibrated, spreadOf } from "../calibration/gaussian.ts";
import { presentFit } from "../calibration/read.ts";
import type { Calibration } from "../calibration/schema.ts";
import { upsample as upsampled, upsamplers, type Upsampling } from "../cam/upsamplers.ts";
import { ErfitError } from "../core/error.ts";
import { keysOf } from "../core/required.ts";
import { arrayOf, realMapOf, type MapLike } from "../tasks/arrays.ts";
import { checkedOptions } from "../tasks/check.ts";
import { oneOf, option, type CheckedOptions, type GivenOptions } from "../tasks/option.ts";
import { calibrationRecord, positionOptions, sigmas } from "../tasks/options/gaussian.ts";

export const upsampleOptions = {
  upsampling: option(oneOf(keysOf(upsamplers)), {
    group: "method",
    describe: "how cells become pixels",
    otherwise: "gaussian where a sigma is given, else bilinear",
  }),
  sigma: option(z.union([sigmas, calibrationRecord]) as z.ZodType<z.infer<typeof sigmas> | Calibration>, {
    group: "method",
    describe: "sigmaX and sigmaY of the Gaussian in pixels of the result, or the calibration that has them",
  }),
  ...positionOptions,
} as const;

/** How cells become pixels. */
export interface UpsampleOptions extends GivenOptions<typeof upsampleOptions> {}

/**
 * Draws a grid of cells `[rows, columns]` as a map of `[height, width]` pixels. Signed, in the grid's unit; nothing is
 * normalized but, where asked, the kernels. Synchronous.
 *
 * Source: Kim et al. 2021, Eq. 4, for `gaussian`; the others follow PyTorch's `interpolate`.
 *
 * @throws ErfitError for wrong arguments, and for a Gaussian without a sigma
 * @example
 * ```ts
 * import { upsample } from "erfit";
 *
 * const grid = [[0, 1], [2, 3]];
 * const smooth = upsample(grid, [32, 48], { upsampling: "bilinear" });
 * const sprayed = upsample(grid, [32, 48], { upsampling: "gaussian", sigma: { sigmaX: 8, sigmaY: 6 }, position: "center" });
 * console.log(smooth.shape, smooth.get(31, 47), sprayed.get(31, 47)); // [ 32, 48 ] 3 …
 * ```
 */
export function upsample(
  grid: MapLike,
  size: readonly [height: number, width: number],
  options: UpsampleOptions = {},
): NdArray<Float64Array> {
  const cells = realMapOf(grid, "upsample: the grid");
  const pixels = requireSize(size);
  const checked = checkedOptions(upsampleOptions, options, "upsample");
  return arrayOf(upsampled(cells, pixels, upsamplingOf(checked)));
}

const extent = z.int().min(1);
const sizeCheck = z.tuple([extent, extent]);

function requireSize(size: readonly number[]): readonly [height: number, width: number] {
  const { data } = sizeCheck.safeParse(size);
  if (data !== undefined) return data;
  throw new ErfitError("upsample: the size must be [height, width] in pixels, two whole numbers above 0");
}

function upsamplingOf({
  sigma,
  upsampling,
  position,
  normalizeKernel,
}: CheckedOptions<typeof upsampleOptions>): Upsampling {
  const by = upsampling ?? (sigma === undefined ? "bilinear" : "gaussian");
  if (by !== "gaussian") return { by };
  if (sigma === undefined)
    throw new ErfitError("upsample: Gaussian upsampling needs a sigma", {
      remedy: "give a calibration, or { sigmaX, sigmaY } in pixels, as the option sigma",
    });
  if (!("format" in sigma)) return uncalibrated([sigma.sigmaX, sigma.sigmaY], position, normalizeKernel);
  const fit = presentFit(sigma.fit, "upsample: the calibration");
  return { by, ...spreadOf(fit, sigma.layer, position, normalizeKernel) };
}
