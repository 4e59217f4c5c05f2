import { at } from "../../core/required.ts";
import { float32, type Shape } from "../../core/tensor.ts";
import type { Builder } from "../../graph/builder.ts";
import type { Value } from "../../graph/graph.ts";
import type { Operators } from "../../graph/operators.ts";
import { interpolationMatrix, isUnchanged } from "../../graph/resize.ts";
import type { Application } from "./pullback.ts";

/** An amount on one axis, zero on the others. */
const on = (rank: number, axis: number, amount: number): number[] =>
  Array.from({ length: rank }, (_, k) => (k === axis ? amount : 0));

const withExtent = (value: Value, axis: number, extent: number): number[] =>
  value.shape.map((own, k) => (k === axis ? extent : own));

/** Puts `step - 1` zeros after each element along one axis. */
function spread(g: Builder, value: Value, axis: number, step: number): Value {
  const rank = value.shape.length + 1;
  const column = g.reshape(value, value.shape.toSpliced(axis + 1, 0, 1));
  return g.reshape(
    g.pad(column, on(rank, axis + 1, 0), on(rank, axis + 1, step - 1)),
    withExtent(value, axis, at(value.shape, axis) * step),
  );
}

/** Places the slice back where it was cut, zeros elsewhere; steps beyond one leave gaps, negative steps turn round. */
export function slicing(
  g: Builder,
  { x: [x], dy, attributes: { axes } }: Application<"Slice">,
): readonly Value[] {
  const turned = g.reverse(
    dy,
    axes.flatMap(({ step }, k) => (step < 0 ? [k] : [])),
  );
  const gapped = axes.reduce(
    (value, { step }, k) => (Math.abs(step) > 1 ? spread(g, value, k, Math.abs(step)) : value),
    turned,
  );
  const first = axes.map(({ start, step, extent }) => (step > 0 ? start : start + step * (extent - 1)));
  const room = x.shape.map((extent, k) => extent - at(first, k));
  // The zeros after the last element may run past the end of the input.
  const fitted = g.slice(
    gapped,
    room.map(() => 0),
    room.map((left, k) => Math.min(at(gapped.shape, k), left)),
  );
  const after = room.map((left, k) => left - at(fitted.shape, k));
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
  return g.pad(part, on(rank, axis, first), on(rank, axis, extent - first - at(part.shape, axis)));
}

/** Cotangents of the padding go to the elements that it copied. */
export function padding(
  g: Builder,
  { x: [x], dy, attributes: { mode, axes } }: Application<"Pad">,
): readonly Value[] {
  const rank = x.shape.length;
  const unpadded = x.shape.reduce((value, extent, axis) => {
    const { before, after } = at(axes, axis);
    if (before === 0 && after === 0) return value;
    const cut = (first: number, length: number) =>
      g.slice(value, on(rank, axis, first), withExtent(value, axis, length));
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
  const split = x.shape.flatMap((extent, axis) => [at(repeats, axis), extent]);
  return [
    g.reduceSum(
      g.reshape(dy, split),
      x.shape.map((_, axis) => 2 * axis),
      false,
    ),
  ];
}

const fourOf = (shape: Shape) => [at(shape, 0), at(shape, 1), at(shape, 2), at(shape, 3)] as const;

/** DepthToSpace moves blocks of channels into space; DCR and CRD differ in how the channel axis is read. */
export function depthToSpace(
  g: Builder,
  { x: [x], dy, attributes: { blockSize, mode } }: Application<"DepthToSpace">,
): readonly Value[] {
  const [batch, channels, height, width] = fourOf(x.shape);
  const depth = channels / blockSize ** 2;
  const blocks = g.reshape(dy, [batch, depth, height, blockSize, width, blockSize]);
  const perm = mode === "DCR" ? [0, 3, 5, 1, 2, 4] : [0, 1, 3, 5, 2, 4];
  return [g.reshape(g.transpose(blocks, perm), x.shape)];
}

export function spaceToDepth(
  g: Builder,
  { x: [x], dy, attributes: { blockSize } }: Application<"SpaceToDepth">,
): readonly Value[] {
  const [batch, depth, height, width] = fourOf(x.shape);
  const [rows, columns] = [height / blockSize, width / blockSize];
  const blocks = g.reshape(dy, [batch, blockSize, blockSize, depth, rows, columns]);
  return [g.reshape(g.transpose(blocks, [0, 3, 4, 1, 5, 2]), x.shape)];
}

/** Resize is linear and separable: its adjoint is the transposed interpolation matrix of each resized axis. */
export function resizing(g: Builder, { x: [x], dy, attributes }: Application<"Resize">): readonly Value[] {
  const rank = x.shape.length;
  const adjoint = attributes.axes.reduce<Value>((value, axis, k) => {
    const resized = { attributes, axis, input: at(x.shape, k) };
    if (isUnchanged(resized)) return value;
    const matrix = g.constant(float32([axis.extent, resized.input], interpolationMatrix(resized)));
    const perm = [...Array.from({ length: rank }, (_, own) => own).filter((own) => own !== k), k];
    return g.transpose(
      g.matmul(g.transpose(value, perm), matrix),
      perm.map((_, own) => perm.indexOf(own)),
    );
  }, dy);
  return [adjoint];
}
