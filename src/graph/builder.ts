import { layoutOperations } from "./builder/layout.ts";
import { pointwiseOperations } from "./builder/pointwise.ts";
import { productOperations } from "./builder/products.ts";
import { reducingOperations } from "./builder/reducing.ts";
import { writeOnto } from "./builder/writer.ts";
import type { Graph } from "./graph.ts";

/**
 * Writes new nodes onto a graph, keeping every shape static. Methods carry the ONNX operators' names; they append a
 * node and return its output. `base` is the graph that is extended; its values may be used as operands.
 */
export function extend(base: Graph) {
  const writer = writeOnto(base);
  return {
    ...writer,
    ...pointwiseOperations(writer),
    ...reducingOperations(writer),
    ...layoutOperations(writer),
    ...productOperations(writer),
  };
}

export type Builder = ReturnType<typeof extend>;
