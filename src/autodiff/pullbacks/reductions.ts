import type { Builder } from "../../graph/builder.ts";
import type { Value } from "../../graph/graph.ts";
import type { Reduction } from "../../graph/operators.ts";
import type { Shape } from "../../core/tensor.ts";
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

/**
 * ReduceProd: each element's slope is the product of the others. That is y / x but where x is 0; and a zero has the product
 * of the rest, if it is the only one.
 */
export function productOfOthers(
  g: Builder,
  { x: [x], y, dy, attributes }: Application<"ReduceProd">,
): readonly Value[] {
  const zero = g.equal(x, 0);
  const nonzero = g.where(zero, 1, x);
  const rest = g.single("ReduceProd", [nonzero], attributes, x.dtype, y.shape);
  const zeros = g.reduceSum(g.cast(zero, "float32"), attributes.axes, attributes.keepDims);
  const back = (value: Value) => broadcastBack(g, value, x.shape, attributes);
  const others = g.where(zero, back(g.where(g.equal(zeros, 1), rest, 0)), g.div(back(y), nonzero));
  return [g.mul(back(dy), others)];
}
