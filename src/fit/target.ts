import type { RealMap } from "../core/tensor.ts";
import { binned, gridOf, normalized, type Grid } from "./grid.ts";

/** What is fitted: a map divided by its sum, and what every model of it asks for again. */
export interface Target {
  readonly full: Grid;
  /** Binned to about 64 bins a side, where minima are searched for: 16 times fewer pixels at 224 x 224. */
  readonly coarse: Grid;
  readonly pixels: number;
  /** Σ value², and Σ (value - mean)². */
  readonly squares: number;
  readonly scatter: number;
}

const searchSize = 64;

export function targetOf(map: RealMap): Target {
  const full = gridOf(normalized(map));
  const pixels = full.data.length;
  const mean = 1 / pixels;
  let scatter = 0;
  for (let i = 0; i < pixels; i++) {
    const away = (full.data[i] ?? 0) - mean;
    scatter += away * away;
  }
  return {
    full,
    coarse: binned(full, Math.ceil(Math.max(...full.shape) / searchSize)),
    pixels,
    squares: scatter + mean,
    scatter,
  };
}
