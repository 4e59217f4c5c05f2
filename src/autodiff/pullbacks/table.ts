import { at } from "../../core/required.ts";
import { sizeOf } from "../../core/tensor.ts";
import type { Value } from "../../graph/graph.ts";
import type { Op } from "../../graph/operators.ts";
import { above, clipping, gaussianErrorUnit, sigmoid } from "./activations.ts";
import { gather, gatherElements, gatherND, scatterElements, scatterND } from "./indexing.ts";
import { depthToSpace, padding, resizing, slicing, spaceToDepth, tiling } from "./layout.ts";
import {
  batchNormalization,
  instanceNormalization,
  layerNormalization,
  localResponseNormalization,
} from "./normalization.ts";
import { einsum, gemm, matMul } from "./products.ts";
import type { Pullback } from "./pullback.ts";
import { cast, straightThrough } from "./quantization.ts";
import { broadcastBack, productOfOthers, splitEvenlyAmongTies } from "./reductions.ts";
import { averagePool, convolution, maxPool, maxUnpool, transposedConvolution } from "./windows.ts";

/** The output is constant almost everywhere: nothing flows back. */
const piecewiseConstant = () => [null, null, null];

/** No rule; where one is needed the walker names the node. */
const none = () => [];

/**
 * VJP of every operator. At kinks the sub-gradient is PyTorch's: ReLU gives 0 at 0, ReLU6 at 0 and 6 (`clipping`), Max and
 * Min halve it on a tie, MaxPool gives it to the first maximum in row-major order.
 */
export const pullbacks: { readonly [K in Op]: Pullback<K> } = {
  Identity: (_, { dy }) => [dy],
  Cast: cast,
  Neg: (g, { dy }) => [g.neg(dy)],
  Abs: (g, { x: [x], dy }) => [g.mul(dy, g.sign(x))],
  Sign: piecewiseConstant,
  Reciprocal: (g, { y, dy }) => [g.neg(g.mul(dy, g.mul(y, y)))],
  Sqrt: (g, { y, dy }) => [g.div(g.mul(dy, 0.5), y)],
  Exp: (g, { y, dy }) => [g.mul(dy, y)],
  Log: (g, { x: [x], dy }) => [g.div(dy, x)],
  Sin: (g, { x: [x], dy }) => [g.mul(dy, g.cos(x))],
  Cos: (g, { x: [x], dy }) => [g.neg(g.mul(dy, g.sin(x)))],
  Erf: (g, { x: [x], dy }) => [g.mul(dy, g.mul(g.exp(g.neg(g.mul(x, x))), 2 / Math.sqrt(Math.PI)))],
  Floor: piecewiseConstant,
  Ceil: piecewiseConstant,
  Round: piecewiseConstant,
  Not: piecewiseConstant,
  Relu: (g, { y, dy }) => [g.mul(dy, above(g, y, 0))],
  LeakyRelu: (g, { x: [x], dy, attributes: { alpha } }) => [g.where(g.greater(x, 0), dy, g.mul(dy, alpha))],
  ThresholdedRelu: (g, { x: [x], dy, attributes: { alpha } }) => [g.where(g.greater(x, alpha), dy, 0)],
  Elu: (g, { x: [x], y, dy, attributes: { alpha } }) => [
    g.where(g.greater(x, 0), dy, g.mul(dy, g.add(y, alpha))),
  ],
  Selu: (g, { x: [x], y, dy, attributes: { alpha, gamma } }) => [
    g.mul(dy, g.where(g.greater(x, 0), gamma, g.add(y, alpha * gamma))),
  ],
  Celu: (g, { x: [x], y, dy, attributes: { alpha } }) => [
    g.where(g.greater(x, 0), dy, g.mul(dy, g.add(g.mul(y, 1 / alpha), 1))),
  ],
  Sigmoid: sigmoid,
  HardSigmoid: (g, { y, dy, attributes: { alpha } }) => [
    g.where(g.and(g.greater(y, 0), g.less(y, 1)), g.mul(dy, alpha), 0),
  ],
  HardSwish: (g, { x: [x], dy }) => [
    g.where(g.less(x, 3), g.where(g.greater(x, -3), g.mul(dy, g.add(g.mul(x, 1 / 3), 0.5)), 0), dy),
  ],
  Tanh: (g, { y, dy }) => [g.mul(dy, g.sub(1, g.mul(y, y)))],
  Softplus: (g, { x: [x], y, dy }) => [g.mul(dy, g.exp(g.sub(x, y)))],
  Softsign: (g, { x: [x], dy }) => [g.div(dy, g.pow(g.add(g.abs(x), 1), 2))],
  Mish: (g, { x: [x], dy }) => {
    const softplus = g.single("Softplus", [x], {}, x.dtype, x.shape);
    const t = g.tanh(softplus);
    return [g.mul(dy, g.add(t, g.mul(g.mul(x, g.sigmoid(x)), g.sub(1, g.mul(t, t)))))];
  },
  Gelu: gaussianErrorUnit,
  Clip: clipping,

  Add: (_, { dy }) => [dy, dy],
  Sub: (g, { dy }) => [dy, g.neg(dy)],
  Mul: (g, { x: [a, b], dy }) => [g.mul(dy, b), g.mul(dy, a)],
  Div: (g, { x: [, b], y, dy }) => [g.div(dy, b), g.neg(g.div(g.mul(dy, y), b))],
  Pow: (g, { x: [a, b], y, dy }) => {
    const exponent = g.cast(b, "float32");
    const logarithm = g.where(g.greater(a, 0), g.log(a), 0);
    return [g.mul(dy, g.mul(exponent, g.pow(a, g.sub(exponent, 1)))), g.mul(dy, g.mul(y, logarithm))];
  },
  Max: (g, { x: [a, b], dy }) => {
    const tied = g.where(g.equal(a, b), g.mul(dy, 0.5), 0);
    return [g.where(g.greater(a, b), dy, tied), g.where(g.less(a, b), dy, tied)];
  },
  Min: (g, { x: [a, b], dy }) => {
    const tied = g.where(g.equal(a, b), g.mul(dy, 0.5), 0);
    return [g.where(g.less(a, b), dy, tied), g.where(g.greater(a, b), dy, tied)];
  },
  Mod: (_, { dy }) => [dy],
  PRelu: (g, { x: [x, slope], dy }) => {
    const positive = g.greater(x, 0);
    return [g.where(positive, dy, g.mul(dy, slope)), g.where(positive, 0, g.mul(dy, x))];
  },
  Greater: piecewiseConstant,
  GreaterOrEqual: piecewiseConstant,
  Less: piecewiseConstant,
  LessOrEqual: piecewiseConstant,
  Equal: piecewiseConstant,
  And: piecewiseConstant,
  Or: piecewiseConstant,
  Where: (g, { x: [condition], dy }) => [null, g.where(condition, dy, 0), g.where(condition, 0, dy)],

  MatMul: matMul,
  Gemm: gemm,
  Einsum: einsum,
  Conv: convolution,
  ConvTranspose: transposedConvolution,

  MaxPool: maxPool,
  MaxUnpool: maxUnpool,
  AveragePool: averagePool,

  BatchNormalization: batchNormalization,
  InstanceNormalization: instanceNormalization,
  LayerNormalization: layerNormalization,
  LRN: localResponseNormalization,
  Softmax: (g, { y, dy, attributes: { axis } }) => [g.mul(y, g.sub(dy, g.reduceSum(g.mul(dy, y), [axis])))],
  LogSoftmax: (g, { y, dy, attributes: { axis } }) => [g.sub(dy, g.mul(g.exp(y), g.reduceSum(dy, [axis])))],

  QuantizeLinear: straightThrough,
  DynamicQuantizeLinear: (g, { outputs: [, scale], dy }) => [scale === undefined ? dy : g.div(dy, scale)],

  ReduceSum: (g, { x: [x], dy, attributes }) => [broadcastBack(g, dy, x.shape, attributes)],
  ReduceMean: (g, { x: [x], y, dy, attributes }) => {
    const share = sizeOf(y.shape) / sizeOf(x.shape);
    return [broadcastBack(g, g.mul(dy, share), x.shape, attributes)];
  },
  ReduceMax: splitEvenlyAmongTies,
  ReduceMin: splitEvenlyAmongTies,
  ReduceProd: productOfOthers,
  ReduceL2: (g, { x: [x], y, dy, attributes }) => {
    const back = (value: Value) => broadcastBack(g, value, x.shape, attributes);
    const [norm, outer] = [back(y), back(dy)];
    return [g.where(g.greater(norm, 0), g.div(g.mul(x, outer), norm), 0)];
  },
  ReduceLogSumExp: (g, { x: [x], y, dy, attributes }) => {
    const back = (value: Value) => broadcastBack(g, value, x.shape, attributes);
    const [total, outer] = [back(y), back(dy)];
    return [g.mul(outer, g.exp(g.sub(x, total)))];
  },
  ArgMax: piecewiseConstant,
  CumSum: (g, { x: [x], dy, attributes }) => [
    g.single("CumSum", [dy], { ...attributes, reverse: !attributes.reverse }, dy.dtype, x.shape),
  ],

  Reshape: (g, { x: [x], dy }) => [g.reshape(dy, x.shape)],
  Transpose: (g, { dy, attributes: { perm } }) => [
    g.transpose(
      dy,
      perm.map((_, axis) => perm.indexOf(axis)),
    ),
  ],
  Concat: (g, { x, dy, attributes: { axis } }) =>
    g.split(
      dy,
      axis,
      x.map((part) => at(part.shape, axis)),
    ),
  Split: (g, { outputs, cotangents, attributes: { axis } }) => [
    g.concat(
      outputs.map((output, k) => cotangents[k] ?? g.zeros(output.shape)),
      axis,
    ),
  ],
  Slice: slicing,
  Pad: padding,
  Expand: (_, { dy }) => [dy],
  Tile: tiling,
  DepthToSpace: depthToSpace,
  SpaceToDepth: spaceToDepth,
  Resize: resizing,

  Gather: gather,
  GatherElements: gatherElements,
  GatherND: gatherND,
  ScatterElements: scatterElements,
  ScatterND: scatterND,
  OneHot: piecewiseConstant,

  Opaque: none,
};
