import { einsumTerms } from "../../graph/einsum.ts";
import type { Op } from "../../graph/operators.ts";
import { ofPointwise } from "../../graph/pointwise.ts";
import { interpolationReach } from "../pullbacks/resizing.ts";
import { padded } from "./padding.ts";
import { everything, mixing, pointwise, pooled, reduced, windowed, type Dependence } from "./reading.ts";
import { replaced, type Interval } from "./region.ts";
import { reshaped } from "./reshape.ts";

const spatialAxes = (_: unknown, rank: number) => Array.from({ length: rank }, (__, k) => k).slice(2);

/** What each operator's output reads, position by position: the theoretical receptive field, one operator at a time. */
export const dependences: { readonly [K in Op]: Dependence<K> } = {
  ...ofPointwise(pointwise),

  MatMul: (node, output) => {
    const [a, b] = node.inputs;
    if (a == null || b == null || a.shape.length < 2 || b.shape.length < 2) return everything(node);
    const [broadA, broadB] = pointwise(node, output);
    return [
      broadA?.with(-1, [0, (a.shape.at(-1) ?? 1) - 1]) ?? null,
      broadB?.with(-2, [0, (b.shape.at(-2) ?? 1) - 1]) ?? null,
    ];
  },
  Gemm: (node, output) => {
    const [a, b] = node.inputs;
    const { transA, transB } = node.attributes;
    const rows: Interval = output[0] ?? [0, 0];
    const columns: Interval = output[1] ?? [0, 0];
    const summed: Interval = [0, (a?.shape[transA ? 0 : 1] ?? 1) - 1];
    return [
      transA ? [summed, rows] : [rows, summed],
      b == null ? null : transB ? [columns, summed] : [summed, columns],
      pointwise(node, output)[2] ?? null,
    ];
  },
  Einsum: (node, output) => {
    const terms = einsumTerms(node.attributes);
    return node.inputs.map(
      (operand, position) =>
        operand?.shape.map((extent, axis): Interval => {
          const own = output[terms.output.indexOf(terms.operands[position]?.[axis] ?? "")];
          return extent === 1 || own === undefined ? [0, extent - 1] : own;
        }) ?? null,
    );
  },
  Conv: ({ inputs: [x], attributes }, output) => [windowed(attributes, output, [0, (x?.shape[1] ?? 1) - 1])],
  ConvTranspose: ({ inputs: [x], attributes: { kernelShape, strides, dilations, pads } }, output) => [
    [
      output[0] ?? [0, 0],
      [0, (x?.shape[1] ?? 1) - 1],
      ...kernelShape.map((kernel, axis): Interval => {
        const [first, last] = output[axis + 2] ?? [0, 0];
        const [stride, before] = [strides[axis] ?? 1, pads[axis] ?? 0];
        const reach = (dilations[axis] ?? 1) * (kernel - 1);
        return [Math.ceil((first + before - reach) / stride), Math.floor((last + before) / stride)];
      }),
    ],
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

  Reshape: ({ inputs: [x], attributes: { shape } }, output) => [reshaped(x?.shape ?? [], shape, output)],
  Transpose: ({ attributes: { perm } }, output) => [
    perm.map((_, axis) => output[perm.indexOf(axis)] ?? [0, 0]),
  ],
  Concat: ({ inputs, attributes: { axis } }, output) => {
    const [first, last] = output[axis] ?? [0, 0];
    let offset = 0;
    return inputs.map((part) => {
      const extent = part?.shape[axis] ?? 0;
      const interval: Interval = [Math.max(0, first - offset), Math.min(extent - 1, last - offset)];
      offset += extent;
      return interval[0] > interval[1] ? null : replaced(output, axis, interval);
    });
  },
  Split: ({ attributes: { axis, sizes } }, output, position) => {
    const offset = sizes.slice(0, position).reduce((sum, size) => sum + size, 0);
    const [first, last] = output[axis] ?? [0, 0];
    return [replaced(output, axis, [first + offset, last + offset])];
  },
  Slice: ({ attributes: { starts, steps } }, output) => [
    output.map(([first, last], axis): Interval => {
      const [start, step] = [starts[axis] ?? 0, steps[axis] ?? 1];
      const ends = [start + step * first, start + step * last] as const;
      return [Math.min(...ends), Math.max(...ends)];
    }),
  ],
  Pad: ({ inputs: [x], attributes: { mode, pads } }, output) => [
    output.map((interval, axis): Interval => {
      const [before, after] = [pads[axis] ?? 0, pads[axis + output.length] ?? 0];
      return padded(mode, interval, x?.shape[axis] ?? 1, before, after);
    }),
  ],
  Expand: pointwise,
  Tile: mixing(({ attributes: { repeats } }) =>
    repeats.flatMap((repeat, axis) => (repeat === 1 ? [] : [axis])),
  ),
  DepthToSpace: ({ inputs: [x], attributes: { blockSize } }, output) => [
    (x?.shape ?? []).map((extent, axis): Interval => {
      const [first, last] = output[axis] ?? [0, 0];
      if (axis === 1) return [0, extent - 1];
      return axis < 2 ? [first, last] : [Math.floor(first / blockSize), Math.floor(last / blockSize)];
    }),
  ],
  SpaceToDepth: ({ inputs: [x], attributes: { blockSize } }, output) => [
    (x?.shape ?? []).map((extent, axis): Interval => {
      const [first, last] = output[axis] ?? [0, 0];
      if (axis === 1) return [0, extent - 1];
      return axis < 2 ? [first, last] : [first * blockSize, last * blockSize + blockSize - 1];
    }),
  ],
  Resize: ({ inputs: [x], attributes }, output) => [
    output.map(([first, last], axis): Interval => {
      const extent = x?.shape[axis] ?? 1;
      if (attributes.scales[axis] === 1 && attributes.shape[axis] === extent) return [first, last];
      return [
        interpolationReach(attributes, axis, first, extent)[0],
        interpolationReach(attributes, axis, last, extent)[1],
      ];
    }),
  ],

  Gather: ({ inputs: [x, indices], attributes: { axis } }, output) => {
    const picked = indices?.shape.length ?? 0;
    return [
      (x?.shape ?? []).map((extent, k): Interval =>
        k === axis ? [0, extent - 1] : (output[k < axis ? k : k + picked - 1] ?? [0, extent - 1]),
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
