import type { NodeOf, Value } from "../graph/graph.ts";
import type { Op, Operators, Window } from "../graph/operators.ts";
import { stridesOf, type Shape } from "../math/tensor.ts";
import { interpolationReach } from "./resizing.ts";

/** First and last index along one axis. It may reach beyond the tensor: padding is part of a receptive field. */
export type Interval = readonly [first: number, last: number];

/** A box of elements, one interval an axis. */
export type Region = readonly Interval[];

/** For one node: the boxes of its inputs that a box of its output is computed from (`null`: none). */
type Dependence<K extends Op> = (
  node: NodeOf<K>,
  output: Region,
  position: number,
) => readonly (Region | null)[];

export const whole = (shape: Shape): Region => shape.map((extent) => [0, extent - 1]);

export const hull = (a: Region, b: Region): Region =>
  a.map(([first, last], axis) => [
    Math.min(first, b[axis]?.[0] ?? first),
    Math.max(last, b[axis]?.[1] ?? last),
  ]);

const replaced = (region: Region, axis: number, interval: Interval): Region =>
  region.map((own, k) => (k === axis ? interval : own));

/** Every input as a whole: the operator mixes all positions, or nothing better is known of it. */
const everything = ({ inputs }: { readonly inputs: readonly (Value | null)[] }) =>
  inputs.map((input) => (input === null ? null : whole(input.shape)));

/** Elementwise with broadcasting. */
const pointwise = ({ inputs }: { readonly inputs: readonly (Value | null)[] }, output: Region) =>
  inputs.map(
    (input): Region | null =>
      input?.shape.map((extent, axis): Interval => {
        const own = output[axis + output.length - input.shape.length] ?? [0, 0];
        return extent === 1 ? [0, 0] : own;
      }) ?? null,
  );

/** The first input as the output, but whole along some axes; further inputs (scales, biases) do not depend on the image. */
const mixing =
  <K extends Op>(axes: (node: NodeOf<K>, rank: number) => readonly number[]): Dependence<K> =>
  (node, output) => {
    const shape = node.inputs[0]?.shape ?? [];
    const mixed = axes(node, shape.length);
    return [
      shape.map((extent, axis): Interval =>
        mixed.includes(axis) ? [0, extent - 1] : (output[axis] ?? [0, extent - 1]),
      ),
    ];
  };

/** Positions that a sliding window reads. */
function windowed(
  { kernelShape, strides, dilations, pads }: Window,
  output: Region,
  channels: Interval,
): Region {
  const spatial = kernelShape.map((kernel, axis): Interval => {
    const [first, last] = output[axis + 2] ?? [0, 0];
    const [stride, before] = [strides[axis] ?? 1, pads[axis] ?? 0];
    return [first * stride - before, last * stride - before + (dilations[axis] ?? 1) * (kernel - 1)];
  });
  return [output[0] ?? [0, 0], channels, ...spatial];
}

const pooled = ({ attributes }: { readonly attributes: Window }, output: Region): readonly Region[] => [
  windowed(attributes, output, output[1] ?? [0, 0]),
];

const reduced = (
  node: { readonly inputs: readonly (Value | null)[]; readonly attributes: Operators["ReduceSum"] },
  output: Region,
) => {
  const { axes, keepDims } = node.attributes;
  const shape = node.inputs[0]?.shape ?? [];
  let next = 0;
  return [
    shape.map((extent, axis): Interval => {
      if (axes.includes(axis)) {
        if (keepDims) next++;
        return [0, extent - 1];
      }
      return output[next++] ?? [0, extent - 1];
    }),
  ];
};

/** Groups of axes of two shapes of equal size whose extents have equal products: `[6, 4] ~ [2, 3, 4]` gives {0 | 0, 1}, {1 | 2}. */
function axisGroups(from: Shape, to: Shape): readonly { readonly from: number[]; readonly to: number[] }[] {
  const groups: { from: number[]; to: number[] }[] = [];
  let [i, j] = [0, 0];
  while (i < from.length || j < to.length) {
    const group = { from: [i], to: [j] };
    let [a, b] = [from[i++] ?? 1, to[j++] ?? 1];
    while (a !== b && (i < from.length || j < to.length)) {
      if (a < b) {
        group.from.push(i);
        a *= from[i++] ?? 1;
      } else {
        group.to.push(j);
        b *= to[j++] ?? 1;
      }
    }
    groups.push(group);
  }
  return groups;
}

/** Box of `shape` that holds the flat range from `first` to `last`. */
function unflattened(first: number, last: number, shape: Shape): Region {
  const strides = stridesOf(shape);
  let same = true;
  return shape.map((extent, axis): Interval => {
    const stride = strides[axis] ?? 1;
    const [low, high] = [Math.floor(first / stride) % extent, Math.floor(last / stride) % extent];
    const interval: Interval = same ? [low, high] : [0, extent - 1];
    same &&= low === high;
    return interval;
  });
}

/** Reading a tensor in another shape: axes that are neither split nor merged keep their interval. */
function reshaped(input: Shape, output: Shape, region: Region): Region {
  const result: Interval[] = input.map((extent) => [0, extent - 1]);
  for (const group of axisGroups(input, output)) {
    const from = group.from.filter((axis) => (input[axis] ?? 1) !== 1);
    const to = group.to.filter((axis) => (output[axis] ?? 1) !== 1);
    const [source, ...moreSources] = from;
    const [sink, ...moreSinks] = to;
    if (source === undefined || sink === undefined) continue;
    if (moreSources.length === 0 && moreSinks.length === 0) {
      result[source] = region[sink] ?? [0, 0];
      continue;
    }
    const extents = to.map((axis) => output[axis] ?? 1);
    const strides = stridesOf(extents);
    const flat = (end: 0 | 1) =>
      to.reduce((sum, axis, k) => {
        const index = Math.min(Math.max(region[axis]?.[end] ?? 0, 0), (extents[k] ?? 1) - 1);
        return sum + index * (strides[k] ?? 1);
      }, 0);
    const box = unflattened(
      flat(0),
      flat(1),
      from.map((axis) => input[axis] ?? 1),
    );
    from.forEach((axis, k) => (result[axis] = box[k] ?? [0, 0]));
  }
  return result;
}

/** Element that a position of the padding copies, the input's own elements being 0 to `extent - 1`. */
const copied: Readonly<Record<Operators["Pad"]["mode"], (position: number, extent: number) => number>> = {
  constant: (position) => position,
  edge: (position, extent) => Math.min(Math.max(position, 0), extent - 1),
  reflect: (position, extent) => extent - 1 - Math.abs(extent - 1 - Math.abs(position)),
  wrap: (position, extent) => (position + extent) % extent,
};

/** What a padded axis reads: the same positions, and those that the padding among them copies. */
function padded(
  mode: Operators["Pad"]["mode"],
  [first, last]: Interval,
  extent: number,
  before: number,
  after: number,
): Interval {
  let [low, high] = [first - before, last - before];
  for (
    let position = Math.max(low, -before);
    position <= Math.min(last - before, extent - 1 + after);
    position++
  ) {
    const source = copied[mode](position, extent);
    [low, high] = [Math.min(low, source), Math.max(high, source)];
  }
  return [low, high];
}

const spatialAxes = (_: unknown, rank: number) => Array.from({ length: rank }, (__, k) => k).slice(2);

/** What each operator's output reads, position by position: the theoretical receptive field, one operator at a time. */
export const dependences: { readonly [K in Op]: Dependence<K> } = {
  Identity: pointwise,
  Cast: pointwise,
  Neg: pointwise,
  Abs: pointwise,
  Sign: pointwise,
  Reciprocal: pointwise,
  Sqrt: pointwise,
  Exp: pointwise,
  Log: pointwise,
  Sin: pointwise,
  Cos: pointwise,
  Erf: pointwise,
  Floor: pointwise,
  Ceil: pointwise,
  Round: pointwise,
  Not: pointwise,
  Relu: pointwise,
  LeakyRelu: pointwise,
  ThresholdedRelu: pointwise,
  Elu: pointwise,
  Selu: pointwise,
  Celu: pointwise,
  Sigmoid: pointwise,
  HardSigmoid: pointwise,
  HardSwish: pointwise,
  Tanh: pointwise,
  Softplus: pointwise,
  Softsign: pointwise,
  Mish: pointwise,
  Gelu: pointwise,
  Clip: pointwise,
  Add: pointwise,
  Sub: pointwise,
  Mul: pointwise,
  Div: pointwise,
  Pow: pointwise,
  Max: pointwise,
  Min: pointwise,
  Mod: pointwise,
  PRelu: pointwise,
  Greater: pointwise,
  GreaterOrEqual: pointwise,
  Less: pointwise,
  LessOrEqual: pointwise,
  Equal: pointwise,
  And: pointwise,
  Or: pointwise,
  Where: pointwise,

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
    const [a, b, c] = node.inputs;
    const { transA, transB } = node.attributes;
    const rows: Interval = output[0] ?? [0, 0];
    const columns: Interval = output[1] ?? [0, 0];
    const summed: Interval = [0, (a?.shape[transA ? 0 : 1] ?? 1) - 1];
    return [
      transA ? [summed, rows] : [rows, summed],
      b == null ? null : transB ? [columns, summed] : [summed, columns],
      c == null ? null : whole(c.shape),
    ];
  },
  Einsum: everything,
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

  Gather: everything,
  GatherElements: everything,
  GatherND: everything,
  ScatterElements: everything,
  ScatterND: everything,
  OneHot: everything,
  Opaque: everything,
};
