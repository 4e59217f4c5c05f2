import { numbersOf, stridesOf, type Tensor } from "../../core/tensor.ts";
import type { Sampling } from "./placement.ts";

/** An axis of a tensor of indices: so many of them, in steps of `step`. */
interface Step {
  readonly extent: number;
  readonly step: number;
}

/** Indices that are evenly spaced along each of their axes: `start + Σ step · position`. */
export interface EvenIndices {
  readonly start: number;
  readonly steps: readonly Step[];
}

/** Constant indices into an axis of `whole` positions as evenly spaced ones; null where they are not. */
export function evenIndices(indices: Tensor, whole: number): EvenIndices | null {
  const { shape } = indices;
  const values = numbersOf(indices).map((index) => (index < 0 ? index + whole : index));
  const strides = stridesOf(shape);
  const [start = 0] = values;
  const steps = shape.map((extent, axis) => ({
    extent,
    step: extent > 1 ? (values[strides[axis] ?? 0] ?? NaN) - start : 1,
  }));
  const expected = (flat: number) =>
    steps.reduce(
      (sum, { extent, step }, axis) => sum + step * (Math.floor(flat / (strides[axis] ?? 1)) % extent),
      start,
    );
  return values.every((value, flat) => value === expected(flat)) ? { start, steps } : null;
}

/** Whether indices are all positions of an axis, each once, in any order: a rolled or shuffled axis. */
export function areShuffled(indices: Tensor, whole: number): boolean {
  const values = new Set(numbersOf(indices).map((index) => (index < 0 ? index + whole : index)));
  return indices.shape.length === 1 && indices.shape[0] === whole && values.size === whole;
}

/**
 * Axes of indices from the slowest to the fastest, where they take an axis of `whole` positions apart, each position once:
 * patches that do not overlap. Null where they do not.
 */
export function takenApart({ start, steps }: EvenIndices, whole: number): readonly number[] | null {
  const order = [...steps.keys()].sort((a, b) => stepOf(steps, b) - stepOf(steps, a));
  let finer = 1;
  for (const axis of order.toReversed()) {
    const { extent, step } = steps[axis] ?? { extent: 1, step: 0 };
    if (extent > 1 && step !== finer) return null;
    finer *= extent;
  }
  return start === 0 && finer === whole ? order : null;
}

const stepOf = (steps: readonly Step[], axis: number): number => steps[axis]?.step ?? 0;

/** The axis of indices that goes furthest (windows, with the positions in each on the other axes), and how it samples. */
export function furthest({ start, steps }: EvenIndices): {
  readonly axis: number;
  readonly sampling: Sampling;
} {
  const reach = ({ extent, step }: Step) => extent * Math.abs(step);
  const axis = steps.reduce((best, one, k) => (reach(one) > reach(steps[best] ?? one) ? k : best), 0);
  const within = steps
    .filter((_, k) => k !== axis)
    .reduce((sum, { extent, step }) => sum + ((extent - 1) * step) / 2, 0);
  return { axis, sampling: { start: start + within, step: stepOf(steps, axis) } };
}
