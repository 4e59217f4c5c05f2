import { describe, expect, it } from "vitest";
import { gaussian } from "../../src/fit/gaussian.ts";
import { gridOf } from "../../src/fit/grid.ts";
import { objective, type Point } from "../../src/fit/point.ts";
import { gaussianAt, mapOf, mulberry32 } from "./maps.ts";

const noise = mulberry32(11);
const map = mapOf(
  23,
  31,
  (x, y) =>
    gaussianAt({ amplitude: 1, centreX: 14, centreY: 10, sigmaX: 5, sigmaY: 4 })(x, y) + 1e-3 * noise(),
);
const evaluate = objective(gaussian, gridOf(map));
const at = (vector: readonly number[]): Point => {
  const point = evaluate(vector);
  if (point === undefined) throw new Error("no Gaussian there");
  return point;
};
const here = [0.8, 12.5, 11, 6, 3.5];
const { units } = at(here);

/** The vector with steps, in units, along some parameters. */
const moved = (...steps: readonly (readonly [parameter: number, size: number])[]): number[] =>
  here.map((value, i) =>
    steps.reduce((sum, [parameter, size]) => (parameter === i ? sum + size * (units[i] ?? 1) : sum), value),
  );

/** Half the sum of squares, added up pixel by pixel by other code. */
const halfSquares = (vector: readonly number[]): number => {
  const surface = gaussianAt(gaussian.toGaussian(vector));
  const residuals = mapOf(23, 31, (x, y) => (map.data[y * 31 + x] ?? 0) - surface(x, y)).data;
  return residuals.reduce((sum, r) => sum + r * r, 0) / 2;
};

describe("a point", () => {
  const point = at(here);

  it("has the sum of squares of the explicit residual", () => {
    expect(point.sumOfSquares / (2 * halfSquares(here))).toBeCloseTo(1, 12);
  });

  it.each([0, 1, 2, 3, 4])("has the gradient of finite differences, parameter %i", (i) => {
    const h = 1e-5;
    const difference = (halfSquares(moved([i, h])) - halfSquares(moved([i, -h]))) / (2 * h);
    expect(-difference / (point.gradient[i] ?? 0)).toBeCloseTo(1, 6);
  });

  it.each([0, 1, 2, 3, 4])("has the exact Hessian of finite differences, row %i", (i) => {
    for (let j = 0; j < 5; j++) {
      const h = 1e-3;
      const corner = (a: number, b: number): number => halfSquares(moved([i, a * h], [j, b * h]));
      const difference = (corner(1, 1) - corner(1, -1) - corner(-1, 1) + corner(-1, -1)) / (4 * h * h);
      expect(Math.abs((point.hessian[i]?.[j] ?? 0) - difference)).toBeLessThan(3e-5 * point.sumOfSquares);
    }
  });

  it("is not there without a Gaussian", () => {
    expect(evaluate([1, 10, 10, -3, 4])).toBeUndefined();
    expect(evaluate([Number.NaN, 10, 10, 3, 4])).toBeUndefined();
  });
});
