import type { Graph, Node, NodeOf, Value } from "../graph.ts";
import type { Op } from "../operators.ts";
import { along, meaningOf, other, type AxisMeaning } from "./axis.ts";
import { pixels } from "./placement.ts";
import { rules, type Axes } from "./rules.ts";

const applied = <K extends Op>(
  node: NodeOf<K>,
  axes: readonly Axes[],
  constants: Graph["constants"],
): readonly Axes[] => rules[node.op](node, axes, constants);

/**
 * What every axis of every tensor counts, followed from the image through the graph: its rows and columns keep their names
 * through windows, tokens and permutations, until an operator mixes positions beyond recognition.
 * @param spatial the image's axes of rows and columns
 * @returns meanings by the tensor's name, one an axis; tensors of which nothing is known are left out
 */
export function axisMeanings(
  graph: Graph,
  image: Value,
  [rows, columns]: readonly [rows: number, columns: number],
): ReadonlyMap<string, readonly AxisMeaning[]> {
  const known = new Map<string, Axes>([
    [
      image.name,
      image.shape.map((extent, axis) =>
        axis === rows
          ? along("rows", extent, pixels(extent))
          : axis === columns
            ? along("columns", extent, pixels(extent))
            : other(extent),
      ),
    ],
  ]);
  const ofInputs = (node: Node) =>
    node.inputs.map((input) => (input === null ? undefined : known.get(input.name)));
  for (const node of graph.nodes) {
    const axes = ofInputs(node);
    if (axes.every((one) => one === undefined)) continue;
    const results = applied(node, axes, graph.constants);
    node.outputs.forEach(({ name }, k) => known.set(name, results[k]));
  }
  return new Map(
    [...known].flatMap(([name, axes]) => (axes === undefined ? [] : [[name, axes.map(meaningOf)]])),
  );
}
