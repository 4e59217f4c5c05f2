import { expect, it, test } from "vitest";
import type { Tensor } from "../../../src/core/tensor.ts";
import { importers } from "../../../src/onnx/importers/table.ts";
import { float, noise } from "../small-model.ts";
import { comparison, gradientError, type Case } from "./case.ts";

const weights = noise([6, 4, 3, 3], 2);
const kernel = { kernel_shape: [3, 3] };
const matrix = { shape: [1, 1, 6, 5] } as const;
const tokens = { shape: [1, 7, 12] } as const;
const perChannel = (seed: number): Tensor => noise([12], seed);

/** One node of the domain com.microsoft each. */
const cases: readonly (readonly [string, Case])[] = [
  ["FusedConv", { constants: [weights, noise([6])], attributes: { ...kernel, activation: "Sigmoid" } }],
  [
    "FusedConv",
    {
      constants: [weights, noise([6]), noise([1, 6, 4, 3], 3)],
      attributes: { ...kernel, activation: "Tanh" },
    },
  ],
  [
    "FusedConv",
    {
      constants: [weights],
      attributes: { ...kernel, activation: "LeakyRelu", activation_params: { floats: [0.3] } },
    },
  ],
  [
    "FusedConv",
    {
      constants: [weights],
      attributes: { ...kernel, activation: "Clip", activation_params: { floats: [-9, 9] } },
    },
  ],
  [
    "FusedConv",
    {
      constants: [weights],
      attributes: { ...kernel, activation: "HardSigmoid", activation_params: { floats: [0.01, 0.5] } },
    },
  ],
  [
    "FusedConv",
    { constants: [weights], attributes: { strides: [2, 2], pads: [1, 1, 1, 1], activation: "Relu" } },
  ],
  [
    "FusedGemm",
    {
      shape: [7, 12],
      constants: [noise([5, 12]), noise([5], 2)],
      attributes: { transB: 1, alpha: float(0.2), activation: "Tanh" },
    },
  ],
  [
    "FusedGemm",
    {
      shape: [7, 12],
      constants: [noise([12, 5])],
      attributes: { activation: "LeakyRelu", activation_alpha: float(0.3) },
    },
  ],
  ["FusedMatMul", { ...matrix, constants: [noise([5, 3])], attributes: { alpha: float(0.5) } }],
  ["FusedMatMul", { ...matrix, constants: [noise([6, 3])], attributes: { transA: 1 } }],
  ["FusedMatMul", { ...matrix, constants: [noise([3, 5])], attributes: { transB: 1 } }],
  ["Gelu", {}],
  ["BiasGelu", { constants: [noise([5])] }],
  ["FastGelu", {}],
  ["FastGelu", { constants: [noise([5])] }],
  ["QuickGelu", {}],
  ["QuickGelu", { attributes: { alpha: float(1.3) } }],
  [
    "SkipLayerNormalization",
    { ...tokens, constants: [noise([1, 7, 12], 2), perChannel(1), perChannel(2), perChannel(3)] },
  ],
  [
    "SkipLayerNormalization",
    { ...tokens, constants: ["x", perChannel(1)], attributes: { epsilon: float(0.1) } },
  ],
  [
    "SkipLayerNormalization",
    {
      ...tokens,
      constants: [noise([1, 7, 12], 2), perChannel(1), perChannel(2)],
      outputs: ["y", "", "", "sum"],
    },
  ],
  [
    "SkipLayerNormalization",
    { ...tokens, constants: ["x", perChannel(1)], outputs: ["y", "mean", "inverseDeviation"] },
  ],
  [
    "SkipSimplifiedLayerNormalization",
    { ...tokens, constants: [noise([1, 7, 12], 2), perChannel(1), perChannel(2)] },
  ],
  ["Attention", { ...tokens, constants: [noise([12, 36], 2), noise([36])], attributes: { num_heads: 3 } }],
  [
    "Attention",
    {
      ...tokens,
      constants: [noise([12, 36], 2), noise([36])],
      attributes: { num_heads: 3, unidirectional: 1, scale: float(0.2) },
    },
  ],
  [
    "Attention",
    {
      ...tokens,
      constants: [noise([12, 20], 2), noise([20]), null, null, noise([1, 2, 7, 7], 4)],
      attributes: { num_heads: 2, qkv_hidden_sizes: [6, 6, 8] },
    },
  ],
  ["MultiHeadAttention", { ...tokens, constants: ["x", "x"], attributes: { num_heads: 3 } }],
  [
    "MultiHeadAttention",
    {
      ...tokens,
      constants: [noise([1, 5, 12], 2), noise([1, 5, 6], 3), noise([30]), null, noise([1, 3, 7, 5], 4)],
      attributes: { num_heads: 3 },
    },
  ],
];

test.each(cases)("%s (%#) has the result and the gradient of ONNX Runtime's operator", async (op, one) => {
  const contributed = { ...one, domain: "com.microsoft" };
  const { difference, operators } = await comparison(op, contributed);
  expect(difference).toBeLessThan(1e-5);
  expect(operators).not.toContain("Opaque");
  const kinked = one.attributes?.["activation"] === "Relu" || one.attributes?.["activation"] === "LeakyRelu";
  if (!kinked) expect(await gradientError(op, contributed)).toBeLessThan(1e-3);
});

it("every rule has a case", () => {
  const elsewhere = ["QuantizeLinear", "DequantizeLinear"];
  const covered = new Set([...cases.map(([op]) => op), ...elsewhere]);
  expect([...covered].toSorted()).toEqual([...(importers.get("com.microsoft")?.keys() ?? [])].toSorted());
});

test.each<[string, Case]>([
  ["FusedMatMul", { ...matrix, constants: [noise([1, 6, 5, 3])], attributes: { transBatchA: 1 } }],
  [
    "SkipSimplifiedLayerNormalization",
    { ...tokens, constants: ["x", perChannel(1)], outputs: ["y", "", "", "sum"] },
  ],
])("%s in a form beyond the rules is carried as it is", async (op, one) => {
  const { operators } = await comparison(op, { ...one, domain: "com.microsoft" });
  expect(operators).toContain("Opaque");
});
