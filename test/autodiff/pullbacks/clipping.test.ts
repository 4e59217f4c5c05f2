import { expect, it } from "vitest";
import { float32 } from "../../../src/core/tensor.ts";
import { gradientAt } from "../differentiate.ts";

/** Points below, at, between and above the bounds 0 and 6. */
const x = float32([5], [-1, 0, 3, 6, 7]);
const v = float32([5], [1, 2, 3, 4, 5]);

// Measured on PyTorch 2.15: autograd of relu6, clamp(min=0), clamp(max=6) at these very points.
it.each([
  ["two bounds: strictly inside", 0, 6, [0, 0, 3, 0, 0]],
  ["a lower bound alone: at the bound too", 0, Infinity, [0, 2, 3, 4, 5]],
  ["an upper bound alone: not at the bound", -Infinity, 6, [1, 2, 3, 0, 0]],
  ["no bound", -Infinity, Infinity, [1, 2, 3, 4, 5]],
])("%s", async (_, min, max, expected) => {
  const gradient = await gradientAt(
    [5],
    (g, value) => g.clip(value, min, max),
    { kind: "cotangent", name: "v" },
    { x, v },
  );
  expect([...gradient]).toEqual(expected);
});
