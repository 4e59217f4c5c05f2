import { sum, type Channel } from "./sums.ts";

/** Keeps the quotient finite where a channel is silent; pytorch-grad-cam's value, so that maps agree. */
export const silence = 1e-7;

/** `w = Σ_ij (a_ij / Σ a) g_ij`: gradients weighed by the activations that they act on. Fu et al. 2020, Eq. 8. */
export function xGradCamWeight(a: Channel, g: Channel): number {
  let weight = 0;
  for (let cell = 0; cell < a.length; cell++) weight += (a[cell] ?? 0) * (g[cell] ?? 0);
  return weight / (sum(a) + silence);
}
