import { expect, it } from "vitest";
import { controls } from "../../src/cam/controls.ts";
import { realMap } from "../../src/core/tensor.ts";
import { thrown } from "../thrown.ts";

const own = realMap(
  3,
  4,
  Float64Array.from({ length: 12 }, (_, i) => i - 3),
);
const other = realMap(
  3,
  4,
  Float64Array.from({ length: 12 }, () => 7),
);
const sorted = (values: Float64Array) => [...values].sort((a, b) => a - b);

it("shuffled cells are the method's own, elsewhere", () => {
  const grid = controls.shuffled.grid({ own, other: null, seed: 1 });
  expect(grid.shape).toEqual([3, 4]);
  expect(sorted(grid.data)).toEqual(sorted(own.data));
  expect([...grid.data]).not.toEqual([...own.data]);
});

it("random cells lie in [0, 1) and owe nothing to the method", () => {
  const grid = controls.random.grid({ own, other: null, seed: 1 });
  expect(grid.shape).toEqual([3, 4]);
  expect(new Set(grid.data).size).toBe(12);
  expect(Math.min(...grid.data)).toBeGreaterThanOrEqual(0);
  expect(Math.max(...grid.data)).toBeLessThan(1);
  expect(controls.random.grid({ own: other, other: null, seed: 1 })).toEqual(grid);
});

it.each(["random", "shuffled"] as const)("%s: one seed one grid, another seed another", (name) => {
  const of = (seed: number) => controls[name].grid({ own, other: null, seed });
  expect(of(5)).toEqual(of(5));
  expect(of(5)).not.toEqual(of(6));
});

it("another image's map is that map, and there must be one", () => {
  expect(controls["other-image"].grid({ own, other, seed: 0 })).toBe(other);
  expect(thrown(() => controls["other-image"].grid({ own, other: null, seed: 0 })).message).toMatch(
    /other image/,
  );
});
