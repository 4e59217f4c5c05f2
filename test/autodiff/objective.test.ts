import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Cell, Objective } from "../../src/autodiff/objective.ts";
import type { Builder } from "../../src/graph/builder.ts";
import type { Value } from "../../src/graph/graph.ts";
import { ErfitError } from "../../src/core/error.ts";
import { float32, sizeOf, stridesOf, type Shape } from "../../src/core/tensor.ts";
import { noise } from "../onnx/small-model.ts";
import { gradientAt, gradientOf, identity } from "./differentiate.ts";
import { windowed } from "../graph/by-axis.ts";

const layouts: readonly (readonly [string, Shape, Cell, channels: number])[] = [
  ["NCHW", [1, 5, 4, 3], [0, null, 2, 1], 5],
  ["NHWC", [1, 4, 3, 5], [0, 2, 1, null], 5],
  ["NTC", [1, 7, 6], [0, 3, null], 6],
];

/** Flat positions of a cell, by walking over its channels. */
function positions(shape: Shape, cell: Cell): number[] {
  const strides = stridesOf(shape);
  const channelAxis = cell.indexOf(null);
  const start = cell.reduce<number>((sum, index, axis) => sum + (index ?? 0) * (strides[axis] ?? 1), 0);
  return Array.from({ length: shape[channelAxis] ?? 0 }, (_, c) => start + c * (strides[channelAxis] ?? 1));
}

describe("a cell", () => {
  it.each(layouts)("%s: the mean over its channels", async (_, shape, cell, channels) => {
    const seed = await gradientAt(shape, identity, { kind: "channel-mean", cell });
    const expected = new Float32Array(sizeOf(shape));
    for (const position of positions(shape, cell)) expected[position] = 1 / channels;
    expect(seed).toEqual(expected);
  });

  it.each(layouts)("%s: the sum of its positive channels", async (_, shape, cell) => {
    const x = noise(shape, 4);
    const seed = await gradientAt(shape, identity, { kind: "rectified-sum", cell }, { x });
    const expected = new Float32Array(sizeOf(shape));
    for (const position of positions(shape, cell)) expected[position] = (x.data[position] ?? 0) > 0 ? 1 : 0;
    expect(new Set(positions(shape, cell).map((position) => expected[position]))).toEqual(new Set([0, 1]));
    expect(seed).toEqual(expected);
  });

  it("outside the tensor is refused, not taken for a zero gradient", () => {
    for (const cell of [
      [0, null, 4, 1],
      [0, null, -1, 1],
      [0, null, 1.5, 1],
      [0, null, 1],
    ]) {
      const attempt = () => gradientOf([1, 5, 4, 3], identity, { kind: "channel-mean", cell });
      expect(attempt).toThrow(ErfitError);
      expect(attempt).toThrow(/cell \[.*\] is outside tensor "%1" of shape \[1, 5, 4, 3\]/);
    }
  });
});

describe("an element", () => {
  it("is counted in the flattened tensor", async () => {
    expect([...(await gradientAt([2, 3], identity, { kind: "element", index: 4 }))]).toEqual([
      0, 0, 0, 0, 1, 0,
    ]);
  });

  it.each([-1, 6, 0.5, NaN])("number %d of six is refused", (index) => {
    const attempt = () => gradientOf([2, 3], identity, { kind: "element", index });
    expect(attempt).toThrow(ErfitError);
    expect(attempt).toThrow(`index ${index} is outside tensor "%1", which has 6 elements, 0 to 5`);
  });
});

describe("the largest element", () => {
  const seedAt = async (values: readonly number[]) => [
    ...(await gradientAt([1, 4], identity, { kind: "top" }, { x: float32([1, 4], values) })),
  ];

  it("is found anew for each input", async () => {
    expect(await seedAt([1, 0, 7, 2])).toEqual([0, 0, 1, 0]);
    expect(await seedAt([-1, -5, -7, -2])).toEqual([1, 0, 0, 0]);
  });

  it("is the first of equals", async () => {
    expect(await seedAt([1, 3, 3, 2])).toEqual([0, 1, 0, 0]);
    expect(await seedAt([2, 2, 2, 2])).toEqual([1, 0, 0, 0]);
  });
});

describe("on the scale of probabilities", () => {
  /** d objective(softmax(scores)) / d scores */
  const gradient = async (scores: readonly number[], objective: Objective, weights?: readonly number[]) => {
    const shape = [1, scores.length];
    const x = float32(shape, scores);
    const v = float32(shape, weights ?? scores);
    return [...(await gradientAt(shape, identity, objective, { x, v }))];
  };
  const near = (found: readonly number[], expected: readonly number[]) => {
    expect(found).toHaveLength(expected.length);
    found.forEach((value, k) => {
      expect(Math.abs(value / (expected[k] ?? NaN) - 1)).toBeLessThan(1e-5);
    });
  };
  const scores = [0.5, -1.25, 2, 0.25];
  const of = "softmax";

  // torch.softmax and its backward pass in float64
  it("it is PyTorch's gradient of the softmax's outputs", async () => {
    near(
      await gradient(scores, { kind: "element", index: 0, of }),
      [0.1312632013, -0.004197463533, -0.1082540113, -0.01881172644],
    );
    near(
      await gradient(scores, { kind: "top", of }),
      [-0.1082540113, -0.01881172644, 0.2113740465, -0.08430830878],
    );
    near(
      await gradient(scores, { kind: "cotangent", name: "v", of }, [1, -2, 0.5, 3]),
      [0.02909594337, -0.07596664613, -0.2178684615, 0.2647391642],
    );
  });

  it("a class that is all but certain keeps the gradient that float32's p (1 - p) loses", async () => {
    near(
      await gradient([25, 3, -4], { kind: "element", index: 0, of }),
      [2.792013286e-10, -2.789468091e-10, -2.543665646e-13],
    );
    near(
      await gradient([25, 3, -4], { kind: "top", of }),
      [2.792013286e-10, -2.789468091e-10, -2.543665646e-13],
    );
    near(
      await gradient([25, 3, -4], { kind: "element", index: 1, of }),
      [-2.789468091e-10, 2.789468091e-10, -7.095474158e-23],
    );
  });

  it("scores may be large", async () => {
    const [a = NaN, b = NaN] = await gradient([1000, 999], { kind: "top", of });
    near([a, b], [0.19661193324, -0.19661193324]); // p (1 - p) of the logistic function at 1
  });

  it("it is the slope of the softmax: finite differences in float64", async () => {
    const softmax = (z: readonly number[]) => {
      const e = z.map((value) => Math.exp(value - Math.max(...z)));
      return e.map((value) => value / e.reduce((a, b) => a + b, 0));
    };
    const score = fc.double({ min: -6, max: 6, noNaN: true });
    await fc.assert(
      fc.asyncProperty(
        fc.array(score, { minLength: 5, maxLength: 5 }),
        fc.array(score, { minLength: 5, maxLength: 5 }),
        async (z, w) => {
          const rounded = [...Float32Array.from(z)];
          const weighted = (at: readonly number[]) =>
            softmax(at).reduce((sum, p, k) => sum + p * (w[k] ?? 0), 0);
          const found = await gradient(rounded, { kind: "cotangent", name: "v", of }, w);
          found.forEach((value, k) => {
            const moved = (by: number) => rounded.map((s, j) => (j === k ? s + by : s));
            const slope = (weighted(moved(1e-5)) - weighted(moved(-1e-5))) / 2e-5;
            expect(Math.abs(value - slope)).toBeLessThan(2e-6);
          });
        },
      ),
      { numRuns: 20 },
    );
  });

  // torch.sigmoid and its backward pass in float64
  it("of a sigmoid it is PyTorch's gradient of the sigmoid's outputs, at scores of any size", async () => {
    const each = { kind: "cotangent", name: "v", of: "sigmoid" } as const;
    near(
      await gradient(scores, each, [1, -2, 0.5, 3]),
      [0.2350037122, -0.346209574, 0.0524967927, 0.7384022482],
    );
    near(await gradient([30, -30], each, [1, 1]), [9.357622968e-14, 9.357622968e-14]);
    expect((await gradient(scores, { kind: "element", index: 1, of: "sigmoid" }))[0]).toBe(0);
  });

  it("the softmax is over the whole tensor, whatever its shape", async () => {
    const objective = { kind: "element", index: 3, of } as const;
    const x = noise([1, 2, 3]);
    const shaped = await gradientAt([1, 2, 3], identity, objective, { x });
    expect(shaped).toEqual(await gradientAt([6], identity, objective, { x: float32([6], x.data) }));
  });
});

describe("a cotangent", () => {
  /** Enough kinds of rule: convolution, normalization, a gate, pooling. */
  function network(g: Builder, x: Value): Value {
    const window = { strides: [1, 1], dilations: [1, 1], pads: [1, 1, 1, 1] };
    const y = g.conv(
      x,
      g.constant(noise([4, 2, 3, 3])),
      windowed({ ...window, kernelShape: [3, 3], group: 1 }),
    );
    const pooled = g.single(
      "MaxPool",
      [g.mul(y, g.sigmoid(y))],
      windowed({ ...window, kernelShape: [3, 3], ceilMode: false }),
      "float32",
      y.shape,
    );
    return g.single("Softmax", [pooled], { axis: 1 }, "float32", y.shape);
  }

  it("is a linear map's argument: v -> Jᵀv", async () => {
    const shape = [1, 4, 4, 4];
    const pullback = (v: Float32Array) =>
      gradientAt([1, 2, 4, 4], network, { kind: "cotangent", name: "v" }, { v: float32(shape, v) });
    const vector = fc
      .array(fc.double({ min: -2, max: 2, noNaN: true }), { minLength: 64, maxLength: 64 })
      .map((values) => Float32Array.from(values));
    const factor = fc.double({ min: -3, max: 3, noNaN: true });
    await fc.assert(
      fc.asyncProperty(vector, vector, factor, factor, async (u, v, a, b) => {
        const [ofU, ofV] = [await pullback(u), await pullback(v)];
        const together = await pullback(u.map((value, i) => a * value + b * (v[i] ?? 0)));
        together.forEach((value, i) => {
          expect(Math.abs(value - a * (ofU[i] ?? 0) - b * (ofV[i] ?? 0))).toBeLessThan(2e-5);
        });
      }),
      { numRuns: 15 },
    );
  });
});
