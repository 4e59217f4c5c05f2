import { expect, it } from "vitest";
import { centerColumns, scaleColumns } from "../../../src/runtime/rewrites/columns.ts";
import type { Builder } from "../../../src/graph/builder.ts";
import type { Value } from "../../../src/graph/graph.ts";
import { graphOf } from "../../graph/run-graph.ts";
import { noise } from "../../onnx/small-model.ts";
import { operators, sameAfter } from "./tuned.ts";

const product = (g: Builder, x: Value): Value => g.matmul(x, g.constant(noise([4, 5])));
const centered = (g: Builder, d: Value): Value => g.sub(d, g.reduceMean(d, [2]));

it.each([[[5]], [[1, 5]], [[1, 1, 5]]])(
  "a factor for each column %j goes into the weights",
  async (shape) => {
    const graph = graphOf([2, 3, 4], (g, x) => g.mul(product(g, x), g.constant(noise(shape, 3))));
    expect(operators(await sameAfter(scaleColumns, graph)).at(-1)).toBe("MatMul");
  },
);

it("so does the subtraction of each row's mean", async () => {
  const graph = graphOf([2, 3, 4], (g, x) => centered(g, product(g, x)));
  expect(operators(await sameAfter(centerColumns, graph))).toEqual(["ReduceMean", "Sub", "MatMul"]);
});

it.each<[string, (g: Builder, x: Value) => Value | readonly Value[]]>([
  ["a factor for each row", (g, x) => g.mul(product(g, x), g.constant(noise([3, 1], 3)))],
  [
    "a factor that depends on the image",
    (g, x) => g.mul(product(g, x), g.slice(product(g, g.sin(x)), [0, 0, 0], [1, 1, 5])),
  ],
  [
    "a product that is read elsewhere as well",
    (g, x) => {
      const d = product(g, x);
      return [g.mul(d, g.constant(noise([5], 3))), g.exp(d)];
    },
  ],
  [
    "a product of two tensors",
    (g, x) => g.mul(g.matmul(x, g.reshape(x, [2, 4, 3])), g.constant(noise([3], 3))),
  ],
])("leaves %s", async (_, build) => {
  const graph = graphOf([2, 3, 4], build);
  expect(operators(await sameAfter(scaleColumns, graph))).toEqual(operators(graph));
});

it.each<[string, (g: Builder, x: Value) => Value | readonly Value[]]>([
  [
    "what loses its mean over another axis",
    (g, x) => {
      const d = product(g, x);
      return g.sub(d, g.reduceMean(d, [1]));
    },
  ],
  [
    "a product that is read elsewhere as well",
    (g, x) => {
      const d = product(g, x);
      return [centered(g, d), g.exp(d)];
    },
  ],
])("does not center %s", async (_, build) => {
  const graph = graphOf([2, 3, 4], build);
  expect(operators(await sameAfter(centerColumns, graph))).toEqual(operators(graph));
});
