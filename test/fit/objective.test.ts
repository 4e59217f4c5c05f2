import { describe, expect, it } from "vitest";
import { gridOf } from "../../src/fit/grid.ts";
import { surfaceFrom, surfaceOf, vectorOf, type Model, models } from "../../src/fit/model.ts";
import { objective, type Point } from "../../src/fit/objective.ts";
import { gaussianAt, mapOf, mulberry32 } from "./maps.ts";

const noise = mulberry32(11);
const truth = { amplitude: 1, centerX: 14, centerY: 10, sigmaX: 5, sigmaY: 4, rho: -0.3 };
const map = mapOf(23, 31, (x, y) => gaussianAt(truth)(x, y) + 1e-3 * noise());
const near = surfaceFrom({
  amplitude: 0.8,
  centerX: 12.5,
  centerY: 11,
  sigmaX: 6,
  sigmaY: 3.5,
  rho: 0.4,
  background: 2e-4,
});

describe.each(Object.entries<Model>(models))("a point of the model %s", (_, model) => {
  const evaluate = objective(model, gridOf(map));
  const at = (vector: readonly number[]): Point => {
    const point = evaluate(vector);
    if (point === undefined) throw new Error("no Gaussian there");
    return point;
  };
  const here = vectorOf(model, near);
  const point = at(here);
  const parameters = here.map((_, i) => i);

  /** The vector with steps, in units, along some parameters. */
  const moved = (...steps: readonly (readonly [parameter: number, size: number])[]): number[] =>
    here.map((value, i) =>
      steps.reduce(
        (sum, [parameter, size]) => (parameter === i ? sum + size * (point.units[i] ?? 1) : sum),
        value,
      ),
    );

  /** Half the sum of squares, added up pixel by pixel by other code. */
  const halfSquares = (vector: readonly number[]): number => {
    const surface = gaussianAt(surfaceOf(model, vector));
    const residuals = mapOf(23, 31, (x, y) => (map.data[y * 31 + x] ?? 0) - surface(x, y)).data;
    return residuals.reduce((sum, r) => sum + r * r, 0) / 2;
  };

  it("has the sum of squares of the explicit residual", () => {
    expect(point.sumOfSquares / (2 * halfSquares(here))).toBeCloseTo(1, 12);
  });

  it.each(parameters)("has the gradient of finite differences, parameter %i", (i) => {
    const h = 1e-5;
    const difference = (halfSquares(moved([i, h])) - halfSquares(moved([i, -h]))) / (2 * h);
    expect(Math.abs(difference + (point.gradient[i] ?? 0))).toBeLessThan(1e-6 * point.sumOfSquares);
  });

  it.each(parameters)("has the exact Hessian of finite differences, row %i", (i) => {
    for (const j of parameters) {
      const h = 1e-3;
      const corner = (a: number, b: number): number => halfSquares(moved([i, a * h], [j, b * h]));
      const difference = (corner(1, 1) - corner(1, -1) - corner(-1, 1) + corner(-1, -1)) / (4 * h * h);
      expect(Math.abs((point.hessian()[i]?.[j] ?? 0) - difference)).toBeLessThan(5e-5 * point.sumOfSquares);
    }
  });

  it("has the Gauss-Newton Hessian of a map that it describes exactly", () => {
    const exact = mapOf(23, 31, gaussianAt(surfaceOf(model, here)));
    const there = objective(model, gridOf(exact))(here);
    for (const i of parameters) {
      for (const j of parameters) {
        const [one, other] = [there?.gaussNewton[i]?.[j] ?? 0, there?.hessian()[i]?.[j] ?? 1];
        expect(Math.abs(one - other)).toBeLessThan(1e-12 * (there?.gaussNewton[0]?.[0] ?? 0));
      }
    }
  });

  it("is not there without a Gaussian", () => {
    const sigma = model.free.findIndex((moved) => moved.includes("sigmaX"));
    expect(evaluate(here.map((value, i) => (i === sigma ? -3 : value)))).toBeUndefined();
    expect(evaluate([Number.NaN, ...here.slice(1)])).toBeUndefined();
  });
});
