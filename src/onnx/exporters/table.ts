import type { AttributeProto } from "onnx-buf";
import type { NodeOf } from "../../graph/graph.ts";
import type { Op, Operators, Reduction, Window } from "../../graph/operators.ts";
import { int64, sizeOf } from "../../core/tensor.ts";
import { windowLists } from "../../graph/window.ts";
import { dataTypes } from "../file/element-type.ts";
import { scalarTensor } from "../file/tensors.ts";
import {
  dtypeOfFirst,
  float,
  followed,
  int,
  ints,
  list,
  text,
  type Exporter,
  type Form,
  type Operand,
  resize,
  slice,
} from "./form.ts";

const plain = (): Form => ({});
const alpha = ({ alpha }: { readonly alpha: number }): Form => ({ attributes: [float("alpha", alpha)] });
const epsilon = ({ epsilon }: { readonly epsilon: number }): Form => ({
  attributes: [float("epsilon", epsilon)],
});
const axis = ({ axis }: { readonly axis: number }): Form => ({ attributes: [int("axis", axis)] });

const undilated = ({ axes }: Window): readonly AttributeProto[] => {
  const { kernelShape, strides, pads } = windowLists(axes);
  return [ints("kernel_shape", kernelShape), ints("strides", strides), ints("pads", pads)];
};

/** Dilations of 1 are left out: some kernels do not expect the attribute. */
const windowAttributes = (window: Window): readonly AttributeProto[] => {
  const { dilations } = windowLists(window.axes);
  const dilated = dilations.some((dilation) => dilation !== 1);
  return [...undilated(window), ...(dilated ? [ints("dilations", dilations)] : [])];
};

type Reducing = { [K in Op]: Operators[K] extends Reduction ? K : never }[Op];

const reduction = ({ axes, keepDims }: Reduction, node: NodeOf<Reducing>): Form => ({
  attributes: [int("keepdims", keepDims), ...(axes.length === 0 ? [int("noop_with_empty_axes", true)] : [])],
  operands: followed(node, list(axes)),
});

/** A bound of Clip; an infinite one is no bound. */
const bound = (node: NodeOf<"Clip">, value: number): Operand =>
  Number.isFinite(value) ? scalarTensor(dtypeOfFirst(node), value) : null;

/** How every operator of the graph is written in ONNX, opset 20. Opaque nodes are written from their payload. */
export const exporters: { readonly [K in Exclude<Op, "Opaque">]: Exporter<K> } = {
  Identity: plain,
  Cast: ({ to }) => ({ attributes: [int("to", dataTypes[to])] }),
  Neg: plain,
  Abs: plain,
  Sign: plain,
  Reciprocal: plain,
  Sqrt: plain,
  Exp: plain,
  Log: plain,
  Sin: plain,
  Cos: plain,
  Erf: plain,
  Floor: plain,
  Ceil: plain,
  Round: plain,
  Not: plain,
  Relu: plain,
  LeakyRelu: alpha,
  ThresholdedRelu: alpha,
  Elu: alpha,
  Selu: ({ alpha, gamma }) => ({ attributes: [float("alpha", alpha), float("gamma", gamma)] }),
  Celu: alpha,
  Sigmoid: plain,
  HardSigmoid: ({ alpha, beta }) => ({ attributes: [float("alpha", alpha), float("beta", beta)] }),
  HardSwish: plain,
  Tanh: plain,
  Softplus: plain,
  Softsign: plain,
  Mish: plain,
  Gelu: ({ approximate }) => ({ attributes: [text("approximate", approximate)] }),
  Clip: ({ min, max }, node) => ({ operands: followed(node, bound(node, min), bound(node, max)) }),

  Add: plain,
  Sub: plain,
  Mul: plain,
  Div: plain,
  Pow: plain,
  Max: plain,
  Min: plain,
  Mod: ({ fmod }) => ({ attributes: [int("fmod", fmod)] }),
  PRelu: plain,
  Greater: plain,
  GreaterOrEqual: plain,
  Less: plain,
  LessOrEqual: plain,
  Equal: plain,
  And: plain,
  Or: plain,
  Where: plain,

  MatMul: plain,
  Gemm: ({ alpha, beta, transA, transB }) => ({
    attributes: [float("alpha", alpha), float("beta", beta), int("transA", transA), int("transB", transB)],
  }),
  Einsum: ({ equation }) => ({ attributes: [text("equation", equation)] }),
  Conv: (window) => ({ attributes: [...windowAttributes(window), int("group", window.group)] }),
  ConvTranspose: (window) => ({
    attributes: [
      ...windowAttributes(window),
      int("group", window.group),
      ints(
        "output_padding",
        window.axes.map(({ extra }) => extra),
      ),
    ],
  }),

  MaxPool: (window) => ({ attributes: [...windowAttributes(window), int("ceil_mode", window.ceilMode)] }),
  MaxUnpool: (window, node) => ({
    attributes: undilated(window),
    operands: followed(node, list(node.outputs[0].shape)),
  }),
  AveragePool: (window) => ({
    attributes: [
      ...windowAttributes(window),
      int("ceil_mode", window.ceilMode),
      int("count_include_pad", window.countIncludePad),
    ],
  }),

  BatchNormalization: epsilon,
  InstanceNormalization: epsilon,
  LayerNormalization: ({ axis, epsilon }) => ({ attributes: [int("axis", axis), float("epsilon", epsilon)] }),
  LRN: ({ size, alpha, beta, bias }) => ({
    attributes: [int("size", size), float("alpha", alpha), float("beta", beta), float("bias", bias)],
  }),
  Softmax: axis,
  LogSoftmax: axis,

  QuantizeLinear: ({ axis }, { inputs: [, scale], outputs: [y] }) => ({
    attributes: sizeOf(scale.shape) === 1 ? [] : [int("axis", axis)],
    // 16 bits came with opset 21.
    ...(y.dtype.endsWith("int16") ? { domain: "com.microsoft" } : {}),
  }),
  DynamicQuantizeLinear: plain,

  ReduceSum: reduction,
  ReduceMean: reduction,
  ReduceMax: reduction,
  ReduceMin: reduction,
  ReduceProd: reduction,
  ReduceL2: reduction,
  ReduceLogSumExp: reduction,
  ArgMax: ({ axis, keepDims }) => ({ attributes: [int("axis", axis), int("keepdims", keepDims)] }),
  CumSum: ({ axis, exclusive, reverse }, node) => ({
    operands: followed(node, int64([], [axis])),
    attributes: [int("exclusive", exclusive), int("reverse", reverse)],
  }),

  Reshape: ({ shape }, node) => ({
    operands: followed(node, list(shape)),
    attributes: sizeOf(shape) === 0 ? [int("allowzero", true)] : [],
  }),
  Transpose: ({ perm }) => ({ attributes: [ints("perm", perm)] }),
  Concat: axis,
  Split: ({ axis, sizes }, node) => ({
    attributes: [int("axis", axis)],
    operands: followed(node, list(sizes)),
  }),
  Slice: slice,
  Pad: ({ mode, axes, value }, node) => ({
    attributes: [text("mode", mode)],
    operands: followed(
      node,
      list([...axes.map(({ before }) => before), ...axes.map(({ after }) => after)]),
      ...(mode === "constant" ? [scalarTensor(dtypeOfFirst(node), value)] : []),
    ),
  }),
  Expand: ({ shape }, node) => ({ operands: followed(node, list(shape)) }),
  Tile: ({ repeats }, node) => ({ operands: followed(node, list(repeats)) }),
  DepthToSpace: ({ blockSize, mode }) => ({ attributes: [int("blocksize", blockSize), text("mode", mode)] }),
  SpaceToDepth: ({ blockSize }) => ({ attributes: [int("blocksize", blockSize)] }),
  Resize: resize,

  Gather: axis,
  GatherElements: axis,
  GatherND: ({ batchDims }) => ({ attributes: [int("batch_dims", batchDims)] }),
  ScatterElements: ({ axis, reduction }) => ({
    attributes: [int("axis", axis), text("reduction", reduction)],
  }),
  ScatterND: ({ reduction }) => ({ attributes: [text("reduction", reduction)] }),
  OneHot: ({ axis, depth }, { inputs: [indices, values] }) => ({
    attributes: [int("axis", axis)],
    operands: [indices, int64([], [depth]), values],
  }),
};
