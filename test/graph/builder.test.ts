import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { extend, type Builder } from "../../src/graph/builder.ts";
import type { Value } from "../../src/graph/graph.ts";
import { float32, int64, numbersOf, type Shape } from "../../src/core/tensor.ts";
import { noise } from "../onnx/small-model.ts";
import { empty, graphOf, runGraph } from "./run-graph.ts";
import { sliced, transposed, windowed } from "./by-axis.ts";

type Build = (g: Builder, x: Value) => Value | readonly Value[];

/** The shapes and element types that the builder states are those that ONNX Runtime finds. */
async function expectAgreement(shape: Shape, build: Build) {
  const graph = graphOf(shape, build);
  const found = (await runGraph(graph)).map(({ dtype, shape }) => ({ dtype, shape: [...shape] }));
  expect(found).toEqual(graph.outputs.map(({ dtype, shape }) => ({ dtype, shape: [...shape] })));
  return graph;
}

const map: Shape = [1, 4, 7, 6];
const weights = (g: Builder, ...shape: number[]) => g.constant(noise(shape, 2));
const square = (kernel: number) => ({
  kernelShape: [kernel, kernel],
  strides: [1, 1],
  dilations: [1, 1],
  group: 1,
});

const cases: Readonly<Record<string, readonly [Shape, Build]>> = {
  "conv of one size": [
    map,
    (g, x) => g.conv(x, weights(g, 5, 4, 3, 3), windowed({ ...square(3), pads: [1, 1, 1, 1] })),
  ],
  "conv of another size along each axis": [
    map,
    (g, x) =>
      g.conv(
        x,
        weights(g, 6, 2, 3, 2),
        windowed({
          kernelShape: [3, 2],
          strides: [2, 3],
          dilations: [1, 2],
          group: 2,
          pads: [2, 0, 1, 3],
        }),
      ),
  ],
  "conv along one axis": [
    [2, 4, 9],
    (g, x) =>
      g.conv(
        x,
        weights(g, 3, 4, 4),
        windowed({
          kernelShape: [4],
          strides: [2],
          dilations: [1],
          group: 1,
          pads: [1, 2],
        }),
      ),
  ],
  "grouped convTranspose with output padding": [
    map,
    (g, x) =>
      g.convTranspose(
        x,
        weights(g, 4, 3, 3, 2),
        transposed({
          kernelShape: [3, 2],
          strides: [2, 3],
          dilations: [2, 1],
          group: 2,
          pads: [1, 0, 2, 1],
          outputPadding: [1, 2],
        }),
      ),
  ],
  matmul: [map, (g, x) => g.matmul(x, weights(g, 6, 5))],
  "matmul, batches broadcast": [[2, 1, 3, 4], (g, x) => g.matmul(x, weights(g, 5, 4, 2))],
  gemm: [[3, 4], (g, x) => g.gemm(x, weights(g, 4, 2), { alpha: 1, beta: 1, transA: false, transB: false })],
  "gemm of transposed factors": [
    [4, 3],
    (g, x) => g.gemm(x, weights(g, 2, 4), { alpha: 1, beta: 1, transA: true, transB: true }),
  ],
  broadcasting: [[3, 1, 6], (g, x) => [g.add(x, weights(g, 2, 1, 4, 1)), g.mul(2, x), g.greater(x, 0)]],
  where: [[3, 1], (g, x) => g.where(g.less(x, 0), weights(g, 1, 4), 0)],
  "pointwise, clip and cast": [map, (g, x) => [g.relu(x), g.clip(x, 0, 6), g.cast(g.greater(x, 0), "int64")]],
  reductions: [
    map,
    (g, x) => [g.reduceSum(x, [2, 3]), g.reduceMean(x, [1], false), g.reduceMax(x, [0, 3], false)],
  ],
  argMax: [map, (g, x) => [g.argMax(x, 1, true), g.argMax(x, 2, false)]],
  "transpose and matrixTranspose": [map, (g, x) => [g.transpose(x, [0, 2, 3, 1]), g.matrixTranspose(x)]],
  "reshape and expand": [[2, 1, 3], (g, x) => [g.reshape(x, [3, 2]), g.expand(x, [2, 4, 3])]],
  concat: [map, (g, x) => g.concat([x, weights(g, 1, 3, 7, 6), x], 1)],
  split: [map, (g, x) => g.split(x, 2, [1, 4, 2])],
  slice: [map, (g, x) => g.sliceBy(x, sliced([0, 1, 6, 0], [1, 2, 3, 2], [1, 1, -3, 4]))],
  reverse: [map, (g, x) => g.reverse(x, [0, 2])],
  pad: [map, (g, x) => g.pad(x, [0, 1, 0, 2], [0, 0, 3, 1])],
  repeatNearest: [map, (g, x) => g.repeatNearest(x, [1, 4, 14, 18])],
  hardSigmoid: [map, (g, x) => g.hardSigmoid(x, 0.2, 0.5)],
  zeros: [[2, 3], (g, x) => [g.zeros([2, 5]), x]],
  scatterAddFlat: [[2, 2], (g, x) => g.scatterAddFlat(7, g.constant(int64([2, 2], [0, 6, 6, 1])), x)],
};

describe("shapes are those of ONNX Runtime", () => {
  it.each(Object.entries(cases))("%s", async (_, [shape, build]) => {
    await expectAgreement(shape, build);
  });

  const axis = fc.record({
    extent: fc.integer({ min: 5, max: 9 }),
    kernel: fc.integer({ min: 1, max: 3 }),
    stride: fc.integer({ min: 1, max: 3 }),
    dilation: fc.integer({ min: 1, max: 2 }),
    before: fc.integer({ min: 0, max: 2 }),
    after: fc.integer({ min: 0, max: 2 }),
  });

  it("any window of conv and convTranspose", async () => {
    await fc.assert(
      fc.asyncProperty(axis, axis, async (a, b) => {
        const window = {
          kernelShape: [a.kernel, b.kernel],
          strides: [a.stride, b.stride],
          dilations: [a.dilation, b.dilation],
          pads: [a.before, b.before, a.after, b.after],
          group: 1,
        };
        await expectAgreement([1, 1, a.extent, b.extent], (g, x) => {
          const kernel = weights(g, 1, 1, a.kernel, b.kernel);
          return [
            g.conv(x, kernel, windowed(window)),
            g.convTranspose(x, kernel, transposed({ ...window, outputPadding: [a.stride - 1, 0] })),
          ];
        });
      }),
      { numRuns: 60 },
    );
  });
});

describe("what the operations compute", () => {
  const x = float32([2, 3], [1, 2, 3, 4, 5, 6]);
  const computed = async (build: Build) =>
    (await runGraph(graphOf(x.shape, build), { x })).map((tensor) => numbersOf(tensor));

  it("reverse turns the given axes round", async () => {
    expect(await computed((g, v) => [g.reverse(v, [1]), g.reverse(v, [0, 1])])).toEqual([
      [3, 2, 1, 6, 5, 4],
      [6, 5, 4, 3, 2, 1],
    ]);
  });

  it("slice takes start + step · i", async () => {
    expect(await computed((g, v) => g.sliceBy(v, sliced([1, 2], [2, 2], [-1, -2])))).toEqual([[6, 4, 3, 1]]);
  });

  it("pad writes zeros", async () => {
    expect(await computed((g, v) => g.pad(v, [0, 1], [1, 0]))).toEqual([
      [0, 1, 2, 3, 0, 4, 5, 6, 0, 0, 0, 0],
    ]);
  });

  it("scatterAddFlat adds where positions repeat", async () => {
    const indices = int64([2, 3], [3, 0, 3, 3, 1, 0]);
    expect(await computed((g, v) => g.scatterAddFlat(4, g.constant(indices), v))).toEqual([[8, 5, 0, 8]]);
  });

  it("matrixTranspose swaps the last two axes", async () => {
    expect(await computed((g, v) => g.matrixTranspose(v))).toEqual([[1, 4, 2, 5, 3, 6]]);
  });
});

describe("what changes nothing adds no node", () => {
  it.each<[string, Build]>([
    ["reshape to its own shape", (g, x) => g.reshape(x, [1, 4, 7, 6])],
    ["expand to its own shape", (g, x) => g.expand(x, [1, 4, 7, 6])],
    ["transpose in order", (g, x) => g.transpose(x, [0, 1, 2, 3])],
    ["the whole slice", (g, x) => g.slice(x, [0, 0, 0, 0], [1, 4, 7, 6])],
    ["reversal of an axis of one", (g, x) => g.reverse(x, [0])],
    ["padding by nothing", (g, x) => g.pad(x, [0, 0, 0, 0], [0, 0, 0, 0])],
    ["a sum over no axes", (g, x) => g.reduceSum(x, [])],
    ["a cast to its own type", (g, x) => g.cast(x, "float32")],
    ["concat of one", (g, x) => g.concat([x], 1)],
  ])("%s", (_, build) => {
    const graph = graphOf(map, build);
    expect(graph.nodes).toEqual([]);
    expect(graph.outputs).toEqual(graph.inputs);
  });

  it("a whole slice that runs backwards is not the same", () => {
    expect(graphOf([4], (g, x) => g.sliceBy(x, sliced([3], [4], [-1]))).nodes).toHaveLength(1);
  });
});

describe("extend", () => {
  it("writes equal numbers as one constant", () => {
    const graph = graphOf([2], (g, x) => g.add(g.mul(x, 2), 2));
    expect([...graph.constants.values()]).toEqual([float32([], [2])]);
  });

  it("keeps the base's values and takes none of their names", () => {
    const base = graphOf([2], (g, x) => g.relu(x));
    const g = extend(base);
    const [y] = base.outputs;
    if (y === undefined) throw new Error("no output");
    const names = [g.neg(y), g.scalar(1)].map(({ name }) => name);
    expect(new Set(["x", y.name, ...names]).size).toBe(4);
    expect(g.build([]).nodes.slice(0, 1)).toEqual(base.nodes);
    expect(() => g.input(y.name, "float32", [1])).toThrow(y.name);
  });

  it("a built graph does not grow with the builder", () => {
    const g = extend(empty);
    const x = g.input("x", "float32", [2]);
    const graph = g.build([g.relu(x)]);
    g.add(g.input("y", "float32", [2]), 1);
    expect([graph.inputs.length, graph.nodes.length, graph.constants.size]).toEqual([1, 1, 0]);
  });

  it("marks nodes with the origin that was set last", () => {
    const graph = graphOf([2], (g, x) => {
      g.from({ node: "Conv_3", module: "layer1" });
      const inside = g.relu(x);
      g.from(undefined);
      return g.neg(inside);
    });
    expect(graph.nodes.map(({ source }) => source?.node)).toEqual(["Conv_3", undefined]);
  });

  it("refuses shapes that do not broadcast", () => {
    expect(() => graphOf([2, 3], (g, x) => g.add(x, weights(g, 2, 2)))).toThrow("[2,3] and [2,2]");
  });
});
