import type { Graph, Node, Value } from "../../graph/graph.ts";
import { numbersOf } from "../../core/tensor.ts";
import { inputRegions } from "./receptive-field.ts";
import { hull, replaced, whole, type Region } from "./region.ts";

/** A node reads a box of a tensor. */
export interface Read {
  readonly tensor: string;
  readonly region: Region;
  /** The node's place in the graph. */
  readonly at: number;
}

/** The box that a Gather with constant indices reads of its data: the class token of all tokens, most often. */
function gathered({ constants }: Graph, node: Node, regions: readonly (Region | null)[]) {
  const [data, ...others] = regions;
  const [, indices] = node.inputs;
  const constant = indices == null ? undefined : constants.get(indices.name);
  if (node.op !== "Gather" || constant === undefined || data == null) return regions;
  const { axis } = node.attributes;
  const extent = node.inputs[0]?.shape[axis] ?? 1;
  const places = numbersOf(constant).map((index) => (index < 0 ? index + extent : index));
  return [replaced(data, axis, [Math.min(...places), Math.max(...places)]), ...others];
}

/**
 * What is read on the way to a tensor: by each node, the boxes of its inputs that the tensor is computed from. A node that
 * reads a class token reads nothing of the other tokens.
 */
export function readsOf(graph: Graph, target: Value): readonly Read[] {
  const wanted = new Map<string, Region>([[target.name, whole(target.shape)]]);
  const reads: Read[] = [];
  graph.nodes.toReversed().forEach((node, back) => {
    node.outputs.forEach(({ name }, position) => {
      const region = wanted.get(name);
      if (region === undefined) return;
      gathered(graph, node, inputRegions(node, region, position)).forEach((needed, k) => {
        const source = node.inputs[k];
        if (needed === null || source == null) return;
        const known = wanted.get(source.name);
        wanted.set(source.name, known === undefined ? needed : hull(known, needed));
        reads.push({ tensor: source.name, region: needed, at: graph.nodes.length - 1 - back });
      });
    });
  });
  return reads;
}
