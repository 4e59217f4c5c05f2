import type { NdArray } from "ndarray";
import { z } from "zod";
import type { CellPositionName } from "../cam/positions.ts";
import { upsample as upsampled, upsamplers, type UpsamplerName, type Upsampling } from "../cam/upsamplers.ts";
import { uncalibrated } from "../calibration/gaussian.ts";
import { presentFit } from "../calibration/read.ts";
import type { Calibration } from "../calibration/schema.ts";
import { spreadOf } from "../calibration/spread.ts";
import { ErfitError } from "../core/error.ts";
import { keysOf } from "../core/required.ts";
import { arrayOf, realMapOf, type MapLike } from "./arrays.ts";
import { checked, type OptionChecks } from "./check.ts";
import {
  calibrationCheck,
  kernelSumCheck,
  positionCheck,
  sigmasCheck,
  type KernelSum,
  type Sigmas,
} from "./spread-options.ts";

/** How cells become pixels. */
export interface UpsampleOptions {
  /** `bilinear` by default; `gaussian` where a sigma is given. */
  readonly upsampler?: UpsamplerName | undefined;
  /** Widths of the Gaussian in pixels of the result, or the calibration that has them. */
  readonly sigma?: Calibration | Sigmas | undefined;
  /** Where Gaussian upsampling puts the cells: `paper` (Eq. 4, the default), `center`, or as `calibrated`. */
  readonly position?: CellPositionName | undefined;
  /** `plain`, as in Eq. 4 (the default), or `normalized`: divided at each pixel by the sum of the kernels. */
  readonly kernelSum?: KernelSum | undefined;
}

const checks: OptionChecks<UpsampleOptions> = {
  upsampler: z.enum(keysOf(upsamplers)).optional(),
  sigma: z.union([sigmasCheck, calibrationCheck]).optional(),
  position: positionCheck.optional(),
  kernelSum: kernelSumCheck.optional(),
};

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
 * const smooth = upsample(grid, [32, 48], { upsampler: "bilinear" });
 * const sprayed = upsample(grid, [32, 48], { upsampler: "gaussian", sigma: { sigmaX: 8, sigmaY: 6 }, position: "center" });
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
  return arrayOf(upsampled(cells, pixels, upsamplingOf(checked("upsample", checks, options))));
}

const extent = z.int().min(1);
const sizeCheck = z.tuple([extent, extent]);

function requireSize(size: readonly number[]): readonly [height: number, width: number] {
  const { data } = sizeCheck.safeParse(size);
  if (data !== undefined) return data;
  throw new ErfitError("upsample: the size must be [height, width] in pixels, two whole numbers above 0");
}

function upsamplingOf({ sigma, upsampler, position = "paper", kernelSum }: UpsampleOptions): Upsampling {
  const by = upsampler ?? (sigma === undefined ? "bilinear" : "gaussian");
  if (by !== "gaussian") return { by };
  const normalize = kernelSum === "normalized";
  if (sigma === undefined)
    throw new ErfitError("upsample: the upsampler gaussian needs a sigma", {
      remedy: "give a calibration, or { sigmaX, sigmaY } in pixels, as the option sigma",
    });
  if (!("format" in sigma)) return uncalibrated([sigma.sigmaX, sigma.sigmaY], position, normalize);
  const fit = presentFit(sigma.fit, "upsample: the calibration");
  return { by, ...spreadOf(fit, sigma.layer, position, normalize) };
}
