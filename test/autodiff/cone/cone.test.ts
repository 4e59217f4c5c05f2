import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cone } from "../../../src/autodiff/cone/cone.ts";
import { multiplyAdds } from "../../../src/autodiff/cone/work.ts";
import { gradientGraph, type GradientRequest } from "../../../src/autodiff/gradient.ts";
import type { Cell } from "../../../src/autodiff/objective.ts";
import type { Builder } from "../../../src/graph/builder.ts";
import type { Graph, Value } from "../../../src/graph/graph.ts";
import { print } from "../../../src/graph/print.ts";
import type { Shape } from "../../../src/core/tensor.ts";
import { graphOf, runGraph } from "../../graph/run-graph.ts";
import { noise } from "../../onnx/small-model.ts";
import { thrown } from "../../thrown.ts";
import { anyLayer, choosing, steadyLayer, type Layer } from "../random-layers.ts";
import { bothWays, difference } from "./both-ways.ts";
import { sliced, transposed, windowed } from "../../graph/by-axis.ts";

const image: Shape = [1, 2, 17, 14];

const ends = (graph: Graph): { readonly x: Value; readonly y: Value } => {
  const [x] = graph.inputs;
  const [y] = graph.outputs;
  if (x === undefined || y === undefined) throw new Error("an input and an output");
  return { x, y };
};

const stack = (layers: readonly Layer[]): Graph =>
  graphOf(image, (g, x) => layers.reduce((value, layer) => layer(g, value), g.mul(x, 1)));

/** A cell given as shares of the map's height and width. */
const cellOf = ({ shape: [, , height = 1, width = 1] }: Value, [down, along]: readonly [number, number]) => [
  0,
  null,
  Math.floor(down * height),
  Math.floor(along * width),
];

const networks = (layer: fc.Arbitrary<Layer>) => fc.array(layer, { minLength: 1, maxLength: 6 });
const share = fc.double({ min: 0, max: 0.999, noNaN: true });
const place = fc.tuple(share, share);

describe("the gradient through the cone is that through the whole network", () => {
  async function holds(networks: fc.Arbitrary<readonly Layer[]>, tolerance: number, numRuns: number) {
    const property = fc.asyncProperty(networks, place, async (layers, position) => {
      const graph = stack(layers);
      const { y } = ends(graph);
      const found = await bothWays(graph, y, cellOf(y, position), runGraph);
      expect(difference(found)).toBeLessThanOrEqual(tolerance);
    });
    await fc.assert(property, { numRuns, seed: 6 }); // in other samples a ReLU at its kink may decide either way
  }

  it("to a millionth, where sums do not cancel", async () => {
    await holds(networks(steadyLayer), 1e-6, 400);
  });

  // Attention and normalization subtract large numbers: there the order of a sum, which a runtime chooses by its length,
  // shows in more digits.
  it("to rounding, in networks of any layers", async () => {
    await holds(networks(anyLayer), 1e-4, 300);
  });

  it("where a layer is read in one of its channels", async () => {
    await holds(fc.tuple(anyLayer, choosing), 1e-5, 200);
  });

  it("also of the rectified sum", async () => {
    const graph = graphOf(image, (g, x) => three(g, g.sub(x, 0.2)));
    const { x, y } = ends(graph);
    const objective = { kind: "rectified-sum", cell: [0, null, 9, 3] } as const;
    const [whole, cut] = await Promise.all(
      [false, true].map(async (on) => {
        const request = { target: y, objective, withRespectTo: x, cone: on };
        return (await runGraph(gradientGraph(graph, request).graph))[0]?.data;
      }),
    );
    expect(whole?.some((value) => value !== 0)).toBe(true);
    expect(cut).toEqual(whole);
  });

  it("never computes more", () => {
    fc.assert(
      fc.property(networks(anyLayer), place, (layers, position) => {
        const graph = stack(layers);
        const { y } = ends(graph);
        const part = cone(graph, y, cellOf(y, position));
        expect(multiplyAdds(part.graph)).toBeLessThanOrEqual(multiplyAdds(graph));
      }),
    );
  });
});

/** A 3 x 3 convolution of two channels, padded by one. */
const three = (g: Builder, x: Value, strides = [1, 1]) =>
  g.conv(
    x,
    g.constant(noise([2, 2, 3, 3])),
    windowed({
      kernelShape: [3, 3],
      strides,
      dilations: [1, 1],
      pads: [1, 1, 1, 1],
      group: 1,
    }),
  );

const residual = (g: Builder, x: Value): Value => {
  const y = g.relu(three(g, x, [2, 2]));
  return g.relu(g.add(y, three(g, y)));
};

describe("a cone", () => {
  it("reads as the network on smaller tensors: padding at the border alone, slices where less is read", () => {
    const graph = graphOf([1, 2, 32, 32], residual);
    const part = cone(graph, ends(graph).y, [0, null, 0, 9]);
    expect([part.target.shape, part.cell]).toEqual([
      [1, 2, 1, 1],
      [0, null, 0, 0],
    ]);
    expect(print(part.graph)).toMatchInlineSnapshot(`
      "input x: float32[1,2,32,32]
      constant %1: float32[2,2,3,3]
      constant %4: float32[2,2,3,3]
      x[0,0..1,0..3,15..21]: float32[1,2,4,7] = Slice(x; start=[0,0,0,15]; step=[1,1,1,1]; extent=[1,2,4,7])
      %2: float32[1,2,2,3] = Conv(x[0,0..1,0..3,15..21], %1; kernel=[3,3]; stride=[2,2]; dilation=[1,1]; before=[1,0]; after=[0,0]; group=1)
      %3: float32[1,2,2,3] = Relu(%2)
      %5: float32[1,2,1,1] = Conv(%3, %4; kernel=[3,3]; stride=[1,1]; dilation=[1,1]; before=[1,0]; after=[0,0]; group=1)
      %3[0,0..1,0,9]: float32[1,2,1,1] = Slice(%3; start=[0,0,0,1]; step=[1,1,1,1]; extent=[1,2,1,1])
      %6: float32[1,2,1,1] = Add(%3[0,0..1,0,9], %5)
      %7: float32[1,2,1,1] = Relu(%6)
      return %7"
    `);
  });

  it("of one token's attention keeps all keys and values, one query and one row of scores", () => {
    const attention = (g: Builder, x: Value): Value => {
      const parts = g.split(g.matmul(x, g.constant(noise([4, 12]))), 2, [4, 4, 4]);
      const [query = x, key = x, value = x] = parts;
      const scores = g.matmul(query, g.matrixTranspose(key));
      const weights = g.single("Softmax", [scores], { axis: 2 }, "float32", scores.shape);
      return g.add(x, g.matmul(g.matmul(weights, value), g.constant(noise([4, 4]))));
    };
    const graph = graphOf([1, 9, 4], attention);
    expect(print(cone(graph, ends(graph).y, [0, 5, null]).graph)).toMatchInlineSnapshot(`
      "input x: float32[1,9,4]
      constant %1: float32[4,12]
      constant %10: float32[4,4]
      %2: float32[1,9,12] = MatMul(x, %1)
      %3: float32[1,9,4], %4: float32[1,9,4], %5: float32[1,9,4] = Split(%2; axis=2; sizes=[4,4,4])
      %6: float32[1,4,9] = Transpose(%4; perm=[0,2,1])
      %3[0,5,0..3]: float32[1,1,4] = Slice(%3; start=[0,5,0]; step=[1,1,1]; extent=[1,1,4])
      %7: float32[1,1,9] = MatMul(%3[0,5,0..3], %6)
      %8: float32[1,1,9] = Softmax(%7; axis=2)
      %9: float32[1,1,4] = MatMul(%8, %5)
      %11: float32[1,1,4] = MatMul(%9, %10)
      x[0,5,0..3]: float32[1,1,4] = Slice(x; start=[0,5,0]; step=[1,1,1]; extent=[1,1,4])
      %12: float32[1,1,4] = Add(x[0,5,0..3], %11)
      return %12"
    `);
  });

  it("of a slice moves the slice", () => {
    const graph = graphOf([1, 2, 9, 9], (g, x) =>
      g.sliceBy(three(g, x), sliced([0, 0, 8, 0], [1, 2, 4, 5], [1, 1, -2, 2])),
    );
    const { graph: part } = cone(graph, ends(graph).y, [0, null, 1, 4]);
    expect(part.nodes.map(({ op }) => op)).toEqual(["Slice", "Conv", "Slice"]);
    expect(part.nodes[1]?.outputs[0]?.shape).toEqual([1, 2, 1, 1]);
  });

  it("of a gap that a transposed convolution leaves between its kernels is not empty", async () => {
    const graph = graphOf([1, 2, 5, 5], (g, x) =>
      g.convTranspose(
        g.mul(x, x),
        g.constant(noise([2, 2, 1, 2])),
        transposed({
          kernelShape: [1, 2],
          strides: [3, 4],
          dilations: [1, 1],
          pads: [0, 0, 0, 0],
          group: 1,
          outputPadding: [0, 0],
        }),
      ),
    );
    for (const cell of [
      [0, null, 4, 4],
      [0, null, 3, 6],
      [0, null, 6, 5],
    ]) {
      const found = await bothWays(graph, ends(graph).y, cell, runGraph);
      expect(found.throughCone).toEqual(found.whole);
    }
  });

  it("leaves whole what an operator mixes", () => {
    const graph = graphOf([1, 2, 9, 9], (g, x) => {
      const y = three(g, x);
      return g.mul(y, g.sigmoid(g.reduceMean(y, [2, 3])));
    });
    const { graph: part } = cone(graph, ends(graph).y, [0, null, 4, 4]);
    const shapes = part.nodes.map(({ op, outputs: [y] }) => [op, y.shape.slice(2)]);
    expect(shapes).toEqual([
      ["Conv", [9, 9]],
      ["ReduceMean", [1, 1]],
      ["Sigmoid", [1, 1]],
      ["Slice", [1, 1]],
      ["Mul", [1, 1]],
    ]);
  });

  it("of a cell that only a constant is joined into has no gradient, and says so by zeros", async () => {
    const graph = graphOf([1, 2, 4, 4], (g, x) => g.concat([x, g.constant(noise([1, 2, 4, 4]))], 2));
    const found = await bothWays(graph, ends(graph).y, [0, null, 6, 1], runGraph);
    expect(found.throughCone).toEqual(new Float32Array(32));
    expect(found.throughCone).toEqual(found.whole);
  });

  it("of a cell outside the tensor is refused", () => {
    const graph = graphOf([1, 2, 9, 9], three);
    expect(thrown(() => cone(graph, ends(graph).y, [0, null, 9, 0])).message).toMatch(
      /cell \[0, :, 9, 0\] is outside tensor/,
    );
  });
});

describe("a request that needs whole tensors is answered as without the cone", () => {
  const graph = graphOf([1, 2, 9, 9], (g, x) => [residual(g, x)]);
  const { x, y } = ends(graph);
  const cell: Cell = [0, null, 2, 2];
  const ofCell = { target: y, objective: { kind: "channel-mean", cell }, withRespectTo: x } as const;
  const feature = graph.nodes.find(({ op }) => op === "Relu")?.outputs[0] ?? y;

  it.each([
    ["of the largest element", { ...ofCell, objective: { kind: "top" } }],
    ["of one element", { ...ofCell, objective: { kind: "element", index: 3 } }],
    ["of a weighted sum", { ...ofCell, objective: { kind: "cotangent", name: "v" } }],
    ["with respect to a feature map", { ...ofCell, withRespectTo: feature }],
    ["with a feature map alongside", { ...ofCell, alongside: [feature] }],
  ] satisfies [string, GradientRequest][])("%s", (_, request) => {
    const text = (cone: boolean) => print(gradientGraph(graph, { ...request, cone }).graph);
    expect(text(true)).toBe(text(false));
  });

  it("and any other is not", () => {
    const text = (cone: boolean) => print(gradientGraph(graph, { ...ofCell, cone }).graph);
    expect(text(true)).not.toBe(text(false));
  });
});
