import type { NodeProto } from "onnx-buf";
import type { Tensor } from "../../core/tensor.ts";
import type { FileGraph } from "../file/file-graph.ts";
import type { Runtime } from "../runtime.ts";
import { nodesBefore, applies, inputOf, outputOf, usesOf } from "../file/node.ts";
import type { TensorTypes } from "./tensor-types.ts";
import { readTensor } from "../file/tensors.ts";
import { BoundedPart } from "./bounded.ts";
import { shapeFact } from "./shape-arithmetic.ts";

/** Reads constants that the file holds, or that shapes determine, through any chain of Identity; undefined for computed ones. */
function constantReader(graph: FileGraph, types: TensorTypes): (name: string) => Tensor | undefined {
  const producers = new Map(graph.nodes.flatMap((node) => node.output.map((name) => [name, node] as const)));
  return (wanted) => {
    let name = wanted;
    let node = producers.get(name);
    while (node !== undefined && applies(node, "Identity")) {
      name = inputOf(node, 0);
      node = producers.get(name);
    }
    const initializer = graph.initializers.get(name);
    if (initializer !== undefined) return readTensor(initializer, `${graph.file}: tensor "${name}"`);
    return node && shapeFact(node, types);
  };
}

/** What the file or shapes determine of the tensors that the wanted ones are computed from. */
function factsBefore(
  graph: FileGraph,
  types: TensorTypes,
  wanted: readonly string[],
): { readonly nodes: readonly NodeProto[]; readonly facts: ReadonlyMap<string, Tensor> } {
  const facts = new Map<string, Tensor>();
  const nodes = nodesBefore(graph.nodes, wanted, (node) => {
    const fact = shapeFact(node, types);
    if (fact === undefined) return usesOf(node);
    facts.set(outputOf(node, 0), fact);
    return [];
  });
  return { nodes, facts };
}

/**
 * The constants by the names in `wanted`: initializers read from the file, shapes from `types`, and
 * all that is computed from these (shape arithmetic, masks, position tables, dequantized weights) by a run of that part
 * of the graph, in the file's own opset, whose size is known before it starts.
 */
export async function foldConstants(
  graph: FileGraph,
  types: TensorTypes,
  wanted: ReadonlySet<string>,
  runtime: Runtime,
): Promise<ReadonlyMap<string, Tensor>> {
  const read = constantReader(graph, types);
  const constants = new Map<string, Tensor>();
  const computed: string[] = [];
  for (const name of wanted) {
    const tensor = read(name);
    if (tensor === undefined) computed.push(name);
    else constants.set(name, tensor);
  }
  if (computed.length > 0) {
    const { nodes, facts } = factsBefore(graph, types, computed);
    const part = new BoundedPart({ ...graph, nodes }, undefined, facts, runtime, "compute its constants");
    const values = await part.values(computed);
    for (const name of computed) {
      const tensor = values.get(name);
      if (tensor !== undefined) constants.set(name, tensor);
    }
  }
  return constants;
}
