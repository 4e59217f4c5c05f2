import type { DType, Shape } from "../core/tensor.ts";

/** No attributes. */
type None = Readonly<Record<string, never>>;

/** Sliding-window geometry, one entry per spatial axis; `pads` lists all beginnings, then all ends (ONNX order). */
export interface Window {
  readonly kernelShape: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  readonly pads: readonly number[];
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
  /** A letter for each axis, none left to an ellipsis, and the output behind an arrow: `bik,bkj->bij`. */
  Einsum: { readonly equation: string };
  Conv: Window & { readonly group: number };
  ConvTranspose: Window & { readonly group: number; readonly outputPadding: readonly number[] };

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
  /** One entry per axis of the input: `start + step · i` for i < output extent. */
  Slice: { readonly starts: readonly number[]; readonly steps: readonly number[]; readonly shape: Shape };
  Pad: {
    readonly mode: "constant" | "reflect" | "edge" | "wrap";
    readonly pads: readonly number[];
    readonly value: number;
  };
  Expand: { readonly shape: Shape };
  Tile: { readonly repeats: readonly number[] };
  DepthToSpace: { readonly blockSize: number; readonly mode: "DCR" | "CRD" };
  SpaceToDepth: { readonly blockSize: number };
  Resize: {
    readonly mode: "nearest" | "linear" | "cubic";
    /** Output extents and the scale per axis that the coordinate transformation uses. */
    readonly shape: Shape;
    readonly scales: readonly number[];
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

  /** An operator that erfit does not know: carried along, run by the engine, never differentiated. */
  Opaque: { readonly domain: string; readonly opType: string; readonly payload: unknown };
}

export type Op = keyof Operators;
