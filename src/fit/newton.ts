import { eigenSystem, solvePositiveDefinite } from "../core/linear-algebra.ts";
import { at } from "../core/required.ts";
import { dampedStep, damping, stepFrom, stepLength } from "./levenberg-marquardt.ts";
import type { Objective, Point } from "./objective.ts";

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

/** Curvature below this share of the largest is rounding. */
const flat = 1e-9;
/** The first step away from a saddle, in the parameters' own units, and how often it is halved. */
const away = { first: 1, halvings: 12 } as const;

/**
 * Points lower than a saddle, on both sides of it along the direction of the most negative curvature; none where there is
 * no such direction. Newton's steps end on a saddle where the map is symmetric and every start is: the Gaussian that fits a
 * cross with one sigma for both axes is one, between a long and a tall Gaussian.
 */
function below(evaluate: Objective, saddle: Point): Point[] {
  const { values, vectors } = eigenSystem(saddle.hessian());
  const least = Math.min(...values);
  if (!(least < -flat * Math.max(...values.map(Math.abs)))) return [];
  const direction = at(vectors, values.indexOf(least));
  return [1, -1].flatMap((side) => {
    for (let halving = 0; halving <= away.halvings; halving++) {
      const length = (side * away.first) / 2 ** halving;
      const point = evaluate(
        stepFrom(
          saddle,
          direction.map((component) => component * length),
        ),
      );
      if (point !== undefined && point.sumOfSquares < saddle.sumOfSquares) return [point];
    }
    return [];
  });
}

/** A few saddles may lie one after the other. */
const mostSaddles = 3;

/** As `finish`; where it ends on a saddle, the minima on both sides of it. */
export function finishBeyondSaddles(
  evaluate: Objective,
  start: Point,
  limits: { maxIterations: number; relativeOffset: number },
  saddles = mostSaddles,
): readonly Minimum[] {
  const end = finish(evaluate, start, limits);
  const sides = end.converged || saddles === 0 ? [] : below(evaluate, end.point);
  if (sides.length === 0) return [end];
  return sides
    .flatMap((side) => finishBeyondSaddles(evaluate, side, limits, saddles - 1))
    .map((minimum) => ({ ...minimum, iterations: end.iterations + minimum.iterations }));
}
