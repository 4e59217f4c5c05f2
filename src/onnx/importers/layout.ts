import { at } from "../../core/required.ts";
import { sizeOf, type Tensor, int64, stridesOf } from "../../core/tensor.ts";
import type { Builder } from "../../graph/builder.ts";
import type { Value } from "../../graph/graph.ts";
import type { PadAxis, SliceAxis } from "../../graph/operators.ts";
import { fromFront, type FileNode, type Importer, oneOf, same } from "./file-node.ts";

/** What only changes the shape: the output's shape, known, is all that is needed. (The runtime infers it without counting.) */
const reshape: Importer = (n, g) => {
  const [from, to] = [n.input(0).shape, n.output.shape];
  if (sizeOf(from) !== sizeOf(to))
    throw n.refuse(`makes [${to.join(",")}] of [${from.join(",")}], which has other elements`);
  return g.apply("Reshape", [n.input(0)], { shape: to }, n.outputs);
};

/** Sizes of the parts: given, or as equal as they get (opset 18: the last is smaller). */
function partSizes(n: FileNode, axis: number): readonly number[] {
  const extent = at(n.input(0).shape, axis);
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
  Concat: same("Concat", (n) => ({ axis: n.axis(1) })),
  Split(n, g) {
    const axis = n.axis(0);
    return g.apply("Split", [n.input(0)], { axis, sizes: partSizes(n, axis) }, n.outputs);
  },
  Slice(n, g) {
    const { shape } = n.input(0);
    const given = n.argument("starts", 1);
    if (given === undefined) throw n.refuse("lacks its starts");
    const axes = (n.argument("axes", 3) ?? [...given.keys()]).map((axis) => fromFront(axis, shape.length));
    const steps = n.numbers(4);
    const sliced = shape.map((extent, axis): SliceAxis => {
      const index = axes.lastIndexOf(axis);
      if (index < 0) return { start: 0, step: 1, extent };
      const step = steps === undefined ? 1 : at(steps, index);
      return { start: clampedStart(at(given, index), step, extent), step, extent: at(n.output.shape, axis) };
    });
    return g.apply("Slice", [n.input(0)], { axes: sliced }, n.outputs);
  },
  Pad(n, g) {
    const x = n.input(0);
    const mode = oneOf(n.attributes.text("mode", "constant"), ["constant", "reflect", "edge", "wrap"]);
    const pads = n.argument("pads", 1);
    if (pads === undefined) throw n.refuse("lacks its pads");
    const axes = (n.numbers(3) ?? [...x.shape.keys()]).map((axis) => fromFront(axis, x.shape.length));
    const [value = 0] = n.argument("value", 2) ?? [];
    const padded = x.shape.map((_, axis): PadAxis => {
      const index = axes.lastIndexOf(axis);
      return index < 0
        ? { before: 0, after: 0 }
        : { before: at(pads, index), after: at(pads, index + axes.length) };
    });
    const cropped = padded.some(({ before, after }) => before < 0 || after < 0);
    if (mode === undefined || (cropped && mode !== "constant")) return undefined;
    if (!cropped) return g.apply("Pad", [x], { mode, axes: padded, value }, n.outputs);
    // Negative padding cuts off.
    const clamped = (sign: 1 | -1) =>
      padded.map(({ before, after }) => ({
        before: Math.max(0, sign * before),
        after: Math.max(0, sign * after),
      }));
    const [added, cut] = [clamped(1), clamped(-1)];
    const inner = g.slice(
      x,
      cut.map(({ before }) => before),
      cut.map(({ before, after }, axis) => at(x.shape, axis) - before - after),
    );
    return added.some(({ before, after }) => before > 0 || after > 0)
      ? g.apply("Pad", [inner], { mode, axes: added, value }, n.outputs)
      : [inner];
  },
  Trilu(n, g) {
    const x = n.input(0);
    const [k = 0] = n.numbers(1) ?? [];
    const mask = triangle([at(x.shape, -2), at(x.shape, -1)], k, n.attributes.flag("upper", true));
    return x.dtype === "float32" ? [g.where(g.constant(mask), x, 0)] : undefined;
  },
  Expand: (n, g) => g.apply("Expand", [n.input(0)], { shape: n.output.shape }, n.outputs),
  Tile: (n, g) => g.apply("Tile", [n.input(0)], { repeats: n.requiredNumbers(1) }, n.outputs),
  DepthToSpace(n, g) {
    const mode = oneOf(n.attributes.text("mode", "DCR"), ["DCR", "CRD"]);
    return (
      mode &&
      g.apply("DepthToSpace", n.inputs, { blockSize: n.attributes.int("blocksize", 1), mode }, n.outputs)
    );
  },
  SpaceToDepth: same("SpaceToDepth", (n) => ({ blockSize: n.attributes.int("blocksize", 1) })),
};

const reduction = (n: FileNode) =>
  oneOf(n.attributes.text("reduction", "none"), ["none", "add", "mul", "max", "min"]);

const scatterElements: Importer = (n, g) => {
  const kind = reduction(n);
  return kind && g.apply("ScatterElements", n.inputs, { axis: n.axis(0), reduction: kind }, n.outputs);
};

/** Indices that count the leading axes too, which the file leaves to be the same in data and indices. */
function withBatchIndices(g: Builder, indices: Value, batchDims: number): Value {
  const places = indices.shape.slice(0, -1);
  const strides = stridesOf(places);
  const own = Array.from({ length: sizeOf(places) * batchDims }, (_, flat) => {
    const [place, axis] = [Math.floor(flat / batchDims), flat % batchDims];
    return Math.floor(place / at(strides, axis)) % at(places, axis);
  });
  return g.concat([g.constant(int64([...places, batchDims], own)), indices], places.length);
}

/** Reading and writing at indices. */
export const indexing: Readonly<Record<string, Importer>> = {
  Gather: same("Gather", (n) => ({ axis: n.axis(0) })),
  GatherElements: same("GatherElements", (n) => ({ axis: n.axis(0) })),
  GatherND(n, g) {
    const batchDims = n.attributes.int("batch_dims", 0);
    const indices = batchDims === 0 ? n.input(1) : withBatchIndices(g, n.input(1), batchDims);
    return g.apply("GatherND", [n.input(0), indices], { batchDims: 0 }, n.outputs);
  },
  ScatterElements: scatterElements,
  Scatter: scatterElements,
  ScatterND(n, g) {
    const kind = reduction(n);
    return kind && g.apply("ScatterND", n.inputs, { reduction: kind }, n.outputs);
  },
  OneHot(n, g) {
    const depth = at(n.requiredNumbers(1), 0);
    const axis = fromFront(n.attributes.int("axis", -1), n.output.shape.length);
    return g.apply("OneHot", [n.input(0), n.input(2)], { axis, depth }, n.outputs);
  },
};
