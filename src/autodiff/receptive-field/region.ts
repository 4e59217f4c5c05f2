import type { Shape } from "../../math/tensor.ts";

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
