import { describe, expect, it } from "vitest";
import type { Objective } from "../../../src/autodiff/objective.ts";
import { seedWeights } from "../../../src/runtime/tfjs/pull-back.ts";
import { float32 } from "../../../src/core/tensor.ts";

const of = "softmax";

const weights = (scores: readonly number[], objective: Objective, fed: readonly number[] = scores) => {
  const shape = [1, scores.length];
  const target = { name: "logits", dtype: "float32", shape } as const;
  return [...seedWeights(target, Float32Array.from(scores), objective, float32(shape, fed))];
};

const near = (found: readonly number[], expected: readonly number[]) => {
  expect(found).toHaveLength(expected.length);
  found.forEach((value, k) => {
    expect(Math.abs(value / (expected[k] ?? NaN) - 1)).toBeLessThan(1e-6);
  });
};

describe("the cotangent of scores", () => {
  const scores = [0.5, -1.25, 2, 0.25];

  it("is one at the class, or at the best", () => {
    expect(weights(scores, { kind: "element", index: 1 })).toEqual([0, 1, 0, 0]);
    expect(weights(scores, { kind: "top", of: "score" })).toEqual([0, 0, 1, 0]);
    expect(weights(scores, { kind: "cotangent", name: "w" }, [1, 2, 3, 4])).toEqual([1, 2, 3, 4]);
  });

  // torch.softmax and its backward pass in float64
  it("of probabilities is PyTorch's gradient of the softmax's outputs", () => {
    near(
      weights(scores, { kind: "element", index: 0, of }),
      [0.1312632013, -0.004197463533, -0.1082540113, -0.01881172644],
    );
    near(weights(scores, { kind: "top", of }), [-0.1082540113, -0.01881172644, 0.2113740465, -0.08430830878]);
    near(
      weights(scores, { kind: "cotangent", name: "w", of }, [1, -2, 0.5, 3]),
      [0.02909594337, -0.07596664613, -0.2178684615, 0.2647391642],
    );
  });

  // torch.sigmoid and its backward pass in float64
  it("of a sigmoid's probabilities is PyTorch's gradient of its outputs", () => {
    near(
      weights(scores, { kind: "cotangent", name: "w", of: "sigmoid" }, [1, -2, 0.5, 3]),
      [0.2350037122, -0.346209574, 0.0524967927, 0.7384022482],
    );
    near(weights([30], { kind: "top", of: "sigmoid" }), [9.357622968e-14]);
  });

  it("of a class that is all but certain keeps what 1 - p loses, at scores of any size", () => {
    // p (1 - p) and -p q in fifty decimal digits; 1 - p is 0 in float64
    const certain = [5.7547651499569e-19, -5.7495222642936e-19, -5.2428856633635e-22];
    near(weights([45, 3, -4], { kind: "element", index: 0, of }), certain);
    near(weights([1045, 1003, 996], { kind: "top", of }), certain);
  });
});
