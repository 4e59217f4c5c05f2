import type { Operators } from "../../graph/operators.ts";
import type { Shape } from "../../core/tensor.ts";
import { fromFront, type FileNode, type Importer } from "./file-node.ts";
import { oneOf } from "./same.ts";

type Resize = Operators["Resize"];

/**
 * Upsample and Resize before opset 11: asymmetric coordinates; nearest rounds down where an axis grows, and up where it
 * shrinks (ONNX Runtime's reading of an open specification). Axes are independent: where both happen, one after the other.
 */
const early: Importer = (n, g) => {
  const x = n.input(0);
  const scales = n.argument("scales", 1) ?? [];
  const mode = oneOf(n.attributes.text("mode", "nearest"), ["nearest", "linear"]);
  if (mode === undefined) return undefined;
  const grown = x.shape.map((extent, axis) =>
    (scales[axis] ?? 1) > 1 ? (n.output.shape[axis] ?? 1) : extent,
  );
  const by = (factors: readonly number[], shape: Shape, nearestMode: "floor" | "ceil"): Resize => ({
    mode,
    shape,
    scales: factors,
    coordinateTransformation: "asymmetric",
    nearestMode,
    cubicCoefficient: -0.75,
    excludeOutside: false,
    antialias: false,
  });
  const shrinks = scales.some((scale) => scale < 1);
  const grows = scales.some((scale) => scale > 1);
  if (mode === "linear" || !shrinks || !grows) {
    return g.apply("Resize", [x], by(scales, n.output.shape, shrinks ? "ceil" : "floor"), n.outputs);
  }
  const up = by(
    scales.map((scale) => Math.max(1, scale)),
    grown,
    "floor",
  );
  const down = by(
    scales.map((scale) => Math.min(1, scale)),
    n.output.shape,
    "ceil",
  );
  return g.apply("Resize", [g.single("Resize", [x], up, x.dtype, grown)], down, n.outputs);
};

/** Scale per axis: given, or from the sizes asked for, or one for all axes that keeps the aspect ratio. */
function scalesOf(n: FileNode): readonly number[] {
  const input = n.input(0).shape;
  const axes = (n.attributes.numbers("axes") ?? [...input.keys()]).map((axis) =>
    fromFront(axis, input.length),
  );
  const given = n.numbers(2) ?? [];
  const sizes = n.numbers(3) ?? [];
  const ratios = axes.map((axis, index) => given[index] ?? (sizes[index] ?? 1) / (input[axis] ?? 1));
  const policy = given.length > 0 ? "stretch" : n.attributes.text("keep_aspect_ratio_policy", "stretch");
  const common =
    policy === "not_larger"
      ? Math.min(...ratios)
      : policy === "not_smaller"
        ? Math.max(...ratios)
        : undefined;
  const scales = input.map(() => 1);
  axes.forEach((axis, index) => (scales[axis] = common ?? ratios[index] ?? 1));
  return scales;
}

const modern: Importer = (n, g) => {
  const { text, flag, float } = n.attributes;
  const mode = oneOf(text("mode", "nearest"), ["nearest", "linear", "cubic"]);
  const coordinateTransformation = oneOf(text("coordinate_transformation_mode", "half_pixel"), [
    "half_pixel",
    "half_pixel_symmetric",
    "pytorch_half_pixel",
    "align_corners",
    "asymmetric",
  ]);
  const nearestMode = oneOf(text("nearest_mode", "round_prefer_floor"), [
    "round_prefer_floor",
    "round_prefer_ceil",
    "floor",
    "ceil",
  ]);
  if (mode === undefined || coordinateTransformation === undefined || nearestMode === undefined)
    return undefined;
  const { shape } = n.output;
  const scales = scalesOf(n);
  // Where the engine reads the arguments otherwise (negative axes with an aspect policy), the engine shall have its way.
  if (scales.some((scale, axis) => Math.abs(scale * (n.input(0).shape[axis] ?? 1) - (shape[axis] ?? 1)) > 1))
    return undefined;
  const attributes: Resize = {
    mode,
    shape,
    scales,
    coordinateTransformation,
    nearestMode,
    cubicCoefficient: float("cubic_coeff_a", -0.75),
    excludeOutside: flag("exclude_outside", false),
    antialias: flag("antialias", false),
  };
  return g.apply("Resize", [n.input(0)], attributes, n.outputs);
};

/** Resampling; cropping while resizing (`tf_crop_and_resize`) stays opaque. */
export const resampling: Readonly<Record<string, Importer>> = {
  Resize: (n, g) => (n.opset < 11 ? early(n, g) : modern(n, g)),
  Upsample: early,
};
