import { backwardsFrom, type Graph, type Node, type NodeOf, type Value } from "../../graph/graph.ts";
import type { Op } from "../../graph/operators.ts";
import { extentsOf, hull, type Region } from "../receptive-field/region.ts";
import type { Crop } from "./crop.ts";
import { crops } from "./table.ts";

/** A node cut down, with the boxes that its outputs hold and that its inputs have to be cut to. */
export interface Cut {
  readonly node: Node;
  readonly outputs: readonly Region[];
  /** `null`: absent, or not read and left out. */
  readonly inputs: readonly (Region | null)[];
}

function cutTo<K extends Op>(node: NodeOf<K>, wanted: Region): Cut {
  const rule: Crop<K> = crops[node.op];
  const { outputs, inputs, attributes } = rule(node, wanted);
  const cut: NodeOf<K> = {
    ...node,
    outputs: node.outputs.map((output, k) => ({ ...output, shape: extentsOf(outputs[k] ?? []) })),
    attributes,
  };
  return { node: cut as Node, outputs, inputs };
}

/** From the target back to the image: every node cut to the hull of what its consumers read. In topological order. */
export function cutsOf(graph: Graph, target: Value, region: Region): readonly Cut[] {
  const wanted = new Map<string, Region>([[target.name, region]]);
  const cuts: Cut[] = [];
  for (const node of backwardsFrom(graph, target.name)) {
    const boxes = node.outputs.map(({ name }) => wanted.get(name)).filter((box) => box !== undefined);
    if (boxes.length === 0) continue;
    const cut = cutTo(node, boxes.reduce(hull));
    cuts.push(cut);
    node.inputs.forEach((input, position) => {
      const box = cut.inputs[position];
      if (input === null || box == null) return;
      const known = wanted.get(input.name);
      wanted.set(input.name, known === undefined ? box : hull(known, box));
    });
  }
  return cuts.reverse();
}
