import {
  dot,
  invertPositiveDefinite,
  symmetric,
  type SquareMatrix,
  type Vector,
} from "../core/linear-algebra.ts";
import { studentQuantile } from "../core/statistics.ts";
import { estimates } from "./estimates.ts";
import type { Model } from "./model.ts";
import type { Point } from "./point.ts";
import type { Interval } from "./result.ts";

/** Of the numbers that a model reports, in its order. */
export interface Uncertainty {
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
export function uncertaintyOf(model: Model, point: Point, pixels: number): Uncertainty | undefined {
  const inverse = invertPositiveDefinite(point.gaussNewton);
  return inverse && propagated(model, point, inverse, point.sumOfSquares / (pixels - model.free.length));
}

/** From a covariance of the parameters (`scale · covariance`, in their units) to the numbers reported, to first order. */
export function propagated(model: Model, point: Point, covariance: SquareMatrix, scale: number): Uncertainty {
  const gradients = model.estimates.map((name) => gradientOf(name, model, point));
  const spread = gradients.map((gradient) => covariance.map((row) => dot(row, gradient)));
  const products = symmetric(gradients.length, (i, j) => dot(gradients[i] ?? [], spread[j] ?? []));
  const roots = products.map((row, i) => Math.sqrt(row[i] ?? 0));
  return {
    values: model.estimates.map((name) => estimates[name].value(point.surface)),
    standardErrors: roots.map((root) => root * Math.sqrt(scale)),
    correlation: products.map((row, i) => row.map((value, j) => value / ((roots[i] ?? 1) * (roots[j] ?? 1)))),
  };
}

/** Of a reported number, by the parameters in their units. */
function gradientOf(name: Model["estimates"][number], { free }: Model, { surface, units }: Point): Vector {
  const byCoordinate = estimates[name].gradient(surface);
  return free.map((moved, i) =>
    moved.reduce((sum, coordinate) => sum + (byCoordinate[coordinate] ?? 0) * (units[i] ?? 1), 0),
  );
}

/** Value ± t · standard error, 95 %. */
export function studentIntervals(
  values: Vector,
  standardErrors: Vector,
  degreesOfFreedom: number,
): Interval[] {
  const t = studentQuantile(0.95, degreesOfFreedom);
  return values.map((value, i) => {
    const half = t * (standardErrors[i] ?? Number.NaN);
    return [value - half, value + half];
  });
}
