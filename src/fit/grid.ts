import type { RealMap } from "../core/tensor.ts";
import { mapAtUnitScale } from "../core/unit-scale.ts";

/** A map with the pixel position of each column and row, so that a binned map is fitted in the same coordinates. */
export interface Grid extends RealMap {
  readonly columns: Float64Array;
  readonly rows: Float64Array;
}

export const gridOf = (map: RealMap): Grid => ({
  ...map,
  columns: Float64Array.from({ length: map.shape[1] }, (_, column) => column),
  rows: Float64Array.from({ length: map.shape[0] }, (_, row) => row),
});

/** The map divided by its sum, which is taken in order in float64. */
export function normalized(map: RealMap): RealMap {
  const { shape, data } = mapAtUnitScale(map);
  let sum = 0;
  for (const value of data) sum += value;
  return { shape, data: data.map((value) => value / sum) };
}

/** Means over `factor x factor` pixels; the rest at the right and below makes smaller bins. Hot loop: indices are in range. */
export function binned(grid: Grid, factor: number): Grid {
  if (factor <= 1) return grid;
  const [height, width] = grid.shape;
  const columns = binnedPositions(grid.columns, factor);
  const rows = binnedPositions(grid.rows, factor);
  const data = new Float64Array(rows.length * columns.length);
  for (let y = 0; y < height; y++) {
    const into = Math.floor(y / factor) * columns.length;
    for (let bin = 0; bin < columns.length; bin++) {
      const end = Math.min((bin + 1) * factor, width);
      let sum = 0;
      for (let x = bin * factor; x < end; x++) sum += grid.data[y * width + x] ?? 0;
      data[into + bin] = (data[into + bin] ?? 0) + sum;
    }
  }
  const extent = (bin: number, size: number): number => Math.min(factor, size - bin * factor);
  for (let bin = 0; bin < data.length; bin++) {
    const pixels = extent(Math.floor(bin / columns.length), height) * extent(bin % columns.length, width);
    data[bin] = (data[bin] ?? 0) / pixels;
  }
  return { shape: [rows.length, columns.length], data, columns, rows };
}

function binnedPositions(positions: Float64Array, factor: number): Float64Array {
  return Float64Array.from({ length: Math.ceil(positions.length / factor) }, (_, bin) => {
    const members = positions.subarray(bin * factor, (bin + 1) * factor);
    return members.reduce((sum, position) => sum + position, 0) / members.length;
  });
}

/** What is fitted: a map divided by its sum, and the quantities that every model of it needs. */
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
  for (const value of full.data) scatter += (value - mean) * (value - mean);
  return {
    full,
    coarse: binned(full, Math.ceil(Math.max(...full.shape) / searchSize)),
    pixels,
    squares: scatter + mean,
    scatter,
  };
}
