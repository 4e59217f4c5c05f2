import { axisMeanings } from "../../graph/axes/axes.ts";
import { dependents, type Graph, type Value } from "../../graph/graph.ts";
import type { TensorInfo } from "../network.ts";

/** Axes of the image that count rows and columns. */
export type SpatialAxes = readonly [rows: number, columns: number];

/** Tensors computed from the image, in topological order. */
export function tensorsOf(graph: Graph, image: Value, spatial: SpatialAxes): readonly TensorInfo[] {
  const reached = dependents(graph, [image.name]);
  const meanings = axisMeanings(graph, image, spatial);
  return graph.nodes.flatMap((node) =>
    node.outputs
      .filter(({ name, dtype }) => reached.has(name) && dtype === "float32")
      .map(({ name, shape }) => ({
        name,
        shape,
        module: node.source?.module,
        operator: node.op === "Opaque" ? node.attributes.opType : node.op,
        axes: meanings.get(name),
      })),
  );
}
