import type { CellObjective } from "../autodiff/objective.ts";
import { fixedSums } from "../graph/fixed-sums.ts";
import { dependents, type Graph } from "../graph/graph.ts";
import { cellAt } from "./feature-grid.ts";
import type { Layer } from "./layers.ts";
import type { Network } from "./network.ts";

/**
 * Whether the sum over a layer's channels is the same for every image, so that the gradient of an objective is rounding noise:
 * see `fixedSums`. Of an engine without a graph only a softmax is known.
 */
export function fixedSumsIn({
  graph,
}: Pick<Network, "graph">): (layer: Layer, kind: CellObjective["kind"]) => boolean {
  if (graph === null) return ({ operator }) => operator === "Softmax";
  const sums = fixedSums(graph);
  return ({ name, grid }, kind) => {
    const sum = sums.get(name)?.get(cellAt(grid, 0, 0).indexOf(null));
    return kind === "rectified-sum" ? sum === "of shares" : sum !== undefined;
  };
}

/** Whether a tensor is computed from another alone, on whatever path. */
function determines(graph: Graph, name: string, target: string): boolean {
  const nodes = graph.nodes.filter(({ outputs }) => outputs.every((output) => output.name !== name));
  const images = graph.inputs.map((input) => input.name);
  return !dependents({ ...graph, nodes }, images).has(target);
}

/**
 * The layers that may be a default: none whose channels' sum is the same for every image. Where such a layer is the last of
 * all, nor what a softmax or normalization that is written out computes on its way: only layers that it is computed from alone.
 */
export function withoutFixedSums(network: Network, layers: readonly Layer[]): readonly Layer[] {
  const isFixed = fixedSumsIn(network);
  const varying = layers.filter((layer) => !isFixed(layer, "channel-mean"));
  const last = layers.at(-1);
  const { graph } = network;
  if (graph === null || last === undefined || varying.includes(last)) return varying;
  const before = varying.filter(
    ({ name, operator, grid }) =>
      operator !== "Exp" && grid.channels > 1 && determines(graph, name, last.name),
  );
  return before.length > 0 ? before : varying;
}
