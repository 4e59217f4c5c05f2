import type { Builder } from "../../graph/builder.ts";
import type { Value } from "../../graph/graph.ts";

/**
 * A power of two by which differences from `bound` grow past 1, and nothing becomes infinite that should not: for a bound
 * of 0 every normal float32 above it counts, for another bound every float32 there is.
 */
const steepness = (bound: number): number => 2 ** Math.min(127, 100 - Math.ceil(Math.log2(Math.abs(bound))));

function ramp(g: Builder, y: Value, bound: number, direction: 1 | -1): Value {
  const alpha = direction * steepness(bound);
  return g.hardSigmoid(y, alpha, -alpha * Math.fround(bound));
}

/*
 * The derivative of a rectifier is 1 or 0, as a steep HardSigmoid of its output: clamp(alpha · y + beta, 0, 1). ONNX
 * Runtime keeps that operator and the product in the blocked layout of the convolutions around them; Greater and Where
 * force it back and forth, and Where makes two copies. CPU ms of the whole gradient: MobileNetV2 20.1 -> 16.3,
 * ResNet-50 97.0 -> 94.7, VGG-16 323 -> 313.
 *
 * A product, unlike Where, hands on what has overflowed: a cotangent that is infinite in a blocked place becomes NaN.
 */

/** 1 where y > bound, else 0. */
export const above = (g: Builder, y: Value, bound: number): Value => ramp(g, y, bound, 1);

/** 1 where y < bound, else 0. */
export const below = (g: Builder, y: Value, bound: number): Value => ramp(g, y, bound, -1);
