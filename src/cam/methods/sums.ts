import type { RealMap } from "../../core/tensor.ts";
import { withGradient, type Explanation } from "../explanation.ts";
import { channelOf, emptyGrid, type FeatureMap } from "../feature-map.ts";

/** Cells of one channel: of the feature map A, or of the gradient G = dy/dA. */
export type Channel = Float32Array | Float64Array;

/** `L = Σ_k w_k A_k` with one weight for each channel; sums in float64. */
export function weightedSum(A: FeatureMap, weights: ArrayLike<number>): RealMap {
  const grid = emptyGrid(A);
  const { data } = grid;
  for (let k = 0; k < A.channels; k++) {
    const a = channelOf(A, k);
    const w = weights[k] ?? 0;
    for (let cell = 0; cell < a.length; cell++) data[cell] = (data[cell] ?? 0) + w * (a[cell] ?? 0);
  }
  return grid;
}

/** `weight(A_k, G_k)` of every channel. */
export const channelWeights = (
  A: FeatureMap,
  G: FeatureMap,
  weight: (a: Channel, g: Channel) => number,
): Float64Array =>
  Float64Array.from({ length: A.channels }, (_, k) => weight(channelOf(A, k), channelOf(G, k)));

/** A method that weighs whole channels, by their cells and their gradient. */
export const channelSum =
  (weight: (a: Channel, g: Channel) => number) =>
  (explanation: Explanation): RealMap => {
    const { A, G } = withGradient(explanation);
    return weightedSum(A, channelWeights(A, G, weight));
  };

/** A method in which every element brings its own share: `L_ij = Σ_k term(A_ijk, G_ijk)`; sums in float64. */
export const elementSum =
  (term: (a: number, g: number) => number) =>
  (explanation: Explanation): RealMap => {
    const { A, G } = withGradient(explanation);
    const grid = emptyGrid(A);
    const { data } = grid;
    for (let k = 0; k < A.channels; k++) {
      const a = channelOf(A, k);
      const g = channelOf(G, k);
      for (let cell = 0; cell < a.length; cell++)
        data[cell] = (data[cell] ?? 0) + term(a[cell] ?? 0, g[cell] ?? 0);
    }
    return grid;
  };

/** Sum over the cells of one channel. By index: an iterator over a typed array takes ten times as long. */
export function sum(channel: Channel): number {
  const { length } = channel;
  let total = 0;
  for (let cell = 0; cell < length; cell++) total += channel[cell] ?? 0;
  return total;
}

export const mean = (channel: Channel): number => sum(channel) / channel.length;
