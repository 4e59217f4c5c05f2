import { sameShape, sizeOf, type Shape } from "../../core/tensor.ts";
import type { Value } from "../graph.ts";
import type { Writer } from "./writer.ts";

/** Operators that move elements. One that would change nothing returns its input. */
export function layoutOperations({ single, apply, scalar }: Writer) {
  const reshape = (x: Value, shape: Shape): Value =>
    sameShape(x.shape, shape) ? x : single("Reshape", [x], { shape }, x.dtype, shape);

  function transpose(x: Value, perm: readonly number[]): Value {
    if (perm.every((axis, position) => axis === position)) return x;
    return single(
      "Transpose",
      [x],
      { perm },
      x.dtype,
      perm.map((axis) => x.shape[axis] ?? 1),
    );
  }

  const expand = (x: Value, shape: Shape): Value =>
    sameShape(x.shape, shape) ? x : single("Expand", [x], { shape }, x.dtype, shape);

  const zeros = (shape: Shape): Value => expand(scalar(0), shape);

  const slice = (
    x: Value,
    starts: readonly number[],
    shape: Shape,
    steps: readonly number[] = shape.map(() => 1),
  ): Value =>
    sameShape(x.shape, shape) && steps.every((step) => step === 1)
      ? x
      : single("Slice", [x], { starts, steps, shape }, x.dtype, shape);

  return {
    expand,
    zeros,
    slice,
    reshape,
    transpose,
    /** Swaps the last two axes. */
    matrixTranspose: (x: Value): Value => {
      const rank = x.shape.length;
      return transpose(x, [...Array(rank - 2).keys(), rank - 1, rank - 2]);
    },
    concat(parts: readonly Value[], axis: number): Value {
      const [first, ...others] = parts;
      if (first === undefined) throw new Error("Concat of nothing");
      if (others.length === 0) return first;
      const along = parts.reduce((sum, part) => sum + (part.shape[axis] ?? 1), 0);
      return single(
        "Concat",
        parts,
        { axis },
        first.dtype,
        first.shape.map((extent, k) => (k === axis ? along : extent)),
      );
    },
    split(x: Value, axis: number, sizes: readonly number[]): readonly Value[] {
      const shapes = sizes.map((size) => x.shape.map((extent, k) => (k === axis ? size : extent)));
      return apply(
        "Split",
        [x],
        { axis, sizes },
        shapes.map((shape) => ({ dtype: x.dtype, shape })),
      );
    },
    /** Reverses the given axes. */
    reverse(x: Value, axes: readonly number[]): Value {
      const reversed = x.shape.map((extent, axis) => axes.includes(axis) && extent > 1);
      if (!reversed.includes(true)) return x;
      const starts = x.shape.map((extent, axis) => (reversed[axis] === true ? extent - 1 : 0));
      return slice(
        x,
        starts,
        x.shape,
        reversed.map((flag) => (flag ? -1 : 1)),
      );
    },
    /** Repeats every element along the axes that grow; each extent of `shape` is a multiple of the value's own. */
    repeatNearest(x: Value, shape: Shape): Value {
      const scales = shape.map((extent, axis) => extent / (x.shape[axis] ?? 1));
      return single(
        "Resize",
        [x],
        {
          mode: "nearest",
          shape,
          scales,
          coordinateTransformation: "asymmetric",
          nearestMode: "floor",
          cubicCoefficient: -0.75,
          excludeOutside: false,
          antialias: false,
        },
        x.dtype,
        shape,
      );
    },
    /** Zero padding; `before` and `after` list every axis. */
    pad(x: Value, before: readonly number[], after: readonly number[]): Value {
      const shape = x.shape.map((extent, axis) => extent + (before[axis] ?? 0) + (after[axis] ?? 0));
      if (sameShape(shape, x.shape)) return x;
      return single("Pad", [x], { mode: "constant", pads: [...before, ...after], value: 0 }, x.dtype, shape);
    },
    /** Adds `updates` into zeros of the given size at flat positions `indices`; where positions repeat, the sum. */
    scatterAddFlat(size: number, indices: Value, updates: Value): Value {
      const count = sizeOf(updates.shape);
      return single(
        "ScatterElements",
        [zeros([size]), reshape(indices, [count]), reshape(updates, [count])],
        { axis: 0, reduction: "add" },
        updates.dtype,
        [size],
      );
    },
  };
}
