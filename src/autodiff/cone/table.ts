import type { Op } from "../../graph/operators.ts";
import { einsumTerms } from "../receptive-field/einsum.ts";
import { extentsOf } from "../receptive-field/region.ts";
import { anywhere, channels, cropped, uncropped, whereWhole, wholeAlong, type Crop } from "./crop.ts";
import { padding, reshaping, resizing, slicing, splitting, unfolding } from "./layout.ts";
import { convolution, slid, transposedConvolution } from "./windows.ts";

/** How every operator computes a box of its output. What it reads for that is in the table of dependences. */
export const crops: { readonly [K in Op]: Crop<K> } = {
  Identity: anywhere,
  Cast: anywhere,
  Neg: anywhere,
  Abs: anywhere,
  Sign: anywhere,
  Reciprocal: anywhere,
  Sqrt: anywhere,
  Exp: anywhere,
  Log: anywhere,
  Sin: anywhere,
  Cos: anywhere,
  Erf: anywhere,
  Floor: anywhere,
  Ceil: anywhere,
  Round: anywhere,
  Not: anywhere,
  Relu: anywhere,
  LeakyRelu: anywhere,
  ThresholdedRelu: anywhere,
  Elu: anywhere,
  Selu: anywhere,
  Celu: anywhere,
  Sigmoid: anywhere,
  HardSigmoid: anywhere,
  HardSwish: anywhere,
  Tanh: anywhere,
  Softplus: anywhere,
  Softsign: anywhere,
  Mish: anywhere,
  Gelu: anywhere,
  Clip: anywhere,
  Add: anywhere,
  Sub: anywhere,
  Mul: anywhere,
  Div: anywhere,
  Pow: anywhere,
  Max: anywhere,
  Min: anywhere,
  Mod: anywhere,
  PRelu: anywhere,
  Greater: anywhere,
  GreaterOrEqual: anywhere,
  Less: anywhere,
  LessOrEqual: anywhere,
  Equal: anywhere,
  And: anywhere,
  Or: anywhere,
  Where: anywhere,

  // Rows of the left factor, columns of the right; a vector has neither.
  MatMul: (node, wanted) =>
    node.inputs.every((factor) => factor !== null && factor.shape.length > 1)
      ? cropped(node, wanted)
      : uncropped(node),
  Gemm: anywhere,
  Einsum: (node, wanted) => (einsumTerms(node.attributes) === null ? uncropped(node) : cropped(node, wanted)),
  Conv: convolution,
  ConvTranspose: transposedConvolution,

  MaxPool: slid,
  MaxUnpool: uncropped, // its indices are positions in the whole tensor
  AveragePool: slid,

  BatchNormalization: whereWhole(() => channels),
  InstanceNormalization: uncropped,
  LayerNormalization: (node, wanted) => {
    const normalised = [...wanted.keys()].slice(node.attributes.axis);
    return node.outputs.length > 1 ? uncropped(node) : cropped(node, wholeAlong(node, wanted, normalised));
  },
  LRN: whereWhole(() => channels),
  Softmax: whereWhole(({ attributes: { axis } }) => [axis]),
  LogSoftmax: whereWhole(({ attributes: { axis } }) => [axis]),

  // What is left after a reduction may be any box; the reduced axes are read whole.
  ReduceSum: anywhere,
  ReduceMean: anywhere,
  ReduceMax: anywhere,
  ReduceMin: anywhere,
  ReduceProd: anywhere,
  ReduceL2: anywhere,
  ReduceLogSumExp: anywhere,
  ArgMax: uncropped,
  CumSum: whereWhole(({ attributes: { axis } }) => [axis]),

  Reshape: reshaping,
  Transpose: anywhere,
  Concat: anywhere,
  Split: splitting,
  Slice: slicing,
  Pad: padding,
  Expand: (node, wanted) => cropped(node, wanted, { shape: extentsOf(wanted) }),
  Tile: whereWhole(({ attributes: { repeats } }) =>
    [...repeats.keys()].filter((axis) => repeats[axis] !== 1),
  ),
  DepthToSpace: unfolding,
  SpaceToDepth: whereWhole(() => channels),
  Resize: resizing,

  Gather: whereWhole(({ inputs: [, indices], attributes: { axis } }) =>
    Array.from({ length: indices?.shape.length ?? 0 }, (_, k) => axis + k),
  ),
  GatherElements: uncropped,
  GatherND: uncropped,
  ScatterElements: uncropped,
  ScatterND: uncropped,
  OneHot: uncropped,
  Opaque: uncropped,
};
