import { squaresAround } from "../math/statistics.ts";
import type { RealMap } from "../math/tensor.ts";
import { gaussianParameters } from "./gaussian.ts";
import { aicOf, aicOfConstant, goodnessOf } from "./goodness.ts";
import { normalised } from "./grid.ts";
import { findMinima, type Minima } from "./minima.ts";
import { models } from "./models.ts";
import type { Minimum } from "./newton.ts";
import { defaultFitOptions, type FitOptions } from "./options.ts";
import { fitGates } from "./fit-gates.ts";
import { evidenceOf, mapGates } from "./map-gates.ts";
import { judge } from "./quality.ts";
import type { FitResult, GaussianFit, SecondMinimum } from "./result.ts";
import { uncertaintyOf } from "./uncertainty.ts";

/**
 * Fit a Gaussian to a map `[height, width]` by unweighted least squares over all pixels, after division by the map's sum.
 * The result is the best minimum that lies in the domain (amplitude > 0, centre within one image of the map, sigma at most
 * ten images), to rounding; it is never clipped at a bound. Lengths are in pixels, x the column and y the row from 0.
 * `fit` is null where a fit would mislead; a degenerate map is no exception, its warning says what it means.
 */
export function fitMap(map: RealMap, options: Partial<FitOptions> = {}): FitResult {
  const resolved: FitOptions = { ...defaultFitOptions, ...options };
  const before = judge(mapGates, evidenceOf(map));
  if (before.refused) return { fit: null, warnings: before.warnings };
  const shares = normalised(map);
  const found = findMinima(shares, models[resolved.model], resolved);
  const fit = describe(shares, found);
  const { gaussian } = found.minima[0]?.point ?? {};
  const after = judge(fitGates, {
    shape: map.shape,
    gaussian,
    fit,
    gainOverConstant: gainOverConstant(shares, found),
    outside: found.outside,
  });
  return { fit: after.refused ? null : (fit ?? null), warnings: after.warnings };
}

/** The best minimum as a fit; undefined where there is none, or where its parameters cannot be told apart. */
function describe(map: RealMap, { minima }: Minima): GaussianFit | undefined {
  const [best] = minima;
  const uncertainty = best && uncertaintyOf(best.point, map.data.length);
  if (best === undefined || uncertainty === undefined) return undefined;
  const { point, iterations, converged } = best;
  const { standardErrors, correlation, intervals } = uncertainty;
  const second = secondMinimum(map, minima);
  return {
    model: "gaussian",
    ...gaussianParameters((i) => ({
      value: point.vector[i] ?? Number.NaN,
      standardError: standardErrors[i] ?? Number.NaN,
      interval95: intervals[i] ?? [Number.NaN, Number.NaN],
    })),
    ...goodnessOf(map, point.gaussian, point.vector.length),
    correlation: gaussianParameters((i) => gaussianParameters((j) => correlation[i]?.[j] ?? Number.NaN)),
    iterations,
    converged,
    relativeOffset: point.relativeOffset,
    ...(second && { secondMinimum: second }),
    intervalSource: "pixels",
  };
}

/** A second minimum is told when it explains at least this share of what the best one explains, in half-pixel sigmas or more. */
const comparable = { share: 0.25, sigma: 0.5 } as const;

function secondMinimum(map: RealMap, [best, ...others]: Minima["minima"]): SecondMinimum | undefined {
  const all = squaresAround(map.data, 0);
  const explained = (minimum: Minimum | undefined): number => all - (minimum?.point.sumOfSquares ?? all);
  const second = others.find(
    (other) =>
      other.converged &&
      Math.min(other.point.gaussian.sigmaX, other.point.gaussian.sigmaY) >= comparable.sigma &&
      explained(other) >= comparable.share * explained(best),
  );
  return second && { ...second.point.gaussian, sumOfSquares: second.point.sumOfSquares };
}

/** How much better (AIC) the best point found, in the domain or outside, describes the map than its mean does. */
function gainOverConstant(map: RealMap, { minima, outside }: Minima): number {
  const points = [...minima.map(({ point }) => point), ...(outside ? [outside] : [])];
  const scores = points.map(({ sumOfSquares, vector }) =>
    aicOf(sumOfSquares, map.data.length, vector.length),
  );
  return aicOfConstant(map) - Math.min(Number.POSITIVE_INFINITY, ...scores);
}
