import { backwardsFrom, type Graph, type NodeOf, type Value } from "../../graph/graph.ts";
import type { Op } from "../../graph/operators.ts";
import type { Shape } from "../../core/tensor.ts";
import type { Cell } from "../objective.ts";
import { dependences } from "./dependence.ts";
import { hull, whole, type Interval, type Region } from "./region.ts";

/** Boxes of a node's inputs that a box of its output at `position` is computed from; the list may end early. */
export function inputRegions<K extends Op>(node: NodeOf<K>, output: Region, position: number) {
  const rule: (node: NodeOf<K>, output: Region, position: number) => readonly (Region | null)[] =
    dependences[node.op];
  return rule(node, output, position);
}

/** One cell with all its channels, as a box. */
export const cellRegion = (shape: Shape, cell: Cell): Region =>
  whole(shape).map((all, axis): Interval => {
    const index = cell[axis];
    return index == null ? all : [index, index];
  });

/**
 * The box of `input` that a box of `target` is computed from: the theoretical receptive field. Where padding is read the
 * box reaches beyond the input. `null` where there is no path.
 */
export function dependenceOn(graph: Graph, input: Value, target: Value, region: Region): Region | null {
  const regions = new Map<string, Region>([[target.name, region]]);
  for (const node of backwardsFrom(graph, target.name)) {
    node.outputs.forEach((output, position) => {
      const wanted = regions.get(output.name);
      if (wanted === undefined) return;
      inputRegions(node, wanted, position).forEach((needed, k) => {
        const source = node.inputs[k];
        if (needed === null || source == null) return;
        const known = regions.get(source.name);
        regions.set(source.name, known === undefined ? needed : hull(known, needed));
      });
    });
  }
  return regions.get(input.name) ?? null;
}

/** The theoretical receptive field of one cell along the image's two axes, in pixels; pixel centers are integers. */
export interface ReceptiveField {
  readonly height: number;
  readonly width: number;
  readonly centerY: number;
  readonly centerX: number;
}

/** `imageAxes`: the positions of height and width in the input's shape. */
export function receptiveField(
  graph: Graph,
  input: Value,
  target: Value,
  cell: Cell,
  imageAxes: readonly [number, number],
): ReceptiveField | null {
  const field = dependenceOn(graph, input, target, cellRegion(target.shape, cell));
  if (field === null) return null;
  const [top, bottom] = field[imageAxes[0]] ?? [0, 0];
  const [left, right] = field[imageAxes[1]] ?? [0, 0];
  return {
    height: bottom - top + 1,
    width: right - left + 1,
    centerY: (top + bottom) / 2,
    centerX: (left + right) / 2,
  };
}
