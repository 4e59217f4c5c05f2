import { expect, it } from "vitest";
import { fastGradient } from "../../../src/runtime/rewrites/fast-gradient.ts";
import { columnProducts } from "../../../src/runtime/rewrites/column-products.ts";
import type { Builder } from "../../../src/graph/builder.ts";
import type { Graph, Value } from "../../../src/graph/graph.ts";
import { float32, numbersOf, sizeOf, type Tensor } from "../../../src/core/tensor.ts";
import { graphOf, runGraph } from "../../graph/run-graph.ts";
import { noise } from "../../onnx/small-model.ts";
import { relativeL2 } from "../../relative-l2.ts";
import { operators } from "./tuned.ts";
import { windowed } from "../../graph/by-axis.ts";

const plain = { alpha: 1, beta: 1, transA: false, transB: false };
const row = (g: Builder, x: Value): Value => g.reshape(x, [1, sizeOf(x.shape)]);
const window = (kernel: readonly number[], pads: readonly number[], group = 1) => ({
  kernelShape: [...kernel],
  strides: [1, 1],
  pads: [...pads],
  dilations: [1, 1],
  group,
});

const numbers = async (graph: Graph, x: Tensor): Promise<readonly number[]> => {
  const [y] = await runGraph(graph, { x });
  return y === undefined ? [] : numbersOf(y);
};

const element = 3;

/** The weights stand on the left, and the numbers are the same: forward, and by the gradient, which of a linear map tells all. */
async function sameWithColumns(graph: Graph): Promise<void> {
  const after = columnProducts(graph) ?? graph;
  expect(after.outputs).toEqual(graph.outputs);
  expect(operators(after)).not.toContain("Conv");
  const left = after.nodes.flatMap((node) => (node.op === "Gemm" ? [node.inputs[0].name] : []));
  expect(left.map((name) => after.constants.has(name))).toEqual([true]);

  const [target] = graph.outputs;
  const [image] = graph.inputs;
  if (target === undefined || image === undefined) throw new Error("a graph of one input and one output");
  const [x, zero] = [noise(image.shape), float32(image.shape, new Float32Array(sizeOf(image.shape)))];
  const expected = await numbers(graph, x);
  expect(relativeL2(Float32Array.from(await numbers(after, x)), Float64Array.from(expected))).toBeLessThan(
    1e-5,
  );

  const objective = { kind: "element", index: element } as const;
  const gradient = await numbers(fastGradient(graph, { target, objective, withRespectTo: image }).graph, x);
  const slope = gradient.reduce((sum, value, k) => sum + value * (x.data[k] ?? 0), 0);
  const atZero = (await numbers(graph, zero))[element] ?? NaN;
  expect(slope).toBeCloseTo((expected[element] ?? NaN) - atZero, 3);
}

it.each<[string, (g: Builder, x: Value) => Value]>([
  [
    "a row times weights as PyTorch writes them",
    (g, x) =>
      g.single(
        "Gemm",
        [row(g, x), g.constant(noise([600, 512])), g.constant(noise([600], 5))],
        { ...plain, transB: true },
        "float32",
        [1, 600],
      ),
  ],
  [
    "a scaled row times weights, without a bias",
    (g, x) => g.gemm(row(g, x), g.constant(noise([512, 600])), { ...plain, alpha: 0.5 }),
  ],
  [
    "a convolution whose window is the whole input",
    (g, x) =>
      g.single(
        "Conv",
        [x, g.constant(noise([600, 32, 4, 4])), g.constant(noise([600], 5))],
        windowed(window([4, 4], [0, 0, 0, 0])),
        "float32",
        [1, 600, 1, 1],
      ),
  ],
])("%s", async (_, build) => {
  const graph = graphOf([1, 32, 4, 4], build);
  await sameWithColumns(graph);
});

it.each<[string, (g: Builder, x: Value) => Value]>([
  ["small weights", (g, x) => g.gemm(row(g, x), g.constant(noise([512, 100])), plain)],
  ["several rows", (g, x) => g.gemm(g.reshape(x, [2, 256]), g.constant(noise([256, 1100])), plain)],
  [
    "weights that depend on the image",
    (g, x) => g.gemm(row(g, x), g.mul(g.constant(noise([512, 600])), g.reduceMean(x, [0, 1, 2, 3])), plain),
  ],
  [
    "a padded convolution",
    (g, x) =>
      g.single(
        "Conv",
        [x, g.constant(noise([600, 32, 4, 4])), null],
        windowed(window([4, 4], [1, 1, 0, 0])),
        "float32",
        [1, 600, 2, 2],
      ),
  ],
])("leaves %s", (_, build) => {
  const graph = graphOf([1, 32, 4, 4], build);
  expect(columnProducts(graph)).toBeNull();
});
