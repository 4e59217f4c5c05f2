import type { Cell } from "../../autodiff/objective.ts";
import type { ReceptiveField } from "../../autodiff/receptive-field/receptive-field.ts";
import type { Shape } from "../../core/tensor.ts";

/** Along one image axis: cell i reads from `i * stride - before` on, `reach` cells far. */
interface AxisWindow {
  readonly stride: number;
  readonly reach: number;
  /** Cells of padding in front; "same": TensorFlow's rule, half of what is lacking, rounded down. */
  readonly before: number | "same";
}

/** What a cell of a feature map reads, [vertical, horizontal]: of every input the same. */
export type Window = readonly [vertical: AxisWindow, horizontal: AxisWindow];

const oneCell: AxisWindow = { stride: 1, reach: 1, before: 0 };

/** Element by element, or over channels. */
export const pointwise: Window = [oneCell, oneCell];

/** A kernel as convolutions and pools have it. */
export const kernelWindow = (
  kernel: readonly number[],
  strides: readonly number[],
  dilations: readonly number[],
  before: readonly [number, number] | "same",
): Window => {
  const axis = (k: 0 | 1): AxisWindow => ({
    stride: strides[k] ?? 1,
    reach: (dilations[k] ?? 1) * ((kernel[k] ?? 1) - 1) + 1,
    before: before === "same" ? "same" : before[k],
  });
  return [axis(0), axis(1)];
};

/** A map moved by rows and columns added in front (negative: cut off). */
export const shifted = (rows: number, columns: number): Window => [
  { ...oneCell, before: rows },
  { ...oneCell, before: columns },
];

/** A tensor, what it is computed from, and what its cells read; null where that is unknown. */
interface WindowedStep {
  readonly name: string;
  readonly inputs: readonly string[];
  readonly window: Window | null;
}

type Interval = readonly [first: number, last: number];

function read(
  { stride, reach, before }: AxisWindow,
  [first, last]: Interval,
  extent: number,
  cells: number,
): Interval {
  const lacking = Math.max(0, (cells - 1) * stride + reach - extent);
  const padding = before === "same" ? Math.floor(lacking / 2) : before;
  return [first * stride - padding, last * stride - padding + reach - 1];
}

/**
 * The theoretical receptive field of a cell, from the windows between the image and its layer; padding counts. Null where
 * a step on the way has no window.
 */
export function windowedField(
  steps: readonly WindowedStep[],
  shapeOf: (name: string) => Shape,
  image: string,
  target: string,
  cell: Cell,
): ReceptiveField | null {
  if (shapeOf(target).length !== 4) return null;
  const axes = [1, 2] as const;
  const wanted = new Map<string, readonly Interval[]>([
    [target, axes.map((axis): Interval => [cell[axis] ?? 0, cell[axis] ?? (shapeOf(target)[axis] ?? 1) - 1])],
  ]);
  for (const { name, inputs, window } of steps.toReversed()) {
    const region = wanted.get(name);
    if (region === undefined) continue;
    for (const input of inputs) {
      if (window === null) return null;
      const [from, to] = [shapeOf(input), shapeOf(name)];
      if (from.length !== 4 || to.length !== 4) return null;
      const known = wanted.get(input);
      wanted.set(
        input,
        region.map((interval, k): Interval => {
          const axis = window[k] ?? oneCell;
          const [first, last] = read(axis, interval, from[k + 1] ?? 1, to[k + 1] ?? 1);
          const [a, b] = known?.[k] ?? [first, last];
          return [Math.min(a, first), Math.max(b, last)];
        }),
      );
    }
  }
  const [rows, columns] = wanted.get(image) ?? [];
  if (rows === undefined || columns === undefined) return null;
  return {
    height: rows[1] - rows[0] + 1,
    width: columns[1] - columns[0] + 1,
    centerY: (rows[0] + rows[1]) / 2,
    centerX: (columns[0] + columns[1]) / 2,
  };
}
