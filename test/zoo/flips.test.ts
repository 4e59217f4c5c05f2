import { describe, expect, it } from "vitest";
import type { Recorded } from "../../bench/zoo/exports.ts";
import { gradientWithDecisions } from "../../bench/zoo/flips.ts";
import { gradientGraph } from "../../src/autodiff/gradient.ts";
import { pullbacks } from "../../src/autodiff/pullbacks/table.ts";
import type { Builder } from "../../src/graph/builder.ts";
import type { Value } from "../../src/graph/graph.ts";
import { float32, type Tensor } from "../../src/core/tensor.ts";
import { graphOf, runGraph } from "../graph/run-graph.ts";
import { noise } from "../onnx/small-model.ts";
import { relativeL2 } from "../relative-l2.ts";
import { windowed } from "../graph/by-axis.ts";

const shape = [1, 3, 32, 32];
const window = { dilations: [1, 1], pads: [1, 1, 1, 1] };

/** Convolutions with a ReLU, an overlapping max pool and a ReLU6 between them: linear but for its decisions. */
function layers(g: Builder, x: Value) {
  const conv = (input: Value, channels: number, seed: number) =>
    g.conv(
      input,
      g.constant(noise([channels, input.shape[1] ?? 1, 3, 3], seed)),
      windowed({
        ...window,
        kernelShape: [3, 3],
        strides: [1, 1],
        group: 1,
      }),
    );
  const beforeRelu = conv(x, 8, 2);
  const beforePool = conv(g.relu(beforeRelu), 8, 4);
  const pooling = { ...window, kernelShape: [3, 3], strides: [2, 2], ceilMode: false };
  const pooled = g.single("MaxPool", [beforePool], windowed(pooling), "float32", [1, 8, 16, 16]);
  const beforeClip = conv(pooled, 4, 3);
  return { beforeRelu, beforePool, beforeClip, y: g.clip(beforeClip, 0, 6) };
}

const graph = graphOf(shape, (g, x) => layers(g, x).y);
const observed = graphOf(shape, (g, x) => {
  const { beforeRelu, beforePool, beforeClip } = layers(g, x);
  return [beforeRelu, beforePool, beforeClip];
});
const [target, input] = [graph.outputs[0], graph.inputs[0]];
if (target === undefined || input === undefined) throw new Error("a graph of one input and one output");
const request = {
  target,
  objective: { kind: "channel-mean", cell: [0, null, null, null] } as const,
  withRespectTo: input,
};

const elements = (tensor: Tensor | undefined): Float32Array => {
  if (tensor?.dtype !== "float32") throw new Error("expected float32");
  return tensor.data;
};

async function gradientAt(image: Tensor<"float32">, table = pullbacks): Promise<Float32Array> {
  return elements((await runGraph(gradientGraph(graph, request, table).graph, { x: image }))[0]);
}

/** Where in each window of 3x3, stride 2, padding 1, the largest of 32x32 lies. */
function positions(x: Float32Array): number[] {
  return Array.from({ length: 8 * 16 * 16 }, (_, cell) => {
    const [plane, row, column] = [Math.floor(cell / 256), Math.floor(cell / 16) % 16, cell % 16];
    const values = Array.from({ length: 9 }, (_, k) => {
      const [i, j] = [2 * row - 1 + Math.floor(k / 3), 2 * column - 1 + (k % 3)];
      return i < 0 || j < 0 ? -Infinity : (x[plane * 1024 + i * 32 + j] ?? 0);
    });
    return values.indexOf(Math.max(...values));
  });
}

async function decisionsAt(image: Tensor<"float32">): Promise<readonly Recorded[]> {
  const [relu, pool, clip] = (await runGraph(observed, { x: image })).map(elements);
  if (relu === undefined || pool === undefined || clip === undefined) throw new Error("three tensors");
  return [
    { operator: "Clip", decided: Uint8Array.from(clip, (x) => Number(x > 0) + Number(x > 6)) },
    { operator: "MaxPool", decided: Uint8Array.from(positions(pool)) },
    { operator: "Relu", decided: Uint8Array.from(relu, (x) => Number(x > 0)) },
  ];
}

const image = noise(shape, 5);
/** Near enough for almost all decisions to be the same: a stand-in for another precision. */
const nearby = float32(
  shape,
  image.data.map((value, i) => value + 0.002 * Math.sin(i)),
);

describe("a gradient with the decisions of another precision", () => {
  it("is the other's gradient, where the network is linear but for its decisions", async () => {
    const expected = await gradientAt(nearby);
    const before = await gradientAt(image);
    const found = await gradientWithDecisions(graph, request, image, await decisionsAt(nearby));
    expect(relativeL2(before, expected)).toBeGreaterThan(1e-2);
    expect(relativeL2(found.gradient, expected)).toBeLessThan(1e-6);
    expect(found.unmatched).toBe(0);
    expect(found.flips).toBeGreaterThan(0);
    expect(found.decisions).toBe(8 * 32 * 32 + 8 * 16 * 16 + 4 * 16 * 16);
    expect(found.margin).toBeGreaterThan(1e-6);
    expect(found.margin).toBeLessThan(1e-2);
  });

  it("is erfit's own where nothing was decided otherwise", async () => {
    const found = await gradientWithDecisions(graph, request, image, await decisionsAt(image));
    expect(found).toMatchObject({ flips: 0, margin: 0, unmatched: 0 });
    expect(relativeL2(found.gradient, await gradientAt(image))).toBeLessThan(1e-6);
  });

  it("does not hide a gradient that is off by two in a thousand", async () => {
    const expected = (await gradientAt(nearby)).map((value) => 1.002 * value);
    const { gradient } = await gradientWithDecisions(graph, request, image, await decisionsAt(nearby));
    expect(relativeL2(gradient, expected)).toBeGreaterThan(1e-3);
  });

  it("does not hide one wrong rule", async () => {
    const wrong: typeof pullbacks = {
      ...pullbacks,
      Relu: (g, application) =>
        pullbacks.Relu(g, application).map((dx) => (dx === null ? null : g.mul(dx, 1.001))),
    };
    const expected = await gradientAt(nearby, wrong);
    const { gradient } = await gradientWithDecisions(graph, request, image, await decisionsAt(nearby));
    expect(relativeL2(gradient, expected)).toBeGreaterThan(5e-4);
  });

  it("says which operators it cannot find in the record", async () => {
    const [, ...others] = await decisionsAt(nearby);
    const { unmatched } = await gradientWithDecisions(graph, request, image, others);
    expect(unmatched).toBe(1);
  });

  it.each([
    { operator: "Clip", attributes: { min: -3, max: 3 }, slopes: [0, 0, 1, 1] },
    { operator: "HardSwish", attributes: {}, slopes: [1, 0, 1.5, -0.5] },
    { operator: "HardSigmoid", attributes: { alpha: 1 / 6, beta: 0.5 }, slopes: [0, 0, 1 / 6, 1 / 6] },
  ] as const)("takes $operator across both of its kinks", async ({ operator, attributes, slopes }) => {
    // Four elements beside a kink among a thousand: records that differ in more than one of a hundred are not one's own.
    const size = [1, 1000];
    const x = float32(size, [3 - 1e-6, -3 + 1e-6, 3 + 1e-6, -3 - 1e-6, ...Array<number>(996).fill(5)]);
    const curve = graphOf(size, (g, value) => g.single(operator, [value], attributes, "float32", size));
    const [y, at] = [curve.outputs[0], curve.inputs[0]];
    if (y === undefined || at === undefined) throw new Error("a graph of one input and one output");
    const { gradient, flips, margin } = await gradientWithDecisions(
      curve,
      { target: y, objective: { kind: "channel-mean", cell: [0, null] }, withRespectTo: at },
      x,
      [{ operator, decided: Uint8Array.from([2, 0, 1, 1, ...Array<number>(996).fill(2)]) }],
    );
    slopes.forEach((slope, i) => {
      expect(1000 * (gradient[i] ?? NaN)).toBeCloseTo(slope, 5);
    });
    expect(flips).toBe(4);
    expect(margin).toBeCloseTo(1e-6 / 5, 7);
  });
});
