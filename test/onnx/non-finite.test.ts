import { expect, test } from "vitest";
import { nonFiniteConstants } from "../../src/onnx/non-finite.ts";
import { float32 } from "../../src/core/tensor.ts";

const floats = (...values: readonly number[]) => float32([values.length], values);

test("constants with NaN or infinity are named; masks of -infinity are not", () => {
  const constants = {
    good: floats(1, 2, 3, 4, 5),
    mask: floats(0, -Infinity, 0, 0, 0),
    broken: floats(1, 2, NaN, 4, 5),
    endless: floats(1, 2, 3, 4, Infinity),
    both: floats(Infinity, -Infinity, 0, 0, 0),
  };
  expect(nonFiniteConstants(new Map(Object.entries(constants)))).toEqual(["broken", "endless", "both"]);
});
