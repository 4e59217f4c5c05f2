import type { Builder } from "../../graph/builder.ts";
import type { Value } from "../../graph/graph.ts";
import { int64, sizeOf, stridesOf } from "../../core/tensor.ts";
import { fromFront, type FileNode, type Importer } from "./file-node.ts";
import { oneOf, same } from "./same.ts";

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
    return Math.floor(place / (strides[axis] ?? 1)) % (places[axis] ?? 1);
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
    const [depth = 0] = n.numbers(1) ?? [];
    const axis = fromFront(n.attributes.int("axis", -1), n.output.shape.length);
    return g.apply("OneHot", [n.input(0), n.input(2)], { axis, depth }, n.outputs);
  },
};
