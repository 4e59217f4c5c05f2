import type { EstimateName } from "./estimates.ts";
import { goodnessOf } from "./goodness.ts";
import { gaussianCoordinates, type Model } from "./model.ts";
import { models, type ModelName } from "./models.ts";
import type { Minimum } from "./newton.ts";
import type { Point } from "./point.ts";
import type { Estimate, Estimates, GaussianFit, SecondMinimum } from "./result.ts";
import type { Target } from "./target.ts";
import { studentIntervals, uncertaintyOf } from "./uncertainty.ts";

/**
 * A minimum as a fit, with the best of the comparable ones beside it; undefined where its
 * parameters cannot be told apart.
 */
export function describe(
  target: Target,
  name: ModelName,
  best: Minimum,
  [second]: readonly Minimum[],
): GaussianFit | undefined {
  const model: Model = models[name];
  const { point, iterations, converged } = best;
  const { pixels } = target;
  const uncertainty = uncertaintyOf(model, point, pixels);
  if (uncertainty === undefined) return undefined;
  const { values, standardErrors, correlation } = uncertainty;
  const intervals = studentIntervals(values, standardErrors, pixels - model.free.length);
  return {
    model: name,
    ...estimatesOf(model, (i) => ({
      value: values[i] ?? Number.NaN,
      standardError: standardErrors[i] ?? Number.NaN,
      interval95: intervals[i] ?? [Number.NaN, Number.NaN],
    })),
    ...goodnessOf(target, point),
    correlation: named(model, (i) => named(model, (j) => correlation[i]?.[j] ?? Number.NaN)),
    iterations,
    converged,
    relativeOffset: point.relativeOffset,
    ...(second && { secondMinimum: secondMinimum(second.point) }),
    intervalSource: "pixels",
  };
}

const isFurther = (name: EstimateName): boolean => !gaussianCoordinates.some((own) => own === name);

/** What a model reports, from its place in the model's list. */
export function estimatesOf(model: Model, at: (place: number) => Estimate): Estimates {
  const called = (name: EstimateName): Estimate => at(model.estimates.indexOf(name));
  return {
    amplitude: called("amplitude"),
    centerX: called("centerX"),
    centerY: called("centerY"),
    sigmaX: called("sigmaX"),
    sigmaY: called("sigmaY"),
    ...Object.fromEntries(model.estimates.filter(isFurther).map((name) => [name, called(name)])),
  };
}

const named = <T>({ estimates }: Model, at: (place: number) => T): Readonly<Record<string, T>> =>
  Object.fromEntries(estimates.map((name, i) => [name, at(i)]));

/** Another minimum counts when it explains at least this share of what the best one explains, in sigmas of half a pixel. */
const comparable = { share: 0.25, sigma: 0.5 } as const;

/** The other minima, best first, that a reader should know of. */
export function comparableTo(best: Minimum, others: readonly Minimum[], { squares }: Target): Minimum[] {
  const explained = ({ point }: Minimum): number => squares - point.sumOfSquares;
  return others.filter(
    (other) =>
      other.converged &&
      Math.min(other.point.surface.sigmaX, other.point.surface.sigmaY) >= comparable.sigma &&
      explained(other) >= comparable.share * explained(best),
  );
}

function secondMinimum({ surface, sumOfSquares }: Point): SecondMinimum {
  const { amplitude, centerX, centerY, sigmaX, sigmaY } = surface;
  return { amplitude, centerX, centerY, sigmaX, sigmaY, sumOfSquares };
}
