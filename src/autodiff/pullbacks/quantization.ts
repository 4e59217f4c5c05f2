import type { Builder } from "../../graph/builder.ts";
import type { Value } from "../../graph/graph.ts";
import type { DType } from "../../core/tensor.ts";
import type { Application } from "./pullback.ts";

/** Element types of quantized tensors, and of sums of their products. A cotangent is float32 all the same. */
const quantized: ReadonlySet<DType> = new Set(["int8", "uint8", "int16", "uint16", "int32"]);

/**
 * Quantized numbers become floats and wider integers unchanged. From float to integer a cast truncates: it is constant almost
 * everywhere, and so is what comes of comparisons and indices.
 */
export function cast(
  _: Builder,
  { x: [x], dy, attributes: { to } }: Application<"Cast">,
): readonly (Value | null)[] {
  const passes =
    x.dtype === "float32"
      ? to === "float32"
      : quantized.has(x.dtype) && (to === "float32" || quantized.has(to));
  return [passes ? dy : null];
}

/** The levels of each type. */
const ranges: Readonly<Partial<Record<DType, readonly [number, number]>>> = {
  int8: [-128, 127],
  uint8: [0, 255],
  int16: [-32768, 32767],
  uint16: [0, 65535],
};

/**
 * y = clamp(round(x / scale) + zero point). The rounding counts as the identity (straight-through: Bengio et al. 2013), so
 * that dx = dy / scale where the level lies in the range of y's type, and 0 where it is clamped; scale and zero point count
 * as constants. With the dequantization after it this is PyTorch's fake_quantize_per_tensor_affine (per_channel).
 */
export function straightThrough(
  g: Builder,
  { x: [x, scale, zeroPoint], y, dy, attributes: { axis } }: Application<"QuantizeLinear">,
): readonly (Value | null)[] {
  const range = ranges[y.dtype];
  if (range === undefined) return [];
  const along = (parameter: Value): Value => g.alongAxis(parameter, axis, x.shape.length);
  const step = along(scale);
  const rounded = g.single("Round", [g.div(x, step)], {}, x.dtype, x.shape);
  const level = g.add(rounded, along(g.cast(zeroPoint, "float32")));
  const inside = g.and(g.greaterOrEqual(level, range[0]), g.lessOrEqual(level, range[1]));
  return [g.where(inside, g.div(dy, step), 0), null, null];
}
