import type { Builder } from "../../graph/builder.ts";
import type { NodeOf, Value } from "../../graph/graph.ts";
import { sizeOf } from "../../core/tensor.ts";
import type { Rewrite, Surroundings } from "./rewrite.ts";

/*
 * LayerNormalization's pullback begins with two maps of each row, d -> d · scale and d -> d - mean(d). Where d is a
 * product with constant weights both are maps of the weights' columns, and the runtime computes these once. ms outside
 * of products, in the whole gradient: ConvNeXt-T 27.5 -> 26.0, ViT-S 18.3 -> 17.8, Swin-T 33.6 -> 33.2.
 */

/** The product with constant weights [m, n] that gives a value which only `readers` nodes read. */
function constantProduct(
  value: Value,
  readers: number,
  { producer, consumers, constant }: Surroundings,
): NodeOf<"MatMul"> | undefined {
  const node = producer(value);
  if (node?.op !== "MatMul" || consumers(value).length !== readers) return undefined;
  const [, weights] = node.inputs;
  return weights.shape.length === 2 && constant(weights) ? node : undefined;
}

/** The same product with other weights. */
const withWeights = (
  g: Builder,
  { inputs: [a, weights] }: NodeOf<"MatMul">,
  map: (w: Value) => Value,
): readonly Value[] => [g.matmul(a, map(weights))];

/** Mul(MatMul(a, W), s) with a constant for each column -> MatMul(a, W · s). */
export const scaleColumns: Rewrite = (g, node, around) => {
  if (node.op !== "Mul") return undefined;
  const [d, scale] = node.inputs;
  const columns = d.shape.at(-1) ?? 1;
  const perColumn = sizeOf(scale.shape) === columns && scale.shape.at(-1) === columns;
  if (!perColumn || !around.constant(scale) || scale.shape.length > d.shape.length) return undefined;
  const product = constantProduct(d, 1, around);
  return product && withWeights(g, product, (w) => g.mul(w, g.reshape(scale, [columns])));
};

/** MatMul(a, W) less its mean over each row -> MatMul(a, W less its mean over each row). */
export const centerColumns: Rewrite = (g, node, around) => {
  if (node.op !== "Sub") return undefined;
  const [d, mean] = node.inputs;
  const reduction = around.producer(mean);
  if (reduction?.op !== "ReduceMean" || reduction.inputs[0].name !== d.name) return undefined;
  const { axes, keepDims } = reduction.attributes;
  if (!keepDims || axes.length !== 1 || axes[0] !== d.shape.length - 1) return undefined;
  const product = constantProduct(d, 2, around);
  return product && withWeights(g, product, (w) => g.sub(w, g.reduceMean(w, [1])));
};
