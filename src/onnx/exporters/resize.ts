import type { AttributeProto } from "onnx-buf";
import type { NodeOf } from "../../graph/graph.ts";
import type { Operators } from "../../graph/operators.ts";
import { float32, type Shape } from "../../core/tensor.ts";
import { float, followed, int, ints, list, text, type Form, type Operand } from "./form.ts";

/**
 * Inputs and policy of a Resize whose output shape and coordinate scales are these. From sizes the engine takes the scale
 * as their ratio; from scales it takes the shape as their floor; where the file kept the aspect ratio, the shape was
 * rounded from one scale, which the least or the largest ratio gives back.
 */
function resizeBy(
  from: Shape,
  { shape, scales }: Operators["Resize"],
): { operands: Operand[]; attributes: AttributeProto[] } {
  const bySizes = { operands: [null, null, list(shape)], attributes: [] };
  const ratios = shape.map((extent, k) => extent / (from[k] ?? 1));
  const same = (a: number | undefined, b: number | undefined): boolean =>
    Math.fround(a ?? 1) === Math.fround(b ?? 1);
  if (scales.every((scale, k) => same(scale, ratios[k]))) return bySizes;
  const byScales = { operands: [null, float32([scales.length], scales)], attributes: [] };
  if (scales.every((scale, k) => Math.floor(Math.fround((from[k] ?? 1) * Math.fround(scale))) === shape[k]))
    return byScales;
  const axes = [...shape.keys()].filter((k) => scales[k] !== 1);
  const resized = axes.map((k) => ratios[k] ?? 1);
  const policy = same(Math.min(...resized), scales[axes[0] ?? 0]) ? "not_larger" : "not_smaller";
  return {
    operands: [null, null, list(axes.map((k) => shape[k] ?? 1))],
    attributes: [ints("axes", axes), text("keep_aspect_ratio_policy", policy)],
  };
}

export function resize(attributes: Operators["Resize"], node: NodeOf<"Resize">): Form {
  const { mode, coordinateTransformation, nearestMode, cubicCoefficient, excludeOutside, antialias } =
    attributes;
  const by = resizeBy(node.inputs[0]?.shape ?? [], attributes);
  return {
    operands: followed(node, ...by.operands),
    attributes: [
      ...by.attributes,
      text("mode", mode),
      text("coordinate_transformation_mode", coordinateTransformation),
      text("nearest_mode", nearestMode),
      float("cubic_coeff_a", cubicCoefficient),
      int("exclude_outside", excludeOutside),
      int("antialias", antialias),
    ],
  };
}
