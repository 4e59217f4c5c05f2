import { describe, expect, it } from "vitest";
import { pointOf, relativeHalfWidth, targetWarnings, watchFit } from "../../src/calibration/convergence.ts";
import { fitMap } from "../../src/fit/fit.ts";
import { random } from "../../src/core/random.ts";
import { add, emptyAccumulator, type Accumulator } from "../../src/erf/accumulator.ts";

const side = 24;

/** Photographs that each see a Gaussian of sigma 4 and 3 through noise of their own. */
function photographs(count: number, noise: number): Accumulator {
  const next = random(5);
  return Array.from({ length: count }, (_, k) => k).reduce(
    (accumulator, index) =>
      add(accumulator, { index, name: String(index) }, (sum) => {
        for (let pixel = 0; pixel < sum.length; pixel++) {
          const [x, y] = [(pixel % side) - 11.5, Math.floor(pixel / side) - 11.5];
          const value = Math.exp(-(x * x) / 32 - (y * y) / 18) * (1 + noise * (next() - 0.5));
          sum[pixel] = (sum[pixel] ?? 0) + value;
        }
        return 1;
      }),
    emptyAccumulator(side, side),
  );
}

/** Looks after each photograph, as a run does; the number after which it was told to stop. */
function stopOf(target: number | undefined, noise: number, most: number) {
  const watch = watchFit("openerf", target);
  for (let count = 1; count <= most; count++)
    if (watch.look(photographs(count, noise), count))
      return { stopped: count, points: watch.history().points };
  return { stopped: undefined, points: watch.history().points };
}

describe("watchFit", () => {
  it("looks from the 20th photograph on, half as many again each time", () => {
    const { stopped, points } = stopOf(undefined, 1, 70);
    expect(stopped).toBeUndefined();
    expect(points.map((point) => point.photographs)).toEqual([20, 30, 45, 68]);
    for (const { sigmaX, sigmaY, halfWidthX } of points) {
      expect(sigmaX).toBeCloseTo(4, 1);
      expect(sigmaY).toBeCloseTo(3, 1);
      expect(halfWidthX).toBeGreaterThan(0);
    }
  });

  it("stops when the target holds at two looks in a row, of 40 photographs or more", () => {
    const { stopped, points } = stopOf(0.5, 1, 100); // reached at once
    expect(points.map((point) => point.photographs)).toEqual([20, 23, 27, 32, 37, 43, 50]);
    expect(stopped).toBe(50);

    const harder = stopOf(0.004, 1, 400);
    const narrow = harder.points.map((point) => relativeHalfWidth(point) <= 0.004);
    expect(harder.stopped).toBe(harder.points.at(-1)?.photographs);
    expect(narrow.slice(-2)).toEqual([true, true]);
    expect(narrow.slice(0, -2)).toContain(false);
  });

  it("follows the model that is reported: with auto the paper's alone", () => {
    const points = (model: "gaussian" | "auto" | "isotropic") => {
      const watch = watchFit("openerf", undefined, { model });
      watch.look(photographs(20, 1), 20);
      return watch.history().points;
    };
    expect(points("auto")).toEqual(points("gaussian"));
    const [{ sigmaX, sigmaY } = { sigmaX: 0, sigmaY: 1 }] = points("isotropic");
    expect(sigmaX).toBe(sigmaY);
  });

  it("never stops where there is no target, or none is reached", () => {
    expect(stopOf(1e-6, 1, 60).stopped).toBeUndefined();
  });
});

describe("targetWarnings", () => {
  const last = { photographs: 100, sigmaX: 10, sigmaY: 20, halfWidthX: 0.2, halfWidthY: 0.2 };

  it("says how many photographs it would take, by the root of their number", () => {
    expect(targetWarnings(last, 0.01)).toEqual([
      {
        code: "TARGET_NOT_REACHED",
        message:
          "The photographs ended at a half-width of 2.0 %; the target is 1.0 %. About 400 photographs would do.",
      },
    ]);
    expect(targetWarnings(undefined, 0.01)[0]?.message).toMatch(
      /before an interval over them could be estimated/,
    );
  });

  it("is silent where the target is reached, or none was set", () => {
    expect(targetWarnings(last, 0.02)).toEqual([]);
    expect(targetWarnings(last, undefined)).toEqual([]);
  });
});

describe("pointOf", () => {
  it("knows intervals over photographs alone", () => {
    const { fit } = fitMap({
      shape: [side, side],
      data: photographs(1, 1).blocks[0]?.sum ?? new Float64Array(),
    });
    expect(fit?.intervalSource).toBe("pixels");
    expect(pointOf(fit, 1)).toBeUndefined();
    expect(pointOf(null, 1)).toBeUndefined();
  });
});
