import type { Algebra, RealArray } from "../../core/algebra.ts";
import type { Shape } from "../../core/tensor.ts";

interface Shaped {
  readonly shape: Shape;
}

/** The axes of the grid in a feature map `[channels, ...]`. */
export const overCells = ({ shape }: Shaped): readonly number[] => [...shape.keys()].slice(1);

/** Over the cells of each channel: `[channels, 1, ...]`. */
export const cellSum = <T extends Shaped>(g: Algebra<T>, map: T): T => g.reduceSum(map, overCells(map));

/** `L = Σ_k w_k A_k`, one weight for each channel: `w` is `[channels, 1, ...]`. */
export const channelSum = <T extends Shaped>(g: Algebra<T>, w: T, A: T): T =>
  g.reduceSum(g.mul(w, A), [0], false);

/** One weight a channel, as an array of so many axes. */
export const channelWeights = (weights: Float64Array, axes = 3): RealArray => ({
  shape: [weights.length, ...new Array<number>(axes - 1).fill(1)],
  data: weights,
});

/** Derivatives of the exponential of the score by the feature map; the third times the sum of the channel's activations. */
interface Derivatives<T> {
  readonly first: T;
  readonly numerator: T;
  readonly second: T;
  readonly third: T;
}

/**
 * `w = Σ_ij α_ij ReLU(D¹_ij)` with `α = n / (2 D² + D³ Σ a)`, the weights of Grad-CAM++. The quotient has a power of the
 * gradient in both parts: an epsilon in the lower one weakens channels of small gradients.
 */
export const pixelWeights = <T extends Shaped>(
  g: Algebra<T>,
  { first, numerator, second, third }: Derivatives<T>,
  { plusPlusEpsilon }: { readonly plusPlusEpsilon: number },
): T => {
  const divisor = g.add(g.add(g.mul(second, 2), third), plusPlusEpsilon);
  const weights = g.div(g.mul(first, numerator), divisor);
  return cellSum(g, g.where(g.greater(first, 0), weights, 0));
};
