import { at } from "../../core/required.ts";
import type { Builder } from "../../graph/builder.ts";
import type { Value } from "../../graph/graph.ts";
import type { Application } from "./pullback.ts";

/** A per-channel vector shaped to broadcast over [N, C, …]. */
const perChannel = (g: Builder, vector: Value, rank: number): Value =>
  g.reshape(vector, [1, at(vector.shape, 0), ...new Array<number>(rank - 2).fill(1)]);

/** At inference BatchNormalization is an affine map of each channel. */
export function batchNormalization(
  g: Builder,
  { x: [x, scale, , , variance], dy, attributes: { epsilon } }: Application<"BatchNormalization">,
): readonly Value[] {
  const factor = g.div(scale, g.sqrt(g.add(variance, epsilon)));
  return [g.mul(dy, perChannel(g, factor, x.shape.length))];
}

/**
 * The common core: the cotangent of x, where `d` is that of (x - mean) · inverse and `centered` is x - mean; the mean and
 * the inverse deviation are over `axes`. The deviation is divided out on the small tensors.
 */
function standardized(g: Builder, centered: Value, inverse: Value, d: Value, axes: readonly number[]): Value {
  const level = g.sub(d, g.reduceMean(d, axes));
  const stretch = g.mul(g.reduceMean(g.mul(level, centered), axes), g.mul(inverse, inverse));
  return g.mul(g.sub(level, g.mul(centered, stretch)), inverse);
}

export function instanceNormalization(
  g: Builder,
  { x: [x, scale], dy, attributes: { epsilon } }: Application<"InstanceNormalization">,
): readonly Value[] {
  const axes = x.shape.map((_, axis) => axis).slice(2);
  const centered = g.sub(x, g.reduceMean(x, axes));
  const variance = g.reduceMean(g.mul(centered, centered), axes);
  const inverse = g.reciprocal(g.sqrt(g.add(variance, epsilon)));
  const d = g.mul(dy, perChannel(g, scale, x.shape.length));
  return [standardized(g, centered, inverse, d, axes)];
}

/** Uses the operator's own mean and inverse deviation (its second and third outputs). */
export function layerNormalization(
  g: Builder,
  { x: [x, scale], outputs: [, mean, inverse], dy, attributes: { axis } }: Application<"LayerNormalization">,
): readonly Value[] {
  if (mean === undefined || inverse === undefined)
    throw new Error("LayerNormalization's pullback needs its statistics");
  const axes = x.shape.map((_, k) => k).slice(axis);
  return [standardized(g, g.sub(x, mean), inverse, g.mul(dy, scale), axes)];
}

/** Sum over `before` channels below and `after` channels above each channel, itself included. */
function channelWindowSum(g: Builder, x: Value, before: number, after: number): Value {
  const along = (amount: number) => x.shape.map((_, axis) => (axis === 1 ? amount : 0));
  const padded = g.pad(x, along(before), along(after));
  return Array.from({ length: before + after + 1 }, (_, k) => g.slice(padded, along(k), x.shape)).reduce(
    (sum, shifted) => g.add(sum, shifted),
  );
}

/** y = x · D^-beta with D = bias + alpha / size · (sum of squares over a window of channels). */
export function localResponseNormalization(
  g: Builder,
  { x: [x], y, dy, attributes }: Application<"LRN">,
): readonly Value[] {
  const { size, alpha, beta, bias } = attributes;
  const before = Math.floor((size - 1) / 2);
  const after = Math.ceil((size - 1) / 2);
  const density = g.add(g.mul(channelWindowSum(g, g.mul(x, x), before, after), alpha / size), bias);
  // Channel c is in the window of the channels from c - after to c + before.
  const coupled = channelWindowSum(g, g.div(g.mul(dy, y), density), after, before);
  return [g.sub(g.mul(dy, g.pow(density, -beta)), g.mul(g.mul(x, coupled), (2 * alpha * beta) / size))];
}
