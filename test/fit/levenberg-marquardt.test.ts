import { levenbergMarquardt } from "ml-levenberg-marquardt";
import { describe, expect, it } from "vitest";
import { gridOf } from "../../src/fit/grid.ts";
import { dampedStep } from "../../src/fit/levenberg-marquardt.ts";
import { surfaceOf, models } from "../../src/fit/model.ts";
import { objective } from "../../src/fit/objective.ts";
import { gaussianAt, mapOf } from "./maps.ts";

describe("a damped step on the compressed problem", () => {
  it("is the library's own step on all pixels, in parameters scaled to a unit diagonal", () => {
    const truth = { amplitude: 1, centerX: 11, centerY: 9, sigmaX: 4, sigmaY: 3 };
    const map = mapOf(19, 24, (x, y) => gaussianAt(truth)(x, y) + 1e-4 * Math.sin(x * y));
    const start = [0.9, 11.4, 8.8, 4.3, 3.2];
    const evaluate = objective(models.gaussian, gridOf(map));
    const point = evaluate(start);
    if (point === undefined) throw new Error("no start");
    const scale = point.gaussNewton.map(
      (row, i) => ((point.units[i] ?? 1) * Math.sqrt(point.sumOfSquares)) / Math.sqrt(row[i] ?? 1),
    );
    const vector = (offsets: readonly number[]): number[] =>
      start.map((value, i) => value + (scale[i] ?? 1) * (offsets[i] ?? 0));
    const noise = Math.sqrt(point.sumOfSquares);
    const surface =
      (offsets: readonly number[]) =>
      (pixel: number): number =>
        gaussianAt(surfaceOf(models.gaussian, vector(offsets)))(pixel % 24, Math.floor(pixel / 24)) / noise;
    const full = levenbergMarquardt(
      { x: Float64Array.from(map.data, (_, i) => i), y: map.data.map((value) => value / noise) },
      surface,
      {
        initialValues: [0, 0, 0, 0, 0],
        damping: 0.3,
        maxIterations: 1,
        errorTolerance: 0,
        gradientDifference: 1e-6,
        centralDifference: true,
      },
    );
    const step = dampedStep(evaluate, point, 0.3);
    for (const [i, expected] of vector(full.parameterValues).entries())
      expect(step?.vector[i]).toBeCloseTo(expected, 6);
    expect((step?.sumOfSquares ?? 0) / point.sumOfSquares).toBeCloseTo(full.parameterError, 6);
    expect(full.parameterError).toBeLessThan(1);
  });
});
