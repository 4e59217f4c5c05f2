import { axisMeanings } from "../../graph/axes/axes.ts";
import { dependents, producers, type Graph, type Node, type Value } from "../../graph/graph.ts";
import type { NetworkOutput, TensorInfo } from "../network.ts";

/** Axes of the image that count rows and columns. */
export type SpatialAxes = readonly [rows: number, columns: number];

const operatorOf = (node: Node): string => (node.op === "Opaque" ? node.attributes.opType : node.op);

/** The outputs, of whatever type. */
export function outputsOf(graph: Graph): readonly NetworkOutput[] {
  const byOutput = producers(graph);
  return graph.outputs.flatMap(({ name, shape, dtype }) => {
    const node = byOutput.get(name);
    return node === undefined
      ? []
      : [{ name, shape, dtype, module: node.source?.module, operator: operatorOf(node) }];
  });
}

/** Tensors computed from the image, in topological order. */
export function tensorsOf(
  graph: Graph,
  image: Value,
  spatial: SpatialAxes,
  added: ReadonlySet<string>,
): readonly TensorInfo[] {
  const reached = dependents(graph, [image.name]);
  const meanings = axisMeanings(graph, image, spatial);
  return graph.nodes.flatMap((node) =>
    node.outputs
      .filter(({ name, dtype }) => reached.has(name) && dtype === "float32")
      .map(({ name, shape }) => ({
        name,
        shape,
        module: node.source?.module,
        operator: operatorOf(node),
        axes: meanings.get(name),
        ...(added.has(name) ? { internal: true } : {}),
      })),
  );
}
