import { at } from "../../core/required.ts";
import type { Builder } from "../../graph/builder.ts";
import type { Value } from "../../graph/graph.ts";
import { attend, causalBias, joinHeads, splitHeads } from "./attention.ts";
import type { FileNode, Importer } from "./file-node.ts";
import { rmsNormalized } from "./normalization.ts";
import { gemm } from "./products.ts";
import { convolution } from "./windows.ts";

/** Activations that fused operators end in; FusedConv's parameters are in this order. */
const activations: Readonly<Record<string, (g: Builder, x: Value, a: number, b: number) => Value>> = {
  Relu: (g, x) => g.relu(x),
  Sigmoid: (g, x) => g.sigmoid(x),
  Tanh: (g, x) => g.tanh(x),
  Clip: (g, x, min, max) => g.clip(x, min, max),
  LeakyRelu: (g, x, alpha) => g.single("LeakyRelu", [x], { alpha }, x.dtype, x.shape),
  HardSigmoid: (g, x, alpha, beta) => g.single("HardSigmoid", [x], { alpha, beta }, x.dtype, x.shape),
};

/** An operator with a further summand (FusedConv's fourth input) and an activation after it. */
const activated =
  (operator: Importer): Importer =>
  (n, g) => {
    const { text, numbers, float } = n.attributes;
    const name = text("activation", "");
    const activation = activations[name];
    const [sum] = name === "" || activation !== undefined ? (operator(n, g) ?? []) : [];
    if (sum === undefined) return undefined;
    const summand = n.inputs[3] ?? null;
    const total = summand === null ? sum : g.add(sum, summand);
    const [a = float("activation_alpha", 0), b = float("activation_beta", 0)] =
      numbers("activation_params") ?? [];
    return [activation === undefined ? total : activation(g, total, a, b)];
  };

const gelu =
  (approximate: "none" | "tanh"): Importer =>
  (n, g) => {
    const [, bias = null] = n.inputs;
    const x = bias === null ? n.input(0) : g.add(n.input(0), bias);
    return [g.single("Gelu", [x], { approximate }, x.dtype, x.shape)];
  };

const matMul: Importer = (n, g) => {
  const { flag, float } = n.attributes;
  const [a, b] = [n.input(0), n.input(1)];
  const batches = flag("transBatchA", false) || flag("transBatchB", false);
  if (batches || a.shape.length < 2 || b.shape.length < 2) return undefined;
  const left = flag("transA", false) ? g.matrixTranspose(a) : a;
  const right = flag("transB", false) ? g.matrixTranspose(b) : b;
  const alpha = float("alpha", 1);
  return [g.matmul(alpha === 1 ? left : g.mul(left, alpha), right)];
};

/** What is normalized: input, skip connection and a bias. */
const skipSum = (n: FileNode, g: Builder, bias: Value | null): Value => {
  const sum = g.add(n.input(0), n.input(1));
  return bias === null ? sum : g.add(sum, bias);
};

const epsilonOf = (n: FileNode): number => n.attributes.float("epsilon", 1e-12);

/** Adds the bias of queries, keys and values, one after the other in one vector. */
function biased(g: Builder, parts: readonly Value[], bias: Value | null): readonly Value[] {
  if (bias === null) return parts;
  const biases = g.split(
    bias,
    0,
    parts.map((part) => at(part.shape, -1)),
  );
  return parts.map((part, k) => g.add(part, at(biases, k)));
}

/** Attention over [1, T, C] queries, keys and values, with a bias of the scores or a causal mask at most. */
function attention(n: FileNode, g: Builder, parts: readonly Value[], bias: Value | null): Value | undefined {
  const { int, flag, float } = n.attributes;
  const heads = int("num_heads", 1);
  const [query, key, value] = parts.map((part) => splitHeads(g, part, heads));
  if (query === undefined || key === undefined || value === undefined) return undefined;
  const causal = flag("unidirectional", false) ? [causalBias(g, at(query.shape, 2), at(key.shape, 2))] : [];
  const biases = [...causal, ...(bias === null ? [] : [bias])];
  return joinHeads(g, attend(g, { query, key, value, scale: float("scale", 0), biases }));
}

/** Whether the node goes without these optional inputs. */
const lacks = (n: FileNode, ...inputs: readonly number[]): boolean =>
  inputs.every((index) => (n.inputs[index] ?? null) === null);

/** What ONNX Runtime's optimizers write in the domain com.microsoft, in its parts. Caches and padding masks stay opaque. */
export const fused: Readonly<Record<string, Importer>> = {
  FusedConv: activated(convolution),
  FusedGemm: activated(gemm),
  FusedMatMul: matMul,
  Gelu: gelu("none"),
  BiasGelu: gelu("none"),
  FastGelu: gelu("tanh"),
  QuickGelu: (n, g) => {
    const x = n.input(0);
    return [g.mul(x, g.sigmoid(g.mul(x, n.attributes.float("alpha", 1.702))))];
  },
  /** Its outputs: the normalized sum, mean, inverse deviation, and the sum. */
  SkipLayerNormalization(n, g) {
    const sum = skipSum(n, g, n.inputs[4] ?? null);
    const { dtype, shape } = sum;
    const one = { dtype, shape: shape.with(-1, 1) };
    const attributes = { axis: shape.length - 1, epsilon: epsilonOf(n) };
    const operands = [sum, n.input(2), n.inputs[3] ?? null];
    const types = n.outputs.length === 1 ? [sum] : [sum, one, one];
    return [...g.apply("LayerNormalization", operands, attributes, types), sum].slice(0, n.outputs.length);
  },
  SkipSimplifiedLayerNormalization(n, g) {
    const sum = skipSum(n, g, n.inputs[3] ?? null);
    return [rmsNormalized(g, sum, n.input(2), sum.shape.length - 1, epsilonOf(n))];
  },
  Attention(n, g) {
    const [x, weights] = [n.input(0), n.input(1)];
    if (!lacks(n, 3, 4) || n.outputs.length > 1 || n.attributes.flag("do_rotary", false)) return undefined;
    const width = at(weights.shape, 1);
    const sizes = n.attributes.numbers("qkv_hidden_sizes") ?? [width / 3, width / 3, width / 3];
    const projected = at(biased(g, [g.matmul(x, weights)], n.inputs[2] ?? null), 0);
    const y = attention(n, g, g.split(projected, 2, sizes), n.inputs[5] ?? null);
    return y && [y];
  },
  MultiHeadAttention(n, g) {
    const separate = n.inputs.slice(0, 3).filter((part) => part?.shape.length === 3);
    const parts = separate.flatMap((part) => part ?? []);
    if (parts.length !== 3 || !lacks(n, 4, 6, 7, 8, 9) || n.outputs.length > 1) return undefined;
    const y = attention(n, g, biased(g, parts, n.inputs[3] ?? null), n.inputs[5] ?? null);
    return y && [y];
  },
};
