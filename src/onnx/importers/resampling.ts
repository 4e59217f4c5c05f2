import { at } from "../../core/required.ts";
import type { Operators, ResizeAxis } from "../../graph/operators.ts";
import { fromFront, type FileNode, type Importer, oneOf } from "./file-node.ts";

type Resize = Operators["Resize"];

/**
 * Upsample and Resize before opset 11: asymmetric coordinates; nearest rounds down where an axis grows, and up where it
 * shrinks (ONNX Runtime's reading of an open specification). Axes are independent: where both happen, one after the other.
 */
const early: Importer = (n, g) => {
  const x = n.input(0);
  const scales = n.argument("scales", 1);
  const mode = oneOf(n.attributes.text("mode", "nearest"), ["nearest", "linear"]);
  if (mode === undefined || scales === undefined) return undefined;
  const axes = x.shape.map((_, axis): ResizeAxis => ({
    scale: at(scales, axis),
    extent: at(n.output.shape, axis),
  }));
  const by = (resized: readonly ResizeAxis[], nearestMode: "floor" | "ceil"): Resize => ({
    mode,
    axes: resized,
    coordinateTransformation: "asymmetric",
    nearestMode,
    cubicCoefficient: -0.75,
    excludeOutside: false,
    antialias: false,
  });
  const shrinks = scales.some((scale) => scale < 1);
  const grows = scales.some((scale) => scale > 1);
  if (mode === "linear" || !shrinks || !grows)
    return g.apply("Resize", [x], by(axes, shrinks ? "ceil" : "floor"), n.outputs);
  const up = axes.map(({ scale, extent }, axis) => ({
    scale: Math.max(1, scale),
    extent: scale > 1 ? extent : at(x.shape, axis),
  }));
  const down = axes.map(({ scale, extent }) => ({ scale: Math.min(1, scale), extent }));
  const grown = up.map(({ extent }) => extent);
  return g.apply(
    "Resize",
    [g.single("Resize", [x], by(up, "floor"), x.dtype, grown)],
    by(down, "ceil"),
    n.outputs,
  );
};

/** Extent and scale of every axis: the scale is given, or comes of the sizes, or is one for all that keeps the aspect ratio. */
function resizedAxes(n: FileNode): readonly ResizeAxis[] {
  const input = n.input(0).shape;
  const axes = (n.attributes.numbers("axes") ?? [...input.keys()]).map((axis) =>
    fromFront(axis, input.length),
  );
  const [given, sizes] = [n.numbers(2) ?? [], n.numbers(3) ?? []];
  const ratios = axes.map((axis, index) =>
    given.length > 0 ? at(given, index) : at(sizes, index) / at(input, axis),
  );
  const policy = given.length > 0 ? "stretch" : n.attributes.text("keep_aspect_ratio_policy", "stretch");
  const common =
    policy === "not_larger"
      ? Math.min(...ratios)
      : policy === "not_smaller"
        ? Math.max(...ratios)
        : undefined;
  return input.map((_, axis) => {
    const index = axes.lastIndexOf(axis);
    return { extent: at(n.output.shape, axis), scale: index < 0 ? 1 : (common ?? at(ratios, index)) };
  });
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
  const axes = resizedAxes(n);
  // Where the runtime reads the arguments otherwise (negative axes with an aspect policy), the runtime decides.
  if (axes.some(({ scale, extent }, axis) => Math.abs(scale * at(n.input(0).shape, axis) - extent) > 1))
    return undefined;
  const attributes: Resize = {
    mode,
    axes,
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
