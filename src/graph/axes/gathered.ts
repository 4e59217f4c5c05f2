import type { Shape, Tensor } from "../../core/tensor.ts";
import { meaningOf, other, type Axis } from "./axis.ts";
import { areShuffled, evenIndices, furthest, takenApart } from "./indices.ts";
import { cut, resized, shuffled } from "./parts.ts";
import { regrouped } from "./regrouped.ts";

/** An axis taken apart without a rest: its slowest part on the axis of indices that `order` names first, and so on. */
function apart(axis: Axis, shape: Shape, order: readonly number[]): readonly Axis[] | undefined {
  const parts = regrouped(
    [axis],
    order.map((k) => shape[k] ?? 1),
  );
  return parts && shape.map((extent, k) => parts[order.indexOf(k)] ?? other(extent));
}

/** One list of indices that are not evenly spaced. A grid in row-major order may be shuffled by it. */
function listed(axis: Axis, extent: number, indices: Tensor | undefined, whole: number): Axis {
  if (meaningOf(axis).counts === "cells") return other(extent);
  return indices !== undefined && areShuffled(indices, whole) ? shuffled(axis) : resized(axis, extent, null);
}

/**
 * The axes that indices of that shape make of an axis: patches, windows, rolled and sampled directions.
 * @param constant the indices, where they are known
 */
export function gathered(axis: Axis, shape: Shape, constant: Tensor | undefined): readonly Axis[] {
  const [extent, ...more] = shape;
  if (extent === undefined) return [];
  const whole = meaningOf(axis).extent;
  const even = constant && evenIndices(constant, whole);
  if (even == null) return more.length === 0 ? [listed(axis, extent, constant, whole)] : shape.map(other);
  const { axis: leader, sampling } = furthest(even);
  if (more.length === 0)
    return [sampling.step === 1 ? cut(axis, sampling.start, extent) : resized(axis, extent, sampling)];
  const order = takenApart(even, whole);
  const parts = order && apart(axis, shape, order);
  return parts ?? shape.map((count, k) => (k === leader ? resized(axis, count, sampling) : other(count)));
}
