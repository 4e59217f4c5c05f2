import { expect, it } from "vitest";
import { float32 } from "../../../src/core/tensor.ts";
import { gradientAt, gradientOf } from "../differentiate.ts";
import type { Builder } from "../../../src/graph/builder.ts";
import type { Value } from "../../../src/graph/graph.ts";
import { windowed } from "../../graph/by-axis.ts";

const pooled = (kernel: number, stride: number, extent: number) => (g: Builder, x: Value) =>
  g.single(
    "MaxPool",
    [x],
    windowed({
      kernelShape: [kernel, kernel],
      strides: [stride, stride],
      dilations: [1, 1],
      pads: [0, 0, 0, 0],
      ceilMode: false,
    }),
    "float32",
    [1, 1, extent, extent],
  );

const v = float32([1, 1, 2, 2], [1, 2, 3, 4]);
const flat = float32([1, 1, 5, 5], new Array<number>(25).fill(1));

// PyTorch 2.15, max_pool2d of a constant map: of tied elements the first in row-major order takes it all.
it.each([
  ["windows apart", 2, 2, [1, 0, 2, 0, 0, 0, 0, 0, 0, 0, 3, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]],
  ["windows that overlap", 3, 2, [1, 0, 2, 0, 0, 0, 0, 0, 0, 0, 3, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]],
])("the first of tied maxima takes the cotangent: %s", async (_, kernel, stride, expected) => {
  const objective = { kind: "cotangent", name: "v" } as const;
  expect([...(await gradientAt(flat.shape, pooled(kernel, stride, 2), objective, { x: flat, v }))]).toEqual(
    expected,
  );
});

it("unpools where windows lie apart, and adds up where they overlap", () => {
  const backward = (kernel: number, stride: number) =>
    gradientOf([1, 1, 5, 5], pooled(kernel, stride, 2), { kind: "top" }).nodes.map(({ op }) => op);
  expect(backward(2, 2)).toContain("MaxUnpool");
  expect(backward(2, 3)).toContain("MaxUnpool");
  expect(backward(3, 2)).toContain("ScatterElements");
});
