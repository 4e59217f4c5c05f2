import { levenbergMarquardt } from "ml-levenberg-marquardt";
import { dot, eigenSystem, rescale, unitDiagonal, type Vector } from "../core/linear-algebra.ts";
import { at } from "../core/required.ts";
import type { Objective, Point } from "./objective.ts";

/** Damping falls after a step that helped and rises after one that did not (Marquardt 1963), by the library's factors. */
export const damping = {
  initial: 1e-2,
  most: 1e9,
  after: (lambda: number, helped: boolean): number => (helped ? Math.max(lambda / 9, 1e-9) : lambda * 11),
} as const;

export interface DescentLimits {
  readonly maxIterations: number;
  /** Enough for a start that Newton's steps will finish. */
  readonly relativeOffset: number;
  /** Smallest step worth taking, in the parameters' own units. */
  readonly step: number;
  readonly inDomain: (point: Point) => boolean;
  /** Where an earlier descent ended already. */
  readonly isKnown: (point: Point) => boolean;
}

export interface Descent {
  readonly point: Point;
  readonly iterations: number;
}

/** Levenberg-Marquardt from `start` until the relative offset or the step is small, or the point is known or leaves the domain. */
export function descend(evaluate: Objective, start: Point, limits: DescentLimits): Descent {
  let point = start;
  let lambda: number = damping.initial;
  let iterations = 0;
  while (iterations < limits.maxIterations && limits.inDomain(point) && lambda <= damping.most) {
    if (point.relativeOffset <= limits.relativeOffset || limits.isKnown(point)) break;
    iterations++;
    const next = dampedStep(evaluate, point, lambda);
    lambda = damping.after(lambda, next !== undefined);
    if (next === undefined) continue;
    const moved = stepLength(point, next);
    point = next;
    if (moved <= limits.step) break;
  }
  return { point, iterations };
}

/** Largest change of a parameter, in its own unit at `from`. */
export const stepLength = (from: Point, to: Point): number =>
  Math.max(
    ...from.vector.map((value, i) => Math.abs(at(to.vector, i) - value) / Math.abs(at(from.units, i))),
  );

/** The point reached from `point` by a step counted in its units. */
export const stepFrom = (point: Point, step: Vector): Vector =>
  point.vector.map((value, i) => value + at(point.units, i) * at(step, i));

/**
 * One step of `ml-levenberg-marquardt`, or undefined where it does not lower the sum of squares. The library takes one
 * step at a time: on its own it keeps a worse step, stops by the bare size of the error, and damps with λI. So the damping is
 * ours, the error is counted in the present one, and the parameters are scaled until JᵀJ has a unit diagonal (Marquardt's
 * scaling). It sees the *compressed* problem: p + 1 observations in place of H x W, whose Jacobian Λ^½Vᵀ and residual
 * [Λ^-½VᵀJᵀr; the rest of |r|] have the same JᵀJ = VΛVᵀ, the same Jᵀr and the same sum of squares: the same step.
 */
export function dampedStep(evaluate: Objective, point: Point, lambda: number): Point | undefined {
  const scale = unitDiagonal(point.gaussNewton).map((factor) => factor * Math.sqrt(point.sumOfSquares));
  const { jacobian, residual } = compress(point, scale);
  const reached = (offsets: Vector): Point | undefined =>
    evaluate(
      stepFrom(
        point,
        offsets.map((offset, i) => offset * at(scale, i)),
      ),
    );
  let trial: Point | undefined;
  /** Away from `point` the library needs only the sum of squares, which may stand in one observation. */
  const residualAt = (offsets: Vector): Vector => {
    if (offsets.every((offset) => offset === 0)) return residual;
    trial = reached(offsets);
    return [Math.sqrt((trial?.sumOfSquares ?? Number.NaN) / point.sumOfSquares)];
  };
  const observations = residual.map((_, i) => i);
  const { parameterError } = levenbergMarquardt(
    { x: observations, y: observations.map(() => 0) },
    (offsets) => {
      const residuals = residualAt(offsets);
      return (i) => -(residuals[i] ?? 0); // away from `point` the other observations are 0
    },
    {
      initialValues: point.vector.map(() => 0),
      jacobianFunction: () => (i) => [...at(jacobian, i)],
      damping: lambda,
      maxIterations: 1,
      errorTolerance: 0,
    },
  );
  return trial !== undefined && parameterError < 1 ? trial : undefined;
}

/** Eigenvalues below this share of the largest are rounding, and carry no gradient. */
const rank = 1e-14;

function compress(point: Point, scale: Vector): { jacobian: readonly Vector[]; residual: Vector } {
  const error = point.sumOfSquares;
  const { values, vectors } = eigenSystem(
    rescale(
      point.gaussNewton,
      scale.map((factor) => factor / Math.sqrt(error)),
    ),
  );
  const gradient = point.gradient.map((value, i) => (value * at(scale, i)) / error);
  const kept = values.map((value) => value > rank * Math.max(...values));
  const roots = values.map((value, i) => (kept[i] ? Math.sqrt(value) : 0));
  const tangent = vectors.map((vector, i) => (kept[i] ? dot(vector, gradient) / at(roots, i) : 0));
  const rest = Math.sqrt(Math.max(0, 1 - dot(tangent, tangent)));
  return {
    jacobian: [
      ...vectors.map((vector, i) => vector.map((value) => value * at(roots, i))),
      vectors.map(() => 0),
    ],
    residual: [...tangent, rest],
  };
}
