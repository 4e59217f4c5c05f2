import { sizeOf, type Tensor } from "../../core/tensor.ts";
import { fromFront, type FileNode, type Importer } from "./file-node.ts";
import { oneOf, same } from "./same.ts";

/** What only changes the shape: the output's shape, known, says it all. (The runtime infers it without counting.) */
const reshape: Importer = (n, g) => {
  const [from, to] = [n.input(0).shape, n.output.shape];
  if (sizeOf(from) !== sizeOf(to))
    throw n.refuse(`makes [${to.join(",")}] of [${from.join(",")}], which has other elements`);
  return g.apply("Reshape", [n.input(0)], { shape: to }, n.outputs);
};

/** Sizes of the parts: given, or as equal as they get (opset 18: the last is smaller). */
function partSizes(n: FileNode, axis: number): readonly number[] {
  const extent = n.input(0).shape[axis] ?? 1;
  const count = n.attributes.int("num_outputs", n.outputs.length);
  const chunk = Math.ceil(extent / count);
  const equal = Array.from({ length: count }, (_, part) =>
    Math.max(0, Math.min(chunk, extent - part * chunk)),
  );
  return n.argument("split", 1) ?? equal;
}

/** Where a slice starts: clamped into the axis as NumPy does it. */
function clampedStart(start: number, step: number, extent: number): number {
  const last = step < 0 ? extent - 1 : extent;
  return Math.max(0, Math.min(last, start < 0 ? start + extent : start));
}

/** Ones on and below (or above) the k-th diagonal of the last two axes, as a mask. */
function triangle([rows, columns]: readonly [number, number], k: number, upper: boolean): Tensor<"bool"> {
  const kept = Uint8Array.from({ length: rows * columns }, (_, flat) => {
    const diagonal = (flat % columns) - Math.floor(flat / columns);
    return Number(upper ? diagonal >= k : diagonal <= k);
  });
  return { dtype: "bool", shape: [rows, columns], data: kept };
}

/** Rearranging, cutting and joining. */
export const layout: Readonly<Record<string, Importer>> = {
  Reshape: reshape,
  Flatten: reshape,
  Squeeze: reshape,
  Unsqueeze: reshape,
  Transpose: same("Transpose", (n) => ({
    perm: n.attributes.numbers("perm") ?? [...n.input(0).shape.keys()].reverse(),
  })),
  Concat: same("Concat", (n) => {
    n.inputs.forEach((_, index) => n.input(index)); // none of them may be left out
    return { axis: n.axis(1) };
  }),
  Split(n, g) {
    const axis = n.axis(0);
    return g.apply("Split", [n.input(0)], { axis, sizes: partSizes(n, axis) }, n.outputs);
  },
  Slice(n, g) {
    const { shape } = n.input(0);
    const given = n.argument("starts", 1) ?? [];
    const axes = (n.argument("axes", 3) ?? [...given.keys()]).map((axis) => fromFront(axis, shape.length));
    const givenSteps = n.numbers(4);
    const steps = shape.map(() => 1);
    const starts = shape.map(() => 0);
    axes.forEach((axis, index) => {
      steps[axis] = givenSteps?.[index] ?? 1;
      starts[axis] = clampedStart(given[index] ?? 0, steps[axis] ?? 1, shape[axis] ?? 1);
    });
    return g.apply("Slice", [n.input(0)], { starts, steps, shape: n.output.shape }, n.outputs);
  },
  Pad(n, g) {
    const x = n.input(0);
    const rank = x.shape.length;
    const mode = oneOf(n.attributes.text("mode", "constant"), ["constant", "reflect", "edge", "wrap"]);
    const given = n.argument("pads", 1) ?? [];
    const axes = (n.numbers(3) ?? [...x.shape.keys()]).map((axis) => fromFront(axis, rank));
    const [value = 0] = n.argument("value", 2) ?? [];
    const pads = Array.from({ length: 2 * rank }, () => 0);
    axes.forEach((axis, index) => {
      pads[axis] = given[index] ?? 0;
      pads[axis + rank] = given[index + axes.length] ?? 0;
    });
    const cropped = pads.some((pad) => pad < 0);
    if (mode === undefined || (cropped && mode !== "constant")) return undefined;
    if (!cropped) return g.apply("Pad", [x], { mode, pads, value }, n.outputs);
    // Negative padding cuts off.
    const cut = pads.map((pad) => Math.max(0, -pad));
    const shape = x.shape.map((extent, axis) => extent - (cut[axis] ?? 0) - (cut[axis + rank] ?? 0));
    const added = pads.map((pad) => Math.max(0, pad));
    const inner = g.slice(x, cut.slice(0, rank), shape);
    return added.some((pad) => pad > 0)
      ? g.apply("Pad", [inner], { mode, pads: added, value }, n.outputs)
      : [inner];
  },
  Trilu(n, g) {
    const x = n.input(0);
    const [k = 0] = n.numbers(1) ?? [];
    const mask = triangle([x.shape.at(-2) ?? 1, x.shape.at(-1) ?? 1], k, n.attributes.flag("upper", true));
    return x.dtype === "float32" ? [g.where(g.constant(mask), x, 0)] : undefined;
  },
  Expand: (n, g) => g.apply("Expand", [n.input(0)], { shape: n.output.shape }, n.outputs),
  Tile: (n, g) => g.apply("Tile", [n.input(0)], { repeats: n.numbers(1) ?? [] }, n.outputs),
  DepthToSpace(n, g) {
    const mode = oneOf(n.attributes.text("mode", "DCR"), ["DCR", "CRD"]);
    return (
      mode &&
      g.apply("DepthToSpace", n.inputs, { blockSize: n.attributes.int("blocksize", 1), mode }, n.outputs)
    );
  },
  SpaceToDepth: same("SpaceToDepth", (n) => ({ blockSize: n.attributes.int("blocksize", 1) })),
};
