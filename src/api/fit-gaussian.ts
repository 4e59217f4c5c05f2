import { z } from "zod";
import { fitMap } from "../fit/fit.ts";
import { jackknife } from "../fit/jackknife.ts";
import { warnedOfLogarithm } from "../fit/logarithm.ts";
import { fitChoices, type FitChoice } from "../fit/options.ts";
import type { FitResult } from "../fit/result.ts";
import { keysOf } from "../core/required.ts";
import { realMapOf, type MapLike } from "./arrays.ts";
import { checked, type OptionChecks } from "./check.ts";

/** What is fitted, and how its uncertainty is told. */
export interface FitGaussianOptions {
  /** What is fitted: one of the models, all of them beside the paper's (`auto`), or what OpenERF would give (`openerf`). */
  readonly model?: FitChoice | undefined;
  /** Center of the theoretical receptive field in pixels, where the fitted one is expected; a center far from it is warned of. */
  readonly theoreticalCenter?: { readonly x: number; readonly y: number } | null | undefined;
  /** Sums over blocks of photographs, as `probe` returns them: intervals are then over photographs, not over pixels. */
  readonly blocks?: readonly MapLike[] | undefined;
}

const checks: OptionChecks<FitGaussianOptions> = {
  model: z.enum(keysOf(fitChoices)).optional(),
  theoreticalCenter: z.strictObject({ x: z.number(), y: z.number() }).nullish(),
  blocks: z.array(z.custom<MapLike>()).optional(),
};

/**
 * Fits a Gaussian to a map `[height, width]` by least squares over all pixels, after division by the map's sum. Lengths are in
 * pixels, x the column and y the row, both from 0; the amplitude is a share of the map's sum. Synchronous.
 *
 * `fit` is null where no Gaussian can honestly be reported; the first of `warnings` then says why. A map that cannot be fitted
 * is no error.
 *
 * Source: Kim et al. 2021, and OpenERF, for the model; `docs/fit.md` for each number.
 *
 * @throws ErfitError for wrong arguments
 * @example
 * ```ts
 * import ndarray from "ndarray";
 * import { fitGaussian } from "erfit";
 *
 * const map = ndarray(new Float64Array(41 * 41), [41, 41]);
 * for (let y = 0; y < 41; y++)
 *   for (let x = 0; x < 41; x++) map.set(y, x, Math.exp(-((x - 20) ** 2) / 50 - (y - 18) ** 2 / 32));
 * const { fit, warnings } = fitGaussian(map);
 * console.log(fit?.sigmaX.value.toFixed(6), fit?.sigmaY.value.toFixed(6), warnings.length); // 5.000000 4.000000 0
 * ```
 */
export function fitGaussian(map: MapLike, options: FitGaussianOptions = {}): FitResult {
  const { model = "gaussian", theoreticalCenter = null, blocks } = checked("fitGaussian", checks, options);
  const fitting = { model, theoreticalCenter };
  const given = realMapOf(map, "fitGaussian: the map");
  const result = fitMap(given, fitting);
  if (blocks === undefined) return warnedOfLogarithm(given, result);
  const sums = blocks.map((block, k) => realMapOf(block, `fitGaussian: block ${k}`));
  return jackknife(sums, result, fitting);
}
