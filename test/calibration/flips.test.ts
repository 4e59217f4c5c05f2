import { describe, expect, it } from "vitest";
import { extend, type Builder } from "../../src/graph/builder.ts";
import type { Value } from "../../src/graph/graph.ts";
import { float32, type Shape } from "../../src/core/tensor.ts";
import { explainByFlips } from "./flips.ts";
import { windowed } from "../graph/by-axis.ts";

/** Flips that explain `expected` as the gradient of the mean of `choose(x) · [4, 8, 12, 16]`, four channels of one cell. */
function explain(
  shape: Shape,
  choose: (g: Builder, x: Value) => Value,
  image: readonly number[],
  expected: readonly number[],
) {
  const g = extend({ inputs: [], nodes: [], outputs: [], constants: new Map() });
  const x = g.input("x", "float32", shape);
  const target = g.mul(choose(g, x), g.constant(float32([1, 4, 1, 1], [4, 8, 12, 16])));
  return explainByFlips(
    g.build([target]),
    { target, objective: { kind: "channel-mean", cell: [0, null, 0, 0] }, withRespectTo: x },
    Float32Array.from(image),
    Float32Array.from(expected),
    1e-6,
  );
}

const cell = [1, 4, 1, 1];
const relu = (g: Builder, x: Value) => g.relu(x);
const relu6 = (g: Builder, x: Value) => g.clip(x, 0, 6);
const pool = (g: Builder, x: Value) => {
  const attributes = { kernelShape: [1, 2], strides: [1, 1], dilations: [1, 1], pads: [0, 0, 0, 0] };
  return g.single("MaxPool", [x], windowed({ ...attributes, ceilMode: false }), "float32", cell);
};

describe("decisions flipped in float32", () => {
  it("finds the ReLUs that another rounding turns on or off", async () => {
    const { before, after, flips } = await explain(cell, relu, [1, 1e-8, -2e-8, -1], [1, 0, 3, 0]);
    expect(before).toBeGreaterThan(0.1);
    expect(after).toBe(0);
    expect(flips.map(({ element }) => element)).toEqual([1, 2]);
    expect(flips[1]?.margin).toBeCloseTo(2e-8, 12);
  });

  it("finds flips at both bounds of a ReLU6", async () => {
    const { after, flips } = await explain(cell, relu6, [3, 6 + 1e-6, 1e-8, 8], [1, 2, 0, 0]);
    expect(after).toBe(0);
    expect(flips.map(({ element }) => element)).toEqual([2, 1]);
  });

  it("finds the window whose largest element another rounding changes", async () => {
    const windows = [1, 2, 3, 3 - 2e-7, 3, 2, 1, 0];
    const { after, flips, nearTies } = await explain([1, 4, 1, 2], pool, windows, [0, 1, 0, 2, 3, 0, 4, 0]);
    expect(after).toBe(0);
    expect(flips.map(({ element }) => element)).toEqual([1]);
    expect(nearTies).toBe(1);
  });

  it("does not explain a decision that rounding cannot have made", async () => {
    const { before, after, flips } = await explain(cell, relu, [1, 1e-5, -1, 1], [1, 0, 0, 4]);
    expect(flips).toEqual([]);
    expect(after).toBe(before);
  });

  it("does not explain a gradient that is wrong in itself", async () => {
    const { after } = await explain(cell, relu, [1, 1e-8, -2e-8, -1], [1.002, 2.004, 0, 0]);
    expect(after).toBeGreaterThan(1e-3);
  });
});
