import type { Builder } from "../../graph/builder.ts";
import type { Value } from "../../graph/graph.ts";
import type { Reduction } from "../../graph/operators.ts";
import type { Shape } from "../../math/tensor.ts";
import type { Application } from "./pullback.ts";

/** Repeats a reduction's output over the axes it was reduced along. */
export function broadcastBack(g: Builder, value: Value, shape: Shape, { axes }: Reduction): Value {
  const kept = shape.map((extent, axis) => (axes.includes(axis) ? 1 : extent));
  return g.expand(g.reshape(value, kept), shape);
}

/** ReduceMax and ReduceMin: tied extremes share the cotangent evenly, as PyTorch's amax and amin do. */
export function splitEvenlyAmongTies(
  g: Builder,
  { x: [x], y, dy, attributes }: Application<"ReduceMax"> | Application<"ReduceMin">,
): readonly Value[] {
  const kept = x.shape.map((extent, axis) => (attributes.axes.includes(axis) ? 1 : extent));
  const ties = g.cast(g.equal(x, g.reshape(y, kept)), "float32");
  return [g.mul(ties, g.div(g.reshape(dy, kept), g.reduceSum(ties, attributes.axes)))];
}
