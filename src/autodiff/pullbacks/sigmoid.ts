import type { Pullback } from "./pullback.ts";

/**
 * dσ/dx = σ (1 - σ) = e / (1 + e)², e = exp(-|x|). ONNX Runtime's σ is right to 6e-8 of 1, not of itself: at a score of 1e-5
 * the first form is off by half a percent, at 1e-8 it is anything. Where σ only scales other tensors, what counts is the
 * error beside 1, and the first form is three passes over the tensor instead of six.
 */
export const sigmoid: Pullback<"Sigmoid"> = (g, { x: [x], y, dy, scales }) => {
  if (scales) return [g.mul(dy, g.mul(y, g.sub(1, y)))];
  const e = g.exp(g.neg(g.abs(x)));
  const whole = g.add(e, 1);
  return [g.mul(dy, g.div(e, g.mul(whole, whole)))];
};
