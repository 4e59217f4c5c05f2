import type { Builder } from "../../graph/builder.ts";
import type { Value } from "../../graph/graph.ts";
import { above, below } from "./gate.ts";
import type { Application } from "./pullback.ts";

/**
 * Exactly at a bound the derivative of Clip is a choice. This is PyTorch's (measured on 2.15, clamp and relu6): between
 * two bounds the gradient passes strictly inside; with a lower bound alone it passes at the bound, with an upper bound
 * alone it does not. Ties are common: a dead channel of a ReLU6 network is exactly 0.
 *
 * Whether x is strictly inside shows in y as well, so that the runtime may fuse Clip into the convolution before it.
 */
export function clipping(
  g: Builder,
  { x: [x], y, dy, attributes: { min, max } }: Application<"Clip">,
): readonly Value[] {
  const capped = Number.isFinite(max) ? g.mul(dy, below(g, y, max)) : dy;
  if (!Number.isFinite(min)) return [capped];
  return [
    Number.isFinite(max) ? g.mul(capped, above(g, y, min)) : g.where(g.greaterOrEqual(x, min), capped, 0),
  ];
}
