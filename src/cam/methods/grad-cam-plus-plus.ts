import type { RealMap } from "../../core/tensor.ts";
import type { Explanation } from "../explanation.ts";
import type { CamOptions } from "../options.ts";
import type { Questions } from "../questions.ts";
import { channelSum, sum, type Channel } from "./sums.ts";

/**
 * `w = Σ_ij α_ij ReLU(g_ij)` with `α_ij = g² / (2 g² + g³ Σ a)`: Chattopadhay et al. 2018, Eqs. 10 and 19, where the score
 * is the exponential of the logit, so that its second and third derivatives are powers of the first. The formula has a power
 * of the gradient in both parts of the quotient: an epsilon in the lower one weakens channels of small gradients.
 */
const weight =
  (epsilon: number) =>
  (a: Channel, g: Channel): number => {
    const activation = sum(a);
    const { length } = g;
    let total = 0;
    for (let cell = 0; cell < length; cell++) {
      const slope = Math.max(g[cell] ?? 0, 0);
      if (slope === 0) continue;
      const squared = slope * slope;
      total += (squared * slope) / (2 * squared + activation * squared * slope + epsilon);
    }
    return total;
  };

/** Channels weighed so. */
export const gradCamPlusPlus = (
  explanation: Explanation,
  _: Questions,
  { plusPlusEpsilon }: CamOptions,
): RealMap => channelSum(weight(plusPlusEpsilon))(explanation);
