import { expect, it } from "vitest";
import { backToBlocks } from "../../../src/runtime/rewrites/blocked-layout.ts";
import type { Builder } from "../../../src/graph/builder.ts";
import type { Graph, Value } from "../../../src/graph/graph.ts";
import { graphOf } from "../../graph/run-graph.ts";
import { noise } from "../../onnx/small-model.ts";
import { operators, sameAfter } from "./tuned.ts";
import { transposed, windowed } from "../../graph/by-axis.ts";

const three = { kernelShape: [3, 3], dilations: [1, 1], pads: [1, 1, 1, 1], group: 1 };

/** A transposed convolution to `channels`, something in between, a convolution. */
const network = (channels: number, between: (g: Builder, y: Value, x: Value) => Value): Graph =>
  graphOf([1, 4, 3, 3], (g, x) => {
    const y = g.convTranspose(
      x,
      g.constant(noise([4, channels, 3, 3])),
      transposed({
        ...three,
        strides: [2, 2],
        outputPadding: [1, 1],
      }),
    );
    return g.conv(
      between(g, y, x),
      g.constant(noise([8, channels, 3, 3], 2)),
      windowed({ ...three, strides: [1, 1] }),
    );
  });

/** How many convolutions the rewrite adds. */
const added = async (graph: Graph): Promise<number> => {
  const convolutions = (of: Graph) => operators(of).filter((op) => op === "Conv").length;
  return convolutions(await sameAfter(backToBlocks, graph)) - convolutions(graph);
};

it("a convolution by 1 stands where a plain tensor reaches a convolution through sums, products and rectifiers", async () => {
  expect(await added(network(16, (g, y) => g.relu(y)))).toBe(1);
  expect(await added(network(32, (g, y) => g.add(g.mul(y, g.sin(y)), y)))).toBe(1);
  const padded = network(16, (g, y) => g.relu(g.pad(y, [0, 0, 1, 1], [0, 0, 2, 1])));
  expect(await added(padded)).toBe(1);
  const cropped = network(16, (g, y) => g.relu(g.slice(g.relu(y), [0, 0, 1, 1], [1, 16, 3, 3])));
  expect(await added(cropped)).toBe(1);
});

it("but not right before it, nor behind another layout, nor where channels do not fill blocks", async () => {
  expect(await added(network(16, (_, y) => y))).toBe(0);
  const turned = network(16, (g, y) => g.transpose(g.exp(g.transpose(y, [0, 2, 3, 1])), [0, 3, 1, 2]));
  expect(await added(turned)).toBe(0);
  expect(await added(network(12, (g, y) => g.relu(y)))).toBe(0);
});

it("unpooling is told its shape, which the runtime does not infer", async () => {
  const graph = graphOf([1, 16, 6, 6], (g, x) => {
    const window = { kernelShape: [2, 2], strides: [2, 2], dilations: [1, 1], pads: [0, 0, 0, 0] };
    const shape = [1, 16, 3, 3];
    const [y, indices] = g.apply("MaxPool", [x], windowed({ ...window, ceilMode: false }), [
      { dtype: "float32", shape },
      { dtype: "int64", shape },
    ]);
    const unpooled = g.single("MaxUnpool", [y, indices ?? x], windowed(window), "float32", x.shape);
    return g.conv(
      g.relu(unpooled),
      g.constant(noise([8, 16, 3, 3])),
      windowed({ ...three, strides: [1, 1] }),
    );
  });
  expect(operators(await sameAfter(backToBlocks, graph))).toEqual([
    "MaxPool",
    "MaxUnpool",
    "Reshape",
    "Conv",
    "Relu",
    "Conv",
  ]);
});
