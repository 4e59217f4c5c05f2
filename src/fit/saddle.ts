import { eigenSystem } from "../core/linear-algebra.ts";
import { stepFrom } from "./levenberg-marquardt.ts";
import { finish, type Minimum } from "./newton.ts";
import type { Objective, Point } from "./point.ts";

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
  const direction = vectors[values.indexOf(least)] ?? [];
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
