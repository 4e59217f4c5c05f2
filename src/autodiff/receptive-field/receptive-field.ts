import type { Graph, Node, NodeOf, Value } from "../../graph/graph.ts";
import type { Op } from "../../graph/operators.ts";
import { at } from "../../core/required.ts";
import { numbersOf, type Shape } from "../../core/tensor.ts";
import type { Interval } from "../../graph/window.ts";
import type { Cell } from "../objective.ts";
import { dependences } from "./dependence.ts";
import type { Dependence } from "./reading.ts";
import { hull, replaced, whole, type Region } from "./region.ts";

/** Boxes of a node's inputs that a box of its output at `position` is computed from; the list may end early. */
export function inputRegions<K extends Op>(node: NodeOf<K>, output: Region, position: number) {
  const rule: Dependence<K> = dependences[node.op];
  return rule(node, output, position);
}

/** One cell with all its channels, as a box. */
export const cellRegion = (shape: Shape, cell: Cell): Region =>
  whole(shape).map((all, axis): Interval => {
    const index = cell[axis];
    return index == null ? all : [index, index];
  });

/** The box that a Gather with constant indices reads of its data: the class token of all tokens, most often. */
function gathered({ constants }: Graph, node: Node, regions: readonly (Region | null)[]) {
  if (node.op !== "Gather") return regions;
  const [data, ...others] = regions;
  const [x, indices] = node.inputs;
  const constant = constants.get(indices.name);
  if (constant === undefined || data == null) return regions;
  const { axis } = node.attributes;
  const extent = at(x.shape, axis);
  const places = numbersOf(constant).map((index) => (index < 0 ? index + extent : index));
  return [replaced(data, axis, [Math.min(...places), Math.max(...places)]), ...others];
}

/** A node reads a box of a tensor. */
export interface Read {
  readonly tensor: string;
  readonly region: Region;
  /** The node's place in the graph. */
  readonly at: number;
}

/** What is read, node by node, on the way to a box of a tensor; and of each tensor the hull of it. */
function readsBehind(
  graph: Graph,
  target: Value,
  region: Region,
  regionsOf: (node: Node, output: Region, position: number) => readonly (Region | null)[],
): { readonly reads: readonly Read[]; readonly hulls: ReadonlyMap<string, Region> } {
  const hulls = new Map<string, Region>([[target.name, region]]);
  const reads: Read[] = [];
  graph.nodes.toReversed().forEach((node, back) => {
    node.outputs.forEach(({ name }, position) => {
      const wanted = hulls.get(name);
      if (wanted === undefined) return;
      regionsOf(node, wanted, position).forEach((needed, k) => {
        const source = node.inputs[k];
        if (needed === null || source == null) return;
        const known = hulls.get(source.name);
        hulls.set(source.name, known === undefined ? needed : hull(known, needed));
        reads.push({ tensor: source.name, region: needed, at: graph.nodes.length - 1 - back });
      });
    });
  });
  return { reads, hulls };
}

/**
 * The box of `input` that a box of `target` is computed from: the theoretical receptive field. Where padding is read the
 * box reaches beyond the input. `null` where there is no path.
 */
export const dependenceOn = (graph: Graph, input: Value, target: Value, region: Region): Region | null =>
  readsBehind(graph, target, region, inputRegions).hulls.get(input.name) ?? null;

/**
 * What is read on the way to a tensor: by each node, the boxes of its inputs that the tensor is computed from. A node that
 * reads a class token reads nothing of the other tokens.
 */
export const readsOf = (graph: Graph, target: Value): readonly Read[] =>
  readsBehind(graph, target, whole(target.shape), (node, output, position) =>
    gathered(graph, node, inputRegions(node, output, position)),
  ).reads;

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
  const [top, bottom] = at(field, imageAxes[0]);
  const [left, right] = at(field, imageAxes[1]);
  return {
    height: bottom - top + 1,
    width: right - left + 1,
    centerY: (top + bottom) / 2,
    centerX: (left + right) / 2,
  };
}
