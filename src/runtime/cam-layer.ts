import { readsOf, type Read } from "../autodiff/receptive-field/receptive-field.ts";
import type { Region } from "../autodiff/receptive-field/region.ts";
import type { Graph, Value } from "../graph/graph.ts";
import { layersOf, type Layer } from "./layers.ts";
import type { Network, TensorInfo } from "./network.ts";
import { towardsScores } from "./outputs.ts";
import type { StatedGrid } from "./feature-grid.ts";

/**
 * Where a class activation map is drawn. After the last attention a vision transformer may read its class token alone: the
 * other tokens are still there, and have no gradient.
 */

/** Whether a box of a tensor holds a cell of the grid, and not just the tokens before it. */
function holdsCells({ axes }: TensorInfo, region: Region): boolean {
  const axis = axes?.findIndex(({ counts }) => counts === "cells") ?? -1;
  const cells = axes?.[axis];
  const interval = region[axis];
  return cells?.counts !== "cells" || interval === undefined || interval[1] >= cells.before;
}

/** Reads of cells on the way to the class scores, by tensor. */
function cellReads(graph: Graph, { tensors, logits }: Network): ReadonlyMap<string, readonly Read[]> {
  const byName = new Map(tensors.map((tensor) => [tensor.name, tensor]));
  const target: Value = { name: logits.name, dtype: "float32", shape: logits.shape };
  const reads = new Map<string, Read[]>();
  for (const read of readsOf(graph, target)) {
    const info = byName.get(read.tensor);
    if (info === undefined || !holdsCells(info, read.region)) continue;
    const known = reads.get(read.tensor);
    if (known === undefined) reads.set(read.tensor, [read]);
    else known.push(read);
  }
  return reads;
}

/** Whether the class scores are computed from a layer's cells; true where the engine cannot tell. */
export const cellsReachScores = (network: Network, { name }: Pick<Layer, "name">): boolean =>
  network.graph === null || name === network.logits.name || cellReads(network.graph, network).has(name);

/**
 * Tensors through which all cells go on their way to the scores: what is made before them is not read past them. Neither a
 * query nor a key is one, for the other is read beside it; what both are computed from is.
 */
function bottlenecks(graph: Graph, reads: ReadonlyMap<string, readonly Read[]>): ReadonlySet<string> {
  const found = new Set<string>();
  let lastRead = -1;
  graph.nodes.forEach(({ outputs }, at) => {
    for (const { name } of outputs) {
      const own = reads.get(name);
      if (own === undefined) continue;
      if (lastRead <= at) found.add(name);
      lastRead = Math.max(lastRead, ...own.map((read) => read.at));
    }
  });
  return found;
}

/**
 * The last layer whose cells the class scores are computed from: `usual`, where they are computed from its cells. Else a
 * bottleneck of the same grid and channels, which in a vision transformer is the first normalization of the last block.
 */
export function camLayer(network: Network, usual: Layer, stated?: StatedGrid): Layer {
  const { graph } = network;
  if (graph === null || cellsReachScores(network, usual)) return usual;
  const reads = cellReads(graph, network);
  const layers = layersOf(towardsScores(network), stated).filter(({ name }) => reads.has(name));
  const narrow = bottlenecks(graph, reads);
  const alike = ({ grid }: Layer): boolean =>
    (["height", "width", "channels"] as const).every((extent) => grid[extent] === usual.grid[extent]);
  return (
    layers.findLast((layer) => narrow.has(layer.name) && alike(layer)) ??
    layers.findLast(({ name }) => narrow.has(name)) ??
    layers.at(-1) ??
    usual
  );
}
