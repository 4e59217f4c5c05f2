import type { RealMap } from "../math/tensor.ts";
import { channelOf, emptyGrid, type FeatureMap } from "./feature-map.ts";

/** Cells of one channel: of the feature map, or of the gradient. */
export type Channel = Float32Array | Float64Array;

/** Signed map at the feature map's resolution from the feature map A and the gradient G = dy/dA, before any ReLU. */
export type CamGrid = (A: FeatureMap, G: FeatureMap) => RealMap;

/** `L = Σ_k w_k A_k` with one weight for each channel; sums in float64. */
export const channelSum =
  (weight: (a: Channel, g: Channel) => number): CamGrid =>
  (A, G) => {
    const grid = emptyGrid(A);
    for (let k = 0; k < A.channels; k++) {
      const a = channelOf(A, k);
      const w = weight(a, channelOf(G, k));
      for (let cell = 0; cell < a.length; cell++)
        grid.data[cell] = (grid.data[cell] ?? 0) + w * (a[cell] ?? 0);
    }
    return grid;
  };

/** `L_ij = Σ_k term(A_ijk, G_ijk)`: every element brings its own share; sums in float64. */
export const elementSum =
  (term: (a: number, g: number) => number): CamGrid =>
  (A, G) => {
    const grid = emptyGrid(A);
    const cells = grid.data.length;
    for (let element = 0; element < A.data.length; element++) {
      const cell = element % cells;
      grid.data[cell] = (grid.data[cell] ?? 0) + term(A.data[element] ?? 0, G.data[element] ?? 0);
    }
    return grid;
  };

/** Sum over the cells of one channel, of each cell's `term`; its value where none is given. */
export function sum(channel: Channel, term: (value: number) => number = (value) => value): number {
  let total = 0;
  for (const value of channel) total += term(value);
  return total;
}

export const mean = (channel: Channel): number => sum(channel) / channel.length;
