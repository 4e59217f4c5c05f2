import { describe, expect, it } from "vitest";
import type { Builder } from "../../../src/graph/builder.ts";
import type { Value } from "../../../src/graph/graph.ts";
import { print } from "../../../src/graph/print.ts";
import { float32 } from "../../../src/core/tensor.ts";
import { gradientAt, gradientOf } from "../differentiate.ts";

const points = [-80, -30, -17.3, -14, -11, -6, -1, 0, 2, 9, 14, 40, 90];

/** d (sum of build(x)) / dx at the points. */
const derivative = (build: (g: Builder, x: Value) => Value): Promise<Float32Array> =>
  gradientAt(
    [points.length],
    (g, x) => g.reduceSum(build(g, x), [0]),
    { kind: "element", index: 0 },
    { x: float32([points.length], points) },
  );

/** Largest error, each as a share of the true value. */
const worst = (found: Float32Array, truth: (x: number) => number): number =>
  Math.max(...points.map((x, k) => Math.abs((found[k] ?? NaN) / truth(Math.fround(x)) - 1)));

describe("the derivative of scores that are nearly 0 or 1 is right to float32's last digits", () => {
  it("of a sigmoid", async () => {
    const truth = (x: number): number => 1 / (1 + Math.exp(-Math.abs(x))) / (1 + Math.exp(Math.abs(x)));
    expect(worst(await derivative((g, x) => g.sigmoid(x)), truth)).toBeLessThan(1e-5);
  });

  it("of a softplus", async () => {
    const softplus = (g: Builder, x: Value) => g.single("Softplus", [x], {}, x.dtype, x.shape);
    const truth = (x: number): number => 1 / (1 + Math.exp(-x));
    expect(worst(await derivative(softplus), truth)).toBeLessThan(1e-5);
  });
});

it("takes the short form where a sigmoid only scales other tensors", () => {
  const silu = (g: Builder, x: Value) => g.mul(x, g.sigmoid(x));
  const scoreBesideGate = (g: Builder, x: Value) => {
    const y = g.sigmoid(x);
    return g.add(g.mul(x, y), y);
  };
  const objective = { kind: "element", index: 0 } as const;
  expect(print(gradientOf([4], silu, objective))).not.toContain("Exp");
  expect(print(gradientOf([4], scoreBesideGate, objective))).toContain("Exp");
});
