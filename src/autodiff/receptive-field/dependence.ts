import { at } from "../../core/required.ts";
import { einsumTerms, ofPointwise, type Op } from "../../graph/operators.ts";
import { interpolationReach, isUnchanged } from "../../graph/resize.ts";
import { reaching, type Interval } from "../../graph/window.ts";
import {
  broadcastTo,
  everything,
  mixing,
  padded,
  pointwise,
  pooled,
  reduced,
  windowed,
  type Dependence,
} from "./reading.ts";
import { replaced, reshaped } from "./region.ts";

const spatialAxes = (_: unknown, rank: number) => Array.from({ length: rank }, (__, k) => k).slice(2);

/** What each operator's output reads, position by position: the theoretical receptive field, one operator at a time. */
export const dependences: { readonly [K in Op]: Dependence<K> } = {
  ...ofPointwise(pointwise),

  MatMul: (node, output) => {
    const [a, b] = node.inputs;
    if (a.shape.length < 2 || b.shape.length < 2) return everything(node);
    return [
      broadcastTo(a, output).with(-1, [0, at(a.shape, -1) - 1]),
      broadcastTo(b, output).with(-2, [0, at(b.shape, -2) - 1]),
    ];
  },
  Gemm: ({ inputs: [a, , c], attributes: { transA, transB } }, output) => {
    const [rows, columns] = [at(output, 0), at(output, 1)];
    const summed: Interval = [0, at(a.shape, transA ? 0 : 1) - 1];
    return [
      transA ? [summed, rows] : [rows, summed],
      transB ? [columns, summed] : [summed, columns],
      c && broadcastTo(c, output),
    ];
  },
  Einsum: (node, output) => {
    const terms = einsumTerms(node.attributes);
    return node.inputs.map(({ shape }, position) =>
      shape.map((extent, axis): Interval => {
        const own = output[terms.output.indexOf(at(at(terms.operands, position), axis))];
        return extent === 1 || own === undefined ? [0, extent - 1] : own;
      }),
    );
  },
  Conv: ({ inputs: [x], attributes }, output) => [windowed(attributes, output, [0, at(x.shape, 1) - 1])],
  ConvTranspose: ({ inputs: [x], attributes: { axes } }, output) => [
    [at(output, 0), [0, at(x.shape, 1) - 1], ...axes.map((axis, k) => reaching(axis, at(output, k + 2)))],
  ],

  MaxPool: pooled,
  MaxUnpool: everything,
  AveragePool: pooled,

  BatchNormalization: mixing(() => []),
  InstanceNormalization: mixing(spatialAxes),
  LayerNormalization: mixing(({ attributes: { axis } }, rank) =>
    Array.from({ length: rank - axis }, (_, k) => axis + k),
  ),
  LRN: mixing(() => [1]),
  Softmax: mixing(({ attributes: { axis } }) => [axis]),
  LogSoftmax: mixing(({ attributes: { axis } }) => [axis]),

  QuantizeLinear: (_, output) => [output],
  // As the gradient sees it: the scale is the whole tensor's, and counts as a constant.
  DynamicQuantizeLinear: (_, output, position) => [position === 0 ? output : null],

  ReduceSum: reduced,
  ReduceMean: reduced,
  ReduceMax: reduced,
  ReduceMin: reduced,
  ReduceProd: reduced,
  ReduceL2: reduced,
  ReduceLogSumExp: reduced,
  ArgMax: everything,
  CumSum: mixing(({ attributes: { axis } }) => [axis]),

  Reshape: ({ inputs: [x], attributes: { shape } }, output) => [reshaped(x.shape, shape, output)],
  Transpose: ({ attributes: { perm } }, output) => [perm.map((_, axis) => at(output, perm.indexOf(axis)))],
  Concat: ({ inputs, attributes: { axis } }, output) => {
    const [first, last] = at(output, axis);
    let offset = 0;
    return inputs.map(({ shape }) => {
      const extent = at(shape, axis);
      const interval: Interval = [Math.max(0, first - offset), Math.min(extent - 1, last - offset)];
      offset += extent;
      return interval[0] > interval[1] ? null : replaced(output, axis, interval);
    });
  },
  Split: ({ attributes: { axis, sizes } }, output, position) => {
    const offset = sizes.slice(0, position).reduce((sum, size) => sum + size, 0);
    const [first, last] = at(output, axis);
    return [replaced(output, axis, [first + offset, last + offset])];
  },
  Slice: ({ attributes: { axes } }, output) => [
    output.map(([first, last], k): Interval => {
      const { start, step } = at(axes, k);
      const ends = [start + step * first, start + step * last] as const;
      return [Math.min(...ends), Math.max(...ends)];
    }),
  ],
  Pad: ({ inputs: [x], attributes: { mode, axes } }, output) => [
    output.map((interval, k) => padded(mode, at(axes, k), interval, at(x.shape, k))),
  ],
  Expand: pointwise,
  Tile: mixing(({ attributes: { repeats } }) =>
    repeats.flatMap((repeat, axis) => (repeat === 1 ? [] : [axis])),
  ),
  DepthToSpace: ({ inputs: [x], attributes: { blockSize } }, output) => [
    x.shape.map((extent, axis): Interval => {
      const [first, last] = at(output, axis);
      if (axis === 1) return [0, extent - 1];
      return axis < 2 ? [first, last] : [Math.floor(first / blockSize), Math.floor(last / blockSize)];
    }),
  ],
  SpaceToDepth: ({ inputs: [x], attributes: { blockSize } }, output) => [
    x.shape.map((extent, axis): Interval => {
      const [first, last] = at(output, axis);
      if (axis === 1) return [0, extent - 1];
      return axis < 2 ? [first, last] : [first * blockSize, last * blockSize + blockSize - 1];
    }),
  ],
  Resize: ({ inputs: [x], attributes }, output) => [
    output.map(([first, last], k): Interval => {
      const resized = { attributes, axis: at(attributes.axes, k), input: at(x.shape, k) };
      if (isUnchanged(resized)) return [first, last];
      return [interpolationReach(resized, first)[0], interpolationReach(resized, last)[1]];
    }),
  ],

  Gather: ({ inputs: [x, indices], attributes: { axis } }, output) => {
    const picked = indices.shape.length;
    return [
      x.shape.map((extent, k): Interval =>
        k === axis ? [0, extent - 1] : at(output, k < axis ? k : k + picked - 1),
      ),
      output.slice(axis, axis + picked),
    ];
  },
  GatherElements: everything,
  GatherND: everything,
  ScatterElements: everything,
  ScatterND: everything,
  OneHot: everything,
  Opaque: everything,
};
