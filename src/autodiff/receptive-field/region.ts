import type { Shape } from "../../core/tensor.ts";

/** First and last index along one axis. It may reach beyond the tensor: padding is part of a receptive field. */
export type Interval = readonly [first: number, last: number];

/** A box of elements, one interval an axis. */
export type Region = readonly Interval[];

export const whole = (shape: Shape): Region => shape.map((extent) => [0, extent - 1]);

export const hull = (a: Region, b: Region): Region =>
  a.map(([first, last], axis) => [
    Math.min(first, b[axis]?.[0] ?? first),
    Math.max(last, b[axis]?.[1] ?? last),
  ]);

export const replaced = (region: Region, axis: number, interval: Interval): Region =>
  region.map((own, k) => (k === axis ? interval : own));

export const extentsOf = (region: Region): Shape => region.map(([first, last]) => last - first + 1);

export const sameRegion = (a: Region, b: Region): boolean =>
  a.length === b.length && a.every(([first, last], axis) => first === b[axis]?.[0] && last === b[axis][1]);

/** Whether a box and a tensor have elements in common. */
export const overlaps = (region: Region, shape: Shape): boolean =>
  region.every(([first, last], axis) => first < (shape[axis] ?? 1) && last >= 0);

/** The part of a box that lies in a tensor; the two overlap. */
export const clipped = (region: Region, shape: Shape): Region =>
  region.map(([first, last], axis) => [Math.max(first, 0), Math.min(last, (shape[axis] ?? 1) - 1)]);
