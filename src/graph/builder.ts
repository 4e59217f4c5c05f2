import { layoutOperations } from "./builder/layout.ts";
import { pointwiseOperations } from "./builder/pointwise.ts";
import { productOperations } from "./builder/products.ts";
import { reducingOperations } from "./builder/reducing.ts";
import { writeOnto } from "./builder/writer.ts";
import type { Graph } from "./graph.ts";

/**
 * Writes new nodes onto a graph, keeping every shape static. Methods carry the ONNX operators' names; they append a
 * node and return its output. `base` is the graph that is extended; its values may be used as operands.
 * New values get names that are neither in `base` nor in `reserved`.
 */
export function extend(base: Graph, reserved: Iterable<string> = []) {
  const writer = writeOnto(base, reserved);
  return {
    ...writer,
    ...pointwiseOperations(writer),
    ...reducingOperations(writer),
    ...layoutOperations(writer),
    ...productOperations(writer),
  };
}

export type Builder = ReturnType<typeof extend>;
