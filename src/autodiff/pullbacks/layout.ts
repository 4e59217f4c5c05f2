import type { Builder } from "../../graph/builder.ts";
import type { Value } from "../../graph/graph.ts";
import type { Operators } from "../../graph/operators.ts";
import type { Application } from "./pullback.ts";

const at = (rank: number, axis: number, amount: number): number[] =>
  Array.from({ length: rank }, (_, k) => (k === axis ? amount : 0));

const withExtent = (value: Value, axis: number, extent: number): number[] =>
  value.shape.map((own, k) => (k === axis ? extent : own));

/** Puts `step - 1` zeros behind each element along one axis. */
function spread(g: Builder, value: Value, axis: number, step: number): Value {
  const extent = value.shape[axis] ?? 1;
  const rank = value.shape.length + 1;
  const column = g.reshape(value, value.shape.toSpliced(axis + 1, 0, 1));
  return g.reshape(
    g.pad(column, at(rank, axis + 1, 0), at(rank, axis + 1, step - 1)),
    withExtent(value, axis, extent * step),
  );
}

/** Places the slice back where it was cut, zeros elsewhere; steps beyond one leave gaps, negative steps turn round. */
export function slicing(
  g: Builder,
  { x: [x], dy, attributes: { starts, steps } }: Application<"Slice">,
): readonly Value[] {
  const turned = g.reverse(
    dy,
    steps.flatMap((step, axis) => (step < 0 ? [axis] : [])),
  );
  const gapped = steps.reduce(
    (value, step, axis) => (Math.abs(step) > 1 ? spread(g, value, axis, Math.abs(step)) : value),
    turned,
  );
  const first = starts.map((start, axis) => {
    const step = steps[axis] ?? 1;
    return step > 0 ? start : start + step * ((dy.shape[axis] ?? 1) - 1);
  });
  // The zeros behind the last element may run past the end of the input.
  const fitted = g.slice(
    gapped,
    gapped.shape.map(() => 0),
    gapped.shape.map((extent, axis) => Math.min(extent, (x.shape[axis] ?? 1) - (first[axis] ?? 0))),
  );
  const after = fitted.shape.map((extent, axis) => (x.shape[axis] ?? 1) - extent - (first[axis] ?? 0));
  return [g.pad(fitted, first, after)];
}

/** How padding copies along one axis: what its cotangent becomes on the way back, and where that begins in the input. */
interface Copying {
  readonly folded: (g: Builder, part: Value, axis: number) => Value;
  readonly left: (extent: number, padding: number) => number;
  readonly right: (extent: number, padding: number) => number;
}

const copying: Readonly<Record<Exclude<Operators["Pad"]["mode"], "constant">, Copying>> = {
  edge: {
    folded: (g, part, axis) => g.reduceSum(part, [axis]),
    left: () => 0,
    right: (extent) => extent - 1,
  },
  reflect: {
    folded: (g, part, axis) => g.reverse(part, [axis]),
    left: () => 1,
    right: (extent, padding) => extent - 1 - padding,
  },
  wrap: {
    folded: (_, part) => part,
    left: (extent, padding) => extent - padding,
    right: () => 0,
  },
};

/** Zeros of `extent` along one axis, with `part` from `first` on. */
function place(g: Builder, part: Value, axis: number, first: number, extent: number): Value {
  const rank = part.shape.length;
  return g.pad(part, at(rank, axis, first), at(rank, axis, extent - first - (part.shape[axis] ?? 1)));
}

/** Cotangents of the padding go to the elements that it copied. */
export function padding(
  g: Builder,
  { x: [x], dy, attributes: { mode, pads } }: Application<"Pad">,
): readonly Value[] {
  const rank = x.shape.length;
  const unpadded = x.shape.reduce((value, extent, axis) => {
    const [before, after] = [pads[axis] ?? 0, pads[axis + rank] ?? 0];
    if (before === 0 && after === 0) return value;
    const cut = (first: number, length: number) =>
      g.slice(value, at(rank, axis, first), withExtent(value, axis, length));
    const middle = cut(before, extent);
    if (mode === "constant") return middle;
    const { folded, left, right } = copying[mode];
    const sides = [
      { from: 0, padding: before, to: left(extent, before) },
      { from: before + extent, padding: after, to: right(extent, after) },
    ];
    return sides
      .filter(({ padding }) => padding > 0)
      .reduce(
        (sum, { from, padding, to }) =>
          g.add(sum, place(g, folded(g, cut(from, padding), axis), axis, to, extent)),
        middle,
      );
  }, dy);
  return [unpadded];
}

/** Repeats add up. */
export function tiling(
  g: Builder,
  { x: [x], dy, attributes: { repeats } }: Application<"Tile">,
): readonly Value[] {
  const split = x.shape.flatMap((extent, axis) => [repeats[axis] ?? 1, extent]);
  return [
    g.reduceSum(
      g.reshape(dy, split),
      x.shape.map((_, axis) => 2 * axis),
      false,
    ),
  ];
}

/** DepthToSpace moves blocks of channels into space; DCR and CRD differ in how the channel axis is read. */
export function depthToSpace(
  g: Builder,
  { x: [x], dy, attributes: { blockSize, mode } }: Application<"DepthToSpace">,
): readonly Value[] {
  const [batch = 1, channels = 1, height = 1, width = 1] = x.shape;
  const depth = channels / blockSize ** 2;
  const blocks = g.reshape(dy, [batch, depth, height, blockSize, width, blockSize]);
  const perm = mode === "DCR" ? [0, 3, 5, 1, 2, 4] : [0, 1, 3, 5, 2, 4];
  return [g.reshape(g.transpose(blocks, perm), x.shape)];
}

export function spaceToDepth(
  g: Builder,
  { x: [x], dy, attributes: { blockSize } }: Application<"SpaceToDepth">,
): readonly Value[] {
  const [batch = 1, depth = 1, height = 1, width = 1] = x.shape;
  const [rows, columns] = [height / blockSize, width / blockSize];
  const blocks = g.reshape(dy, [batch, blockSize, blockSize, depth, rows, columns]);
  return [g.reshape(g.transpose(blocks, [0, 3, 4, 1, 5, 2]), x.shape)];
}
