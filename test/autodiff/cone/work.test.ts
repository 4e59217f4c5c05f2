import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { multiplyAdds, workKept } from "../../../src/autodiff/cone/work.ts";
import type { Builder } from "../../../src/graph/builder.ts";
import { pruned, type Value } from "../../../src/graph/graph.ts";
import { graphOf } from "../../graph/run-graph.ts";
import { imported, noise } from "../../onnx/small-model.ts";
import { transposed, windowed } from "../../graph/by-axis.ts";

const window = { kernelShape: [3, 5], strides: [2, 1], dilations: [1, 1], pads: [1, 2, 1, 2] };

const cases: readonly (readonly [string, number, (g: Builder, x: Value) => Value])[] = [
  [
    "Conv: kernel times channels for each output element",
    10 * (4 * 6) * (8 * 3 * 5),
    (g, x) => g.conv(x, g.constant(noise([10, 8, 3, 5])), windowed({ ...window, group: 1 })),
  ],
  [
    "in groups: the group's channels",
    10 * (4 * 6) * (4 * 3 * 5),
    (g, x) => g.conv(x, g.constant(noise([10, 4, 3, 5])), windowed({ ...window, group: 2 })),
  ],
  [
    "transposed: for each input element",
    8 * (8 * 6) * (5 * 3 * 5),
    (g, x) =>
      g.convTranspose(
        x,
        g.constant(noise([8, 5, 3, 5])),
        transposed({ ...window, group: 2, outputPadding: [0, 0] }),
      ),
  ],
  ["MatMul", 8 * 8 * 6 * 7, (g, x) => g.matmul(x, g.constant(noise([6, 7])))],
  [
    "Gemm",
    48 * 8 * 3,
    (g, x) =>
      g.gemm(g.reshape(x, [8, 48]), g.constant(noise([3, 8])), {
        alpha: 1,
        beta: 1,
        transA: true,
        transB: true,
      }),
  ],
  [
    "Einsum",
    8 * 8 * 6 * 7,
    (g, x) =>
      g.single(
        "Einsum",
        [x, g.constant(noise([7, 8]))],
        { equation: "nchw,dc->ndhw" },
        "float32",
        [1, 7, 8, 6],
      ),
  ],
  ["nothing else", 0, (g, x) => g.relu(g.add(x, g.reduceMean(x, [2, 3])))],
];

describe("multiply-adds", () => {
  it.each(cases)("of %s", (_, expected, build) => {
    expect(multiplyAdds(graphOf([1, 8, 8, 6], build))).toBe(expected);
  });

  it("of VGG-16's convolutions are those of its paper's layers (Simonyan & Zisserman 2015, Table 1, D)", async () => {
    const layers: readonly (readonly [from: number, to: number, side: number])[] = [
      [3, 64, 224],
      [64, 64, 224],
      [64, 128, 112],
      [128, 128, 112],
      [128, 256, 56],
      [256, 256, 56],
      [256, 256, 56],
      [256, 512, 28],
      [512, 512, 28],
      [512, 512, 28],
      [512, 512, 14],
      [512, 512, 14],
      [512, 512, 14],
    ];
    const file = fileURLToPath(new URL("../../../models/vgg16-sample.onnx", import.meta.url));
    const { graph } = await imported(readFileSync(file));
    const target = graph.nodes.flatMap(({ outputs }) => outputs).find(({ name }) => name === "block5_conv3");
    expect(multiplyAdds(pruned(graph, target === undefined ? [] : [target]))).toBe(
      layers.reduce((sum, [from, to, side]) => sum + from * to * side * side * 9, 0),
    );
  });
});

describe("the work that a cone keeps", () => {
  const kept = (build: (g: Builder, x: Value) => Value) => {
    const graph = graphOf([1, 8, 8, 6], build);
    const [target] = graph.outputs;
    return target && workKept(graph, target, [0, null, 4, 3]);
  };

  it("is the share of its products", () => {
    const weights = noise([8, 8, 1, 1]);
    const point = { kernelShape: [1, 1], strides: [1, 1], dilations: [1, 1], pads: [0, 0, 0, 0], group: 1 };
    expect(kept((g, x) => g.conv(g.relu(x), g.constant(weights), windowed(point)))).toBe(1 / 48);
  });

  it("is all where there are no products", () => {
    expect(kept((g, x) => g.relu(x))).toBe(1);
  });
});
