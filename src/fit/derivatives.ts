import type { Coordinate, Model } from "./model.ts";

/**
 * A sum of terms `factor · Uⁱ Vʲ`, where U and V differentiate by the center along the rows (at fixed y) and along the columns,
 * with lengths counted in sigmas: applied to a Gaussian, a term is a product of two Hermite functions, of orders i and j.
 */
export type Operator = readonly (readonly [factor: number, i: number, j: number])[];

/** First and second derivatives of the surface by a model's parameters, in their units and in the Gaussian's amplitude. */
export interface Derivatives {
  readonly first: readonly Operator[];
  readonly second: (one: number, other: number) => Operator;
  /** 1 for the parameter that lifts every pixel alike: its only derivative. */
  readonly constant: readonly (0 | 1)[];
}

type Shape = Exclude<Coordinate, "background">;

/**
 * With lengths in sigmaX and sigmaY, let X and Y differentiate by the center. A Gaussian obeys the heat equation: its
 * derivative by a variance is half the second one by the center, and that by the covariance is the mixed one. So every
 * derivative is a polynomial in X and Y; a second one is the product of two first ones, and what the variances' own second
 * derivatives add.
 */
export function derivativesOf({ free }: Model, rho: number): Derivatives {
  const whitening = 1 / Math.sqrt(1 - rho * rho);
  const x: Operator = [[whitening, 1, 0]];
  const y: Operator = [[1, 0, 1], ...scaled(-rho, x)];
  const [xx, xy, yy] = [product(x, x), product(x, y), product(y, y)];
  const tilt = scaled(rho, xy);
  const byRho = scaled(1 - rho * rho, xy);
  const first: Readonly<Record<Shape, Operator>> = {
    amplitude: [[1, 0, 0]],
    centerX: x,
    centerY: y,
    sigmaX: [...xx, ...tilt],
    sigmaY: [...yy, ...tilt],
    rho: byRho,
  };
  const beyond: Readonly<Partial<Record<Shape, Readonly<Partial<Record<Shape, Operator>>>>>> = {
    amplitude: { amplitude: [[-1, 0, 0]] },
    sigmaX: { sigmaX: xx, sigmaY: tilt, rho: byRho },
    sigmaY: { sigmaX: tilt, sigmaY: yy, rho: byRho },
    rho: { sigmaX: byRho, sigmaY: byRho },
  };
  const shapes = free.map((moved) => moved.filter((coordinate) => coordinate !== "background"));
  return {
    first: shapes.map((moved) => moved.flatMap((coordinate) => first[coordinate])),
    second: (one, other) =>
      (shapes[one] ?? []).flatMap((a) =>
        (shapes[other] ?? []).flatMap((b) => [...product(first[a], first[b]), ...(beyond[a]?.[b] ?? [])]),
      ),
    constant: free.map((moved) => (moved.includes("background") ? 1 : 0)),
  };
}

const scaled = (by: number, operator: Operator): Operator =>
  by === 0 ? [] : operator.map(([factor, i, j]) => [by * factor, i, j]);

const product = (a: Operator, b: Operator): Operator =>
  a.flatMap(([factor, i, j]) => b.map(([other, k, l]) => [factor * other, i + k, j + l] as const));
