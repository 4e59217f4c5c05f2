import { sum, type Channel } from "./sums.ts";

/** Keeps the quotient finite where gradient and activations vanish; pytorch-grad-cam's value, so that maps agree. */
export const epsilon = 1e-6;

/**
 * `w = Σ_ij α_ij ReLU(g_ij)` with `α_ij = g² / (2 g² + g³ Σ a)`: Chattopadhay et al. 2018, Eqs. 10 and 19, where the score
 * is the exponential of the logit, so that its second and third derivatives are powers of the first.
 */
export function gradCamPlusPlusWeight(a: Channel, g: Channel): number {
  const activation = sum(a);
  const { length } = g;
  let weight = 0;
  for (let cell = 0; cell < length; cell++) {
    const slope = Math.max(g[cell] ?? 0, 0);
    const squared = slope * slope;
    weight += (squared * slope) / (2 * squared + activation * squared * slope + epsilon);
  }
  return weight;
}
