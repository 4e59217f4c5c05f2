import type { Builder } from "../../graph/builder.ts";
import type { Value } from "../../graph/graph.ts";
import type { Application } from "./pullback.ts";

/**
 * Exactly at a bound the derivative of Clip is a choice. This is PyTorch's (measured on 2.15, clamp and relu6): between
 * two bounds the gradient passes strictly inside; with a lower bound alone it passes at the bound, with an upper bound
 * alone it does not. Ties are common: a dead channel of a ReLU6 network is exactly 0.
 */
export function clipping(
  g: Builder,
  { x: [x], dy, attributes: { min, max } }: Application<"Clip">,
): readonly Value[] {
  const [bounded, capped] = [Number.isFinite(min), Number.isFinite(max)];
  const below = capped ? g.where(g.less(x, max), dy, 0) : dy;
  if (!bounded) return [below];
  return [g.where(capped ? g.greater(x, min) : g.greaterOrEqual(x, min), below, 0)];
}
