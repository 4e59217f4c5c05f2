import {
  dot,
  invertPositiveDefinite,
  symmetric,
  type SquareMatrix,
  type Vector,
} from "../core/linear-algebra.ts";
import { at } from "../core/required.ts";
import { studentQuantile } from "../core/statistics.ts";
import type { Target } from "./grid.ts";
import {
  estimates,
  gaussianCoordinates,
  models,
  type Model,
  type EstimateName,
  type ModelName,
} from "./model.ts";
import type { Minimum } from "./newton.ts";
import type { Point } from "./objective.ts";
import type { Estimate, Estimates, GaussianFit, Goodness, SecondMinimum } from "./result.ts";

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
  const uncertainty = uncertaintyOf(model, point, target.pixels);
  if (uncertainty === undefined) return undefined;
  const found = studentEstimates(uncertainty, target.pixels - model.free.length);
  const named = <T>(values: readonly T[]): Readonly<Record<string, T>> =>
    Object.fromEntries(model.estimates.map((estimate, i) => [estimate, at(values, i)]));
  return {
    model: name,
    ...estimatesOf(model, (_, place) => at(found, place)),
    ...goodnessOf(target, point),
    correlation: named(uncertainty.correlation.map(named)),
    iterations,
    converged,
    relativeOffset: point.relativeOffset,
    ...(second && { secondMinimum: secondMinimum(second.point) }),
    intervalSource: "pixels",
  };
}

/** What a model reports, each from its name and its place in the model's list. */
export function estimatesOf(
  { estimates: names }: Model,
  estimate: (name: EstimateName, place: number) => Estimate,
): Estimates {
  const named = (name: EstimateName): Estimate => estimate(name, names.indexOf(name));
  return {
    amplitude: named("amplitude"),
    centerX: named("centerX"),
    centerY: named("centerY"),
    sigmaX: named("sigmaX"),
    sigmaY: named("sigmaY"),
    ...Object.fromEntries(names.slice(gaussianCoordinates.length).map((name) => [name, named(name)])),
  };
}

/** Another minimum counts where it explains this share of what the best one explains, and its sigmas are at least this. */
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

export function goodnessOf({ pixels, scatter }: Target, { vector, sumOfSquares, sum }: Point): Goodness {
  const parameters = vector.length;
  return {
    rSquared: 1 - (sumOfSquares - (sum * sum) / pixels) / scatter,
    rSquaredTotal: 1 - sumOfSquares / scatter,
    sumOfSquares,
    reducedChiSquare: sumOfSquares / (pixels - parameters),
    aic: aicOf(sumOfSquares, pixels, parameters),
    bic: likelihood(sumOfSquares, pixels) + parameters * Math.log(pixels),
  };
}

export const aicOf = (sumOfSquares: number, pixels: number, parameters: number): number =>
  likelihood(sumOfSquares, pixels) + 2 * parameters;

/** AIC of the map's mean as its only description: a Gaussian that does no better has found no peak. */
export const aicOfConstant = ({ scatter, pixels }: Target): number => aicOf(scatter, pixels, 1);

/** -2 ln(likelihood) up to a constant; a perfect fit stays finite, so that it can be written as JSON. */
const likelihood = (sumOfSquares: number, pixels: number): number =>
  pixels * Math.log(Math.max(sumOfSquares / pixels, Number.MIN_VALUE));

/** The numbers that a model reports, in its order. */
interface Uncertainty {
  readonly values: Vector;
  readonly standardErrors: Vector;
  readonly correlation: SquareMatrix;
}

/**
 * Least squares' own uncertainty, as lmfit defines it: the parameters' covariance is `(JᵀJ)⁻¹ Σr² / (n - p)`. It takes the
 * pixels' residuals for independent; those of an ERF are not (lag-1 correlation about 0.6), so that its 95 % intervals hold
 * the truth in 25-80 % of cases. `jackknife` replaces them where there are blocks. Undefined where the parameters cannot be
 * told apart (JᵀJ is singular).
 */
function uncertaintyOf(model: Model, point: Point, pixels: number): Uncertainty | undefined {
  const inverse = invertPositiveDefinite(point.gaussNewton);
  return inverse && propagated(model, point, inverse, point.sumOfSquares / (pixels - model.free.length));
}

/** From a covariance of the parameters (`scale · covariance`, in their units) to the numbers reported, to first order. */
export function propagated(model: Model, point: Point, covariance: SquareMatrix, scale: number): Uncertainty {
  const gradients = model.estimates.map((name) => gradientOf(name, model, point));
  const spread = gradients.map((gradient) => covariance.map((row) => dot(row, gradient)));
  const products = symmetric(gradients.length, (i, j) => dot(at(gradients, i), at(spread, j)));
  const roots = products.map((row, i) => Math.sqrt(at(row, i)));
  return {
    values: model.estimates.map((name) => estimates[name].value(point.surface)),
    standardErrors: roots.map((root) => root * Math.sqrt(scale)),
    correlation: products.map((row, i) => row.map((value, j) => value / (at(roots, i) * at(roots, j)))),
  };
}

/** Gradient of a reported number by the parameters, in their units. */
function gradientOf(name: EstimateName, { free }: Model, { surface, units }: Point): Vector {
  const byCoordinate = estimates[name].gradient(surface);
  return free.map((moved, i) =>
    moved.reduce((sum, coordinate) => sum + (byCoordinate[coordinate] ?? 0) * at(units, i), 0),
  );
}

/** With 95 % intervals: value ± t · standard error. */
export function studentEstimates(
  { values, standardErrors }: Uncertainty,
  degreesOfFreedom: number,
): readonly Estimate[] {
  const t = studentQuantile(0.95, degreesOfFreedom);
  return values.map((value, i) => {
    const standardError = at(standardErrors, i);
    const half = t * standardError;
    return { value, standardError, interval95: [value - half, value + half] };
  });
}
