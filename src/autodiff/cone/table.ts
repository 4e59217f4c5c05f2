import { ofPointwise, type Op } from "../../graph/operators.ts";
import { sizeOf } from "../../core/tensor.ts";
import { extentsOf } from "../receptive-field/region.ts";
import {
  anywhere,
  channels,
  convolution,
  cropped,
  padding,
  reshaping,
  resizing,
  slicing,
  slid,
  splitting,
  transposedConvolution,
  uncropped,
  unfolding,
  whereWhole,
  wholeAlong,
  type Crop,
} from "./crop.ts";

/** How every operator computes a box of its output. What it reads for that is in the table of dependences. */
export const crops: { readonly [K in Op]: Crop<K> } = {
  ...ofPointwise<typeof anywhere>(anywhere), // inferred, it would be for one operator

  // Rows of the left factor, columns of the right; a vector has neither.
  MatMul: (node, wanted) =>
    node.inputs.every(({ shape }) => shape.length > 1) ? cropped(node, wanted) : uncropped(node),
  Gemm: anywhere,
  Einsum: anywhere,
  Conv: convolution,
  ConvTranspose: transposedConvolution,

  MaxPool: slid,
  MaxUnpool: uncropped, // its indices are positions in the whole tensor
  AveragePool: slid,

  BatchNormalization: whereWhole(() => channels),
  InstanceNormalization: uncropped,
  LayerNormalization: (node, wanted) => {
    const normalized = [...wanted.keys()].slice(node.attributes.axis);
    return node.outputs.length > 1 ? uncropped(node) : cropped(node, wholeAlong(node, wanted, normalized));
  },
  LRN: whereWhole(() => channels),
  Softmax: whereWhole(({ attributes: { axis } }) => [axis]),
  LogSoftmax: whereWhole(({ attributes: { axis } }) => [axis]),

  QuantizeLinear: whereWhole(({ inputs: [, scale], attributes: { axis } }) =>
    sizeOf(scale.shape) === 1 ? [] : [axis],
  ),
  DynamicQuantizeLinear: uncropped, // its scale is of the whole tensor

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
    indices.shape.map((_, k) => axis + k),
  ),
  GatherElements: uncropped,
  GatherND: uncropped,
  ScatterElements: uncropped,
  ScatterND: uncropped,
  OneHot: uncropped,
  Opaque: uncropped,
};
