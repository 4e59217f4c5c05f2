import { sameFor } from "../core/required.ts";
import type { DType, Shape } from "../core/tensor.ts";
import type { WindowAxis } from "./window.ts";

/** No attributes. */
type None = Readonly<Record<string, never>>;

/** A sliding window: one record for each spatial axis. */
export interface Window<Axis extends WindowAxis = WindowAxis> {
  readonly axes: readonly Axis[];
}

/** A transposed window; `extra` elements at the end of its output lie beyond the last window. */
export interface TransposedAxis extends WindowAxis {
  readonly extra: number;
}

/** Elements `start + step · i` for i < extent. */
export interface SliceAxis {
  readonly start: number;
  readonly step: number;
  readonly extent: number;
}

/** Padding at an axis's beginning and at its end. */
export interface PadAxis {
  readonly before: number;
  readonly after: number;
}

/** The output's extent, and the scale that the coordinate transformation uses. */
export interface ResizeAxis {
  readonly extent: number;
  readonly scale: number;
}

export interface Reduction {
  readonly axes: readonly number[];
  readonly keepDims: boolean;
}

type ScatterReduction = "none" | "add" | "mul" | "max" | "min";

/**
 * The operators of a graph with their attributes: ONNX's, in one normal form.
 *
 * Import has already settled what ONNX leaves open: opset versions, `auto_pad`, defaults, negative axes, arguments that
 * arrive as constant inputs (axes, starts, pads, shapes are attributes here), n-ary sums, optional inputs. Shapes are
 * static, so Flatten, Squeeze and Unsqueeze are Reshape, and global pooling is a reduction over the spatial axes.
 * Axes are never negative. Inputs that stay inputs are values that may depend on the image.
 */
export interface Operators {
  // Pointwise, one input
  Identity: None;
  Cast: { readonly to: DType };
  Neg: None;
  Abs: None;
  Sign: None;
  Reciprocal: None;
  Sqrt: None;
  Exp: None;
  Log: None;
  Sin: None;
  Cos: None;
  Erf: None;
  Floor: None;
  Ceil: None;
  Round: None;
  Not: None;
  Relu: None;
  LeakyRelu: { readonly alpha: number };
  ThresholdedRelu: { readonly alpha: number };
  Elu: { readonly alpha: number };
  Selu: { readonly alpha: number; readonly gamma: number };
  Celu: { readonly alpha: number };
  Sigmoid: None;
  HardSigmoid: { readonly alpha: number; readonly beta: number };
  HardSwish: None;
  Tanh: None;
  Softplus: None;
  Softsign: None;
  Mish: None;
  Gelu: { readonly approximate: "none" | "tanh" };
  Clip: { readonly min: number; readonly max: number };

  // Pointwise, several inputs with NumPy broadcasting
  Add: None;
  Sub: None;
  Mul: None;
  Div: None;
  Pow: None;
  Max: None;
  Min: None;
  Mod: { readonly fmod: boolean };
  PRelu: None;
  Greater: None;
  GreaterOrEqual: None;
  Less: None;
  LessOrEqual: None;
  Equal: None;
  And: None;
  Or: None;
  Where: None;

  // Products
  MatMul: None;
  Gemm: { readonly alpha: number; readonly beta: number; readonly transA: boolean; readonly transB: boolean };
  /** A letter for each axis, none left to an ellipsis, and the output after an arrow: `bik,bkj->bij`. */
  Einsum: { readonly equation: string };
  Conv: Window & { readonly group: number };
  ConvTranspose: Window<TransposedAxis> & { readonly group: number };

  // Pooling; MaxPool's optional second output holds flat indices into the whole input
  MaxPool: Window & { readonly ceilMode: boolean };
  MaxUnpool: Window;
  AveragePool: Window & { readonly ceilMode: boolean; readonly countIncludePad: boolean };

  // Normalization; LayerNormalization's optional outputs are the mean and the inverse standard deviation
  BatchNormalization: { readonly epsilon: number };
  InstanceNormalization: { readonly epsilon: number };
  LayerNormalization: { readonly axis: number; readonly epsilon: number };
  LRN: { readonly size: number; readonly alpha: number; readonly beta: number; readonly bias: number };
  Softmax: { readonly axis: number };
  LogSoftmax: { readonly axis: number };

  // Quantization: scale and zero point, one or one for each index along the axis; the dynamic one computes its own
  QuantizeLinear: { readonly axis: number };
  DynamicQuantizeLinear: None;

  // Reductions
  ReduceSum: Reduction;
  ReduceMean: Reduction;
  ReduceMax: Reduction;
  ReduceMin: Reduction;
  ReduceProd: Reduction;
  ReduceL2: Reduction;
  ReduceLogSumExp: Reduction;
  ArgMax: { readonly axis: number; readonly keepDims: boolean };
  CumSum: { readonly axis: number; readonly exclusive: boolean; readonly reverse: boolean };

  // Layout
  Reshape: { readonly shape: Shape };
  Transpose: { readonly perm: readonly number[] };
  Concat: { readonly axis: number };
  Split: { readonly axis: number; readonly sizes: readonly number[] };
  Slice: { readonly axes: readonly SliceAxis[] };
  Pad: {
    readonly mode: "constant" | "reflect" | "edge" | "wrap";
    readonly axes: readonly PadAxis[];
    readonly value: number;
  };
  Expand: { readonly shape: Shape };
  Tile: { readonly repeats: readonly number[] };
  DepthToSpace: { readonly blockSize: number; readonly mode: "DCR" | "CRD" };
  SpaceToDepth: { readonly blockSize: number };
  Resize: {
    readonly mode: "nearest" | "linear" | "cubic";
    readonly axes: readonly ResizeAxis[];
    readonly coordinateTransformation:
      "half_pixel" | "half_pixel_symmetric" | "pytorch_half_pixel" | "align_corners" | "asymmetric";
    readonly nearestMode: "round_prefer_floor" | "round_prefer_ceil" | "floor" | "ceil";
    readonly cubicCoefficient: number;
    readonly excludeOutside: boolean;
    readonly antialias: boolean;
  };

  // Indexing; indices are the second input
  Gather: { readonly axis: number };
  GatherElements: { readonly axis: number };
  GatherND: { readonly batchDims: number };
  ScatterElements: { readonly axis: number; readonly reduction: ScatterReduction };
  ScatterND: { readonly reduction: ScatterReduction };
  OneHot: { readonly axis: number; readonly depth: number };

  /** An operator that erfit does not know: carried along, run by the runtime, never differentiated. */
  Opaque: { readonly domain: string; readonly opType: string; readonly payload: unknown };
}

export type Op = keyof Operators;

/** Operators whose output at a position comes from their inputs at that position alone, broadcast as NumPy does. */
const unaryOps = [
  "Identity",
  "Cast",
  "Neg",
  "Abs",
  "Sign",
  "Reciprocal",
  "Sqrt",
  "Exp",
  "Log",
  "Sin",
  "Cos",
  "Erf",
  "Floor",
  "Ceil",
  "Round",
  "Not",
  "Relu",
  "LeakyRelu",
  "ThresholdedRelu",
  "Elu",
  "Selu",
  "Celu",
  "Sigmoid",
  "HardSigmoid",
  "HardSwish",
  "Tanh",
  "Softplus",
  "Softsign",
  "Mish",
  "Gelu",
  "Clip",
] as const satisfies readonly Op[];
const binaryOps = [
  "Add",
  "Sub",
  "Mul",
  "Div",
  "Pow",
  "Max",
  "Min",
  "Mod",
  "PRelu",
  "Greater",
  "GreaterOrEqual",
  "Less",
  "LessOrEqual",
  "Equal",
  "And",
  "Or",
] as const satisfies readonly Op[];

/** The part of a table of all operators in which one rule serves every pointwise operator. */
export const ofPointwise = <R>(rule: R) => sameFor([...unaryOps, ...binaryOps, "Where"], rule);

/** An input that is required, one that may be left out, and any number of either. */
export type InputKind = "required" | "optional" | "all" | "any";

const one = ["required"] as const;
const two = [...one, ...one] as const;
const three = [...two, ...one] as const;
const biased = [...two, "optional"] as const;

/** The inputs of every operator. The types of nodes and the check of their inputs both come from this table. */
export const inputKinds = {
  ...sameFor(unaryOps, one),
  ...sameFor(binaryOps, two),
  Where: three,

  MatMul: two,
  Gemm: biased,
  Einsum: ["all"],
  Conv: biased,
  ConvTranspose: biased,

  MaxPool: one,
  MaxUnpool: two, // and the indices
  AveragePool: one,

  BatchNormalization: [...three, ...two], // scale, bias, mean, variance
  InstanceNormalization: three, // scale, bias
  LayerNormalization: biased, // scale
  LRN: one,
  Softmax: one,
  LogSoftmax: one,

  QuantizeLinear: three, // scale, zero point
  DynamicQuantizeLinear: one,

  ReduceSum: one,
  ReduceMean: one,
  ReduceMax: one,
  ReduceMin: one,
  ReduceProd: one,
  ReduceL2: one,
  ReduceLogSumExp: one,
  ArgMax: one,
  CumSum: one,

  Reshape: one,
  Transpose: one,
  Concat: ["all"],
  Split: one,
  Slice: one,
  Pad: one,
  Expand: one,
  Tile: one,
  DepthToSpace: one,
  SpaceToDepth: one,
  Resize: one,

  Gather: two,
  GatherElements: two,
  GatherND: two,
  ScatterElements: three,
  ScatterND: three,
  OneHot: two, // indices, and the values off and on

  Opaque: ["any"],
} as const satisfies Readonly<Record<Op, readonly InputKind[]>>;

/** The axes of an Einsum, each as its letter. */
interface EinsumTerms {
  readonly operands: readonly (readonly string[])[];
  readonly output: readonly string[];
}

/** An equation in parts. A graph's is spelled out: a letter for each axis, and the output after an arrow. */
export function einsumTerms({ equation }: Operators["Einsum"]): EinsumTerms {
  const [operands = "", output = ""] = equation.split("->");
  return { operands: operands.split(",").map((term) => term.split("")), output: output.split("") };
}
