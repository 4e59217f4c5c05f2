import { solvePositiveDefinite } from "../core/linear-algebra.ts";
import { dampedStep, damping, stepFrom, stepLength } from "./levenberg-marquardt.ts";
import type { Objective, Point } from "./point.ts";

export interface Minimum {
  readonly point: Point;
  readonly iterations: number;
  readonly converged: boolean;
}

/**
 * Finish a fit: Newton's steps with the exact Hessian, and a damped Gauss-Newton step wherever Newton's is uphill or the
 * Hessian is indefinite. Stops on the relative offset (Bates & Watts 1981), which the sum of squares cannot replace: it is
 * flat at the minimum, so tests on its change leave 1e-6 of sigma (MINPACK's do). A perfect fit has no residual to measure
 * the offset against, and ends where steps stagnate.
 */
export function finish(
  evaluate: Objective,
  start: Point,
  limits: { maxIterations: number; relativeOffset: number },
): Minimum {
  let point = start;
  let lambda: number = damping.initial;
  for (let iterations = 0; iterations < limits.maxIterations; iterations++) {
    // The residual of a perfect fit has no length to count steps in.
    if (point.sumOfSquares === 0) return { point, iterations, converged: true };
    const step = solvePositiveDefinite(point.hessian(), point.gradient);
    if (step !== undefined && point.relativeOffset <= limits.relativeOffset) {
      return { point, iterations, converged: true };
    }
    const newton = step && evaluate(stepFrom(point, step));
    if (newton !== undefined && stagnates(point, newton)) return { point, iterations, converged: true };
    if (newton !== undefined && newton.sumOfSquares <= point.sumOfSquares * (1 + 1e-12)) {
      point = newton;
      continue;
    }
    const damped = dampedStep(evaluate, point, lambda);
    lambda = damping.after(lambda, damped !== undefined);
    point = damped ?? point;
    if (lambda > damping.most) return { point, iterations, converged: false };
  }
  return { point, iterations: limits.maxIterations, converged: false };
}

/** A step this short (in the parameters' own units) that no longer helps is rounding: Newton's next would be its square. */
const stagnates = (point: Point, next: Point): boolean =>
  stepLength(point, next) <= 1e-8 && next.relativeOffset >= 0.5 * point.relativeOffset;
