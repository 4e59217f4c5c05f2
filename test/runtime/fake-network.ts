import type { Network, TensorInfo } from "../../src/runtime/network.ts";
import type { Shape } from "../../src/core/tensor.ts";

export const tensor = (name: string, operator: string, shape: Shape, module?: string): TensorInfo => ({
  name,
  operator,
  shape,
  module,
});

/** A network of names and shapes that no engine runs; what a test needs more, it gives. */
export const fakeNetwork = (tensors: readonly TensorInfo[], more: Partial<Network> = {}): Network => ({
  engine: "none",
  input: { name: "image", shape: [1, 3, 224, 224], layout: "NCHW", height: 224, width: 224 },
  outputs: [{ ...tensor("logits", "Gemm", [1, 10]), dtype: "float32" }],
  output: tensor("logits", "Gemm", [1, 10]),
  logits: tensor("logits", "Gemm", [1, 10]),
  probability: "softmax",
  graph: null,
  tensors,
  offPath: new Set(),
  remarks: [],
  metadata: {},
  ending: () => ({ kind: "scores" }),
  sourcesOf: (name) => new Set([...tensors.map((one) => one.name), name]),
  receptiveField: () => null,
  workKept: () => null,
  hasGradient: () => true,
  differentiate: () => Promise.reject(new Error("it cannot run")),
  forward: () => Promise.reject(new Error("it cannot run")),
  ...more,
});
