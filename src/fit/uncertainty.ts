import { invertPositiveDefinite, type SquareMatrix, type Vector } from "../math/linear-algebra.ts";
import { studentQuantile } from "../math/statistics.ts";
import type { Point } from "./point.ts";
import type { Interval } from "./result.ts";

export interface Uncertainty {
  readonly standardErrors: Vector;
  readonly correlation: SquareMatrix;
  readonly intervals: readonly Interval[];
}

/**
 * Least squares' own uncertainty, as lmfit defines it: covariance `(JᵀJ)⁻¹ Σr² / (n - p)`, and 95 % intervals by Student's t.
 * It takes the pixels' residuals for independent; those of an ERF are not (lag-1 correlation about 0.6), so that the
 * intervals hold the truth in 25-80 % of cases instead of 95. `jackknife` replaces them where there are blocks.
 * Undefined where the parameters cannot be told apart (JᵀJ is singular).
 */
export function uncertaintyOf(point: Point, pixels: number): Uncertainty | undefined {
  const inverse = invertPositiveDefinite(point.gaussNewton);
  if (inverse === undefined) return undefined;
  const degreesOfFreedom = pixels - point.vector.length;
  const variance = point.sumOfSquares / degreesOfFreedom;
  const roots = inverse.map((row, i) => Math.sqrt(row[i] ?? 0));
  const standardErrors = roots.map((root, i) => root * Math.sqrt(variance) * Math.abs(point.units[i] ?? 1));
  const correlation = inverse.map((row, i) =>
    row.map((value, j) => value / ((roots[i] ?? 1) * (roots[j] ?? 1))),
  );
  return {
    standardErrors,
    correlation,
    intervals: studentIntervals(point.vector, standardErrors, degreesOfFreedom),
  };
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
