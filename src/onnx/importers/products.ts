import { at } from "../../core/required.ts";
import { sizeOf, type DType } from "../../core/tensor.ts";
import type { Builder } from "../../graph/builder.ts";
import type { Value } from "../../graph/graph.ts";
import { type Importer, type FileNode, plain, same } from "./file-node.ts";
import { integerConvolution } from "./windows.ts";

export const gemm: Importer = same("Gemm", ({ attributes: { float, flag } }) => ({
  alpha: float("alpha", 1),
  beta: float("beta", 1),
  transA: flag("transA", false),
  transB: flag("transB", false),
}));

const alphabet = Array.from("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

/**
 * An equation in letters alone: those that "..." stands for, and the output where it is left to be understood (indices that
 * occur once, in alphabetical order, after the ellipsis).
 */
function spelledOut(equation: string, ranks: readonly number[]): string {
  const [left = "", right] = equation.split("->");
  const covered = left
    .split(",")
    .map((term, k) => (term.includes("...") ? at(ranks, k) - term.length + "...".length : 0));
  const ellipsis = alphabet
    .filter((letter) => !equation.includes(letter))
    .slice(0, Math.max(0, ...covered))
    .join("");
  const named = Array.from(left.replaceAll(/[.,]/g, "")).sort();
  const single = named.filter((letter) => named.indexOf(letter) === named.lastIndexOf(letter));
  const output = right ?? `...${single.join("")}`;
  return `${left}->${output}`.replaceAll("...", ellipsis);
}

/** Matrix products. */
export const products: Readonly<Record<string, Importer>> = {
  MatMul: plain("MatMul"),
  Gemm: gemm,
  Einsum: (n, g) => {
    const ranks = n.inputs.map((_, index) => n.input(index).shape.length);
    const equation = spelledOut(n.attributes.text("equation", "").replaceAll(" ", ""), ranks);
    return g.apply("Einsum", n.inputs, { equation }, n.outputs);
  },
};

/** What activations are quantized to. */
const quantized: ReadonlySet<DType> = new Set(["int8", "uint8", "int16", "uint16"]);

/** From opset 21 on a scale may serve a block of elements along the axis: that stays opaque. */
const isBlocked = (n: FileNode): boolean => n.attributes.int("block_size", 0) !== 0;

const isPerAxis = (n: FileNode): boolean => sizeOf(n.input(1).shape) > 1;

/** Quantized elements as whole float32 numbers, counted from the zero point. */
function levels(g: Builder, x: Value, zeroPoint: Value | null, axis: number): Value {
  const level = g.cast(x, "float32");
  return zeroPoint === null
    ? level
    : g.sub(level, g.alongAxis(g.cast(zeroPoint, "float32"), axis, x.shape.length));
}

const quantizeLinear: Importer = (n, g) => {
  const [x, scale, to] = [n.input(0), n.input(1), n.output.dtype];
  if (x.dtype !== "float32" || !quantized.has(to) || isBlocked(n)) return undefined;
  const zeroPoint = n.inputs[2] ?? g.cast(g.zeros(scale.shape), to);
  const axis = isPerAxis(n) ? n.axis(1) : 0;
  return g.apply("QuantizeLinear", [x, scale, zeroPoint], { axis }, n.outputs);
};

/** (x - zero point) · scale */
const dequantizeLinear: Importer = (n, g) => {
  const [x, scale] = [n.input(0), n.input(1)];
  if (isBlocked(n)) return undefined;
  const axis = isPerAxis(n) ? n.axis(1) : 0;
  return [g.mul(levels(g, x, n.inputs[2] ?? null, axis), g.alongAxis(scale, axis, x.shape.length))];
};

/** A scale for the tensor or for each index of an axis; ONNX Runtime has both in its own domain too. */
export const scaled: Readonly<Record<string, Importer>> = {
  QuantizeLinear: quantizeLinear,
  DequantizeLinear: dequantizeLinear,
};

/** Quantization, and products of quantized numbers. */
export const quantization: Readonly<Record<string, Importer>> = {
  ...scaled,
  DynamicQuantizeLinear: plain("DynamicQuantizeLinear"),
  /** Products of whole numbers, in float32: exact up to 2^24, and the gradient leads through. */
  MatMulInteger(n, g) {
    const [a, b] = [n.input(0), n.input(1)];
    // A zero point for each row of the left factor, for each column of the right one.
    const left = levels(g, a, n.inputs[2] ?? null, a.shape.length - 2);
    const right = levels(g, b, n.inputs[3] ?? null, b.shape.length - 1);
    return g.apply("MatMul", [left, right], {}, [{ dtype: "float32", shape: n.output.shape }]);
  },
  ConvInteger(n, g) {
    const image = levels(g, n.input(0), n.inputs[2] ?? null, 1);
    const weights = levels(g, n.input(1), n.inputs[3] ?? null, 0);
    return integerConvolution(n, g, [image, weights]);
  },
};
