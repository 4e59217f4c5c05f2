import { describe, expect, it } from "vitest";
import { areaUnder, curveMasks } from "../../src/evaluate/metrics.ts";
import { realMap } from "../../src/core/tensor.ts";

const map = realMap(2, 2, Float64Array.of(1, 4, 3, 2));
const masks = (curve: "deletion" | "insertion", steps: number) =>
  [...curveMasks(map, curve, steps)].map(({ data }) => [...data]);

describe("the masks of a curve", () => {
  it("take the highest pixels away first", () => {
    expect(masks("deletion", 4)).toEqual([
      [1, 1, 1, 1],
      [1, 0, 1, 1],
      [1, 0, 0, 1],
      [1, 0, 0, 0],
      [0, 0, 0, 0],
    ]);
  });

  it("put the highest pixels in first", () => {
    expect(masks("insertion", 2)).toEqual([
      [0, 0, 0, 0],
      [0, 1, 1, 0],
      [1, 1, 1, 1],
    ]);
  });

  it("go row by row through equal pixels, and through all of them in as many steps as are asked", () => {
    const flat = realMap(1, 5, new Float64Array(5));
    const shown = [...curveMasks(flat, "insertion", 3)].map(({ data }) => [...data].join(""));
    expect(shown).toEqual(["00000", "11000", "11100", "11111"]);
  });
});

describe("the area under a curve", () => {
  it("is the trapezia's over [0, 1]", () => {
    expect(areaUnder([1, 1, 1])).toBe(1);
    expect(areaUnder([1, 0])).toBe(0.5);
    expect(areaUnder([0.9, 0.5, 0.2, 0.1])).toBeCloseTo((0.9 / 2 + 0.5 + 0.2 + 0.1 / 2) / 3, 12); // as numpy.trapezoid
  });
});
