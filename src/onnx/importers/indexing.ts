import { fromFront, type FileNode, type Importer } from "./file-node.ts";
import { oneOf, same } from "./same.ts";

const reduction = (n: FileNode) =>
  oneOf(n.attributes.text("reduction", "none"), ["none", "add", "mul", "max", "min"]);

const scatterElements: Importer = (n, g) => {
  const kind = reduction(n);
  return kind && g.apply("ScatterElements", n.inputs, { axis: n.axis(0), reduction: kind }, n.outputs);
};

/** Reading and writing at indices. */
export const indexing: Readonly<Record<string, Importer>> = {
  Gather: same("Gather", (n) => ({ axis: n.axis(0) })),
  GatherElements: same("GatherElements", (n) => ({ axis: n.axis(0) })),
  GatherND: same("GatherND", (n) => ({ batchDims: n.attributes.int("batch_dims", 0) })),
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
