import { at } from "../../core/required.ts";
import { numbersOf, stridesOf, type Shape, type Tensor } from "../../core/tensor.ts";
import type { Sampling } from "../window.ts";
import { meaningOf, other, type Axis } from "./axis.ts";
import { cut, regrouped, resized, shuffled } from "./parts.ts";

/** An axis of a tensor of indices: so many of them, in steps of `step`. */
interface Step {
  readonly extent: number;
  readonly step: number;
}

/** Indices that are evenly spaced along each of their axes: `start + Σ step · position`. */
interface EvenIndices {
  readonly start: number;
  readonly steps: readonly Step[];
}

/** Constant indices into an axis of `whole` positions as evenly spaced ones; null where they are not. */
function evenIndices(indices: Tensor, whole: number): EvenIndices | null {
  const { shape } = indices;
  const values = numbersOf(indices).map((index) => (index < 0 ? index + whole : index));
  const strides = stridesOf(shape);
  const [start] = values;
  if (start === undefined) return null;
  const steps = shape.map((extent, axis) => ({
    extent,
    step: extent > 1 ? at(values, at(strides, axis)) - start : 1,
  }));
  const expected = (flat: number) =>
    steps.reduce(
      (sum, { extent, step }, axis) => sum + step * (Math.floor(flat / at(strides, axis)) % extent),
      start,
    );
  return values.every((value, flat) => value === expected(flat)) ? { start, steps } : null;
}

/** Whether indices are all positions of an axis, each once, in any order: a rolled or shuffled axis. */
function areShuffled(indices: Tensor, whole: number): boolean {
  const values = new Set(numbersOf(indices).map((index) => (index < 0 ? index + whole : index)));
  return indices.shape.length === 1 && indices.shape[0] === whole && values.size === whole;
}

/**
 * Axes of indices from the slowest to the fastest, where they take an axis of `whole` positions apart, each position once:
 * patches that do not overlap. Null where they do not.
 */
function takenApart({ start, steps }: EvenIndices, whole: number): readonly number[] | null {
  const order = [...steps.keys()].sort((a, b) => at(steps, b).step - at(steps, a).step);
  let finer = 1;
  for (const axis of order.toReversed()) {
    const { extent, step } = at(steps, axis);
    if (extent > 1 && step !== finer) return null;
    finer *= extent;
  }
  return start === 0 && finer === whole ? order : null;
}

/** The axis of indices that goes furthest (windows, with the positions in each on the other axes), and how it samples. */
function furthest({ start, steps }: EvenIndices): {
  readonly axis: number;
  readonly sampling: Sampling;
} {
  const reach = ({ extent, step }: Step) => extent * Math.abs(step);
  const axis = steps.reduce((best, one, k) => (reach(one) > reach(at(steps, best)) ? k : best), 0);
  const within = steps
    .filter((_, k) => k !== axis)
    .reduce((sum, { extent, step }) => sum + ((extent - 1) * step) / 2, 0);
  return { axis, sampling: { start: start + within, step: at(steps, axis).step } };
}

/** An axis taken apart without a rest: its slowest part on the axis of indices that `order` names first, and so on. */
function apart(axis: Axis, shape: Shape, order: readonly number[]): readonly Axis[] | undefined {
  const parts = regrouped(
    [axis],
    order.map((k) => at(shape, k)),
  );
  return parts && shape.map((_, k) => at(parts, order.indexOf(k)));
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
