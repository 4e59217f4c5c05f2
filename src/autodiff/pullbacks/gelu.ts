import type { Builder } from "../../graph/builder.ts";
import type { Value } from "../../graph/graph.ts";
import type { Application } from "./pullback.ts";

/** Φ(x), the standard normal distribution function. HardSigmoid is (1 + erf) / 2 in one pass; it cannot clamp here. */
export const cumulative = (g: Builder, x: Value): Value =>
  g.hardSigmoid(g.erf(g.mul(x, Math.SQRT1_2)), 0.5, 0.5);

/** x · φ(x), φ the standard normal density. */
const weightedDensity = (g: Builder, x: Value): Value =>
  g.mul(x, g.mul(g.exp(g.mul(g.mul(x, x), -0.5)), 1 / Math.sqrt(2 * Math.PI)));

/** Gelu, x · Φ(x), and its approximation by tanh (Hendrycks and Gimpel 2016). */
export function gaussianErrorUnit(
  g: Builder,
  { x: [x], dy, attributes: { approximate } }: Application<"Gelu">,
): readonly Value[] {
  if (approximate === "none") return [g.mul(dy, g.add(cumulative(g, x), weightedDensity(g, x)))];
  const c = Math.sqrt(2 / Math.PI);
  const square = g.mul(x, x);
  const t = g.tanh(g.mul(x, g.add(g.mul(square, 0.044715 * c), c)));
  const slope = g.mul(g.sub(1, g.mul(t, t)), g.add(g.mul(square, 3 * 0.044715 * c), c));
  return [g.mul(dy, g.mul(g.add(g.add(t, 1), g.mul(x, slope)), 0.5))];
}
