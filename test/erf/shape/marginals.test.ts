import { expect, it } from "vitest";
import { realMap } from "../../../src/core/tensor.ts";
import { marginalsOf } from "../../../src/fit/moments.ts";

it("the profile along x sums the columns, the one along y the rows", () => {
  const { x, y } = marginalsOf(realMap(2, 3, Float64Array.of(1, 2, 3, 10, 20, 30)));
  expect([...x]).toEqual([11, 22, 33]);
  expect([...y]).toEqual([6, 60]);
});
