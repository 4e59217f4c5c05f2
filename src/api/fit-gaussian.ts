import { ErfitError } from "../core/error.ts";
import { realMapOf, type MapLike } from "../tasks/arrays.ts";
import { checkedOptions } from "../tasks/check.ts";
import { fitTaskOptions, fitted, type FittedMap } from "../tasks/fit.ts";
import type { GivenOptions } from "../tasks/option.ts";

/** What is fitted, and where its uncertainty comes from. */
export interface FitGaussianOptions extends GivenOptions<typeof fitTaskOptions> {
  /** Sums over blocks of photographs, as `probe` returns them: intervals are then over photographs, not over pixels. */
  readonly blocks?: readonly MapLike[] | undefined;
}

/**
 * Fits a Gaussian to a map `[height, width]` by least squares over all pixels, after division by the map's sum. Lengths are in
 * pixels, x the column and y the row, both from 0; the amplitude is a share of the map's sum, which is `mapSum`. Synchronous.
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
export function fitGaussian(map: MapLike, options: FitGaussianOptions = {}): FittedMap {
  if (typeof options !== "object" || (options as unknown) === null) checkedOptions(fitTaskOptions, options); // throws
  const { blocks, ...given } = options;
  const checked = checkedOptions(fitTaskOptions, given, "fitGaussian");
  if (blocks !== undefined && !Array.isArray(blocks))
    throw new ErfitError("fitGaussian: option blocks: expected an array of maps");
  return fitted(
    realMapOf(map, "fitGaussian: the map"),
    checked,
    blocks?.map((block, k) => realMapOf(block, `fitGaussian: block ${k}`)),
  );
}
