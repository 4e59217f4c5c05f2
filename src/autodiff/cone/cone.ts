import { at, required } from "../../core/required.ts";
import {
  backwardsFrom,
  mapAll,
  nodeOf,
  pruned,
  type Graph,
  type Node,
  type NodeOf,
  type Value,
} from "../../graph/graph.ts";
import type { Op } from "../../graph/operators.ts";
import { requireCell, type Cell, type Objective } from "../objective.ts";
import { cellRegion } from "../receptive-field/receptive-field.ts";
import { extentsOf, hull, sameRegion, whole, type Region } from "../receptive-field/region.ts";
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
  const shaped = mapAll(node.outputs, (output, k) => ({ ...output, shape: extentsOf(at(outputs, k)) }));
  return { node: nodeOf({ ...node, outputs: shaped, attributes }), outputs, inputs };
}

/** From the target back to the image: every node cut to the hull of what its consumers read. In topological order. */
export function cutsOf(graph: Graph, target: Value, region: Region): readonly Cut[] {
  const wanted = new Map<string, Region>([[target.name, region]]);
  const cuts: Cut[] = [];
  for (const node of backwardsFrom(graph, target.name)) {
    const [first, ...others] = node.outputs.flatMap(({ name }) => {
      const box = wanted.get(name);
      return box === undefined ? [] : [box];
    });
    if (first === undefined) continue;
    // Outputs of other ranks are a DynamicQuantizeLinear's: it computes everything.
    const cut = cutTo(node, others.filter(({ length }) => length === first.length).reduce(hull, first));
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

/** A graph that computes one cell, and the cell's place in what is left of its tensor. */
interface Cone {
  readonly graph: Graph;
  readonly target: Value;
  readonly cell: Cell;
}

/** What there is of a tensor, and where it lies in the whole. */
interface Part {
  readonly value: Value;
  readonly box: Region;
}

function sliceOf({ value, box: held }: Part, box: Region, name: string): NodeOf<"Slice"> {
  const shape = extentsOf(box);
  const axes = shape.map((extent, axis) => ({
    start: at(box, axis)[0] - at(held, axis)[0],
    step: 1,
    extent,
  }));
  const output: Value = { name, dtype: value.dtype, shape };
  return { op: "Slice", inputs: [value], outputs: [output], attributes: { axes }, source: undefined };
}

const boxText = (box: Region): string =>
  box.map(([first, last]) => (first === last ? first : `${first}..${last}`)).join(",");

/** Writes cut nodes one after the other, with a Slice before a node that reads less of a tensor than there is. */
function cutWriter() {
  const nodes: Node[] = [];
  const parts = new Map<string, Part>();
  const slices = new Map<string, Value>();
  const partOf = (tensor: Value): Part =>
    parts.get(tensor.name) ?? { value: tensor, box: whole(tensor.shape) };

  /** The same box is cut once. */
  function reading(tensor: Value, box: Region): Value {
    const part = partOf(tensor);
    if (sameRegion(part.box, box)) return part.value;
    const name = `${tensor.name}[${boxText(box)}]`;
    const known = slices.get(name);
    if (known !== undefined) return known;
    const slice = sliceOf(part, box, name);
    const [value] = slice.outputs;
    nodes.push(slice);
    slices.set(name, value);
    return value;
  }

  function onParts({ node, inputs }: Cut): Node {
    // A Slice cuts from what there is by itself.
    if (node.op === "Slice") {
      const { value, box } = partOf(node.inputs[0]);
      const wanted = required(inputs[0], "what a Slice reads");
      const axes = node.attributes.axes.map((axis, k) => ({
        ...axis,
        start: axis.start + at(wanted, k)[0] - at(box, k)[0],
      }));
      return { ...node, inputs: [value], attributes: { axes } };
    }
    const operands = node.inputs.flatMap((input, position) => {
      const box = inputs[position];
      if (input === null) return [null];
      return box == null ? [] : [reading(input, box)];
    });
    return nodeOf({ ...node, inputs: operands });
  }

  return {
    nodes,
    partOf,
    write: (cut: Cut): void => {
      const node = onParts(cut);
      nodes.push(node);
      node.outputs.forEach((value, k) => parts.set(value.name, { value, box: at(cut.outputs, k) }));
    },
  };
}

/**
 * The dependency cone of one cell: of every tensor the graph then computes the box that the cell is computed from, and
 * hardly more. It is a forward graph like any other: inputs and constants stay whole, so that
 * reverse mode through the Slices yields the zeros outside. The gradient is the same, but for the order in which a
 * runtime adds.
 *
 * @throws ErfitError for a cell outside the target
 */
export function cone(graph: Graph, target: Value, cell: Cell): Cone {
  requireCell(target, cell);
  const needed = pruned(graph, [target]);
  const { nodes, partOf, write } = cutWriter();
  cutsOf(needed, target, cellRegion(target.shape, cell)).forEach(write);
  const { value, box } = partOf(target);
  return {
    graph: pruned({ ...needed, nodes }, [value]),
    target: value,
    cell: cell.map((index, axis) => (index === null ? null : index - at(box, axis)[0])),
  };
}

/** A gradient of a graph. */
interface Requested {
  readonly graph: Graph;
  readonly target: Value;
  readonly objective: Objective;
  readonly withRespectTo: Value;
  readonly alongside?: readonly Value[];
}

/**
 * The same gradient by the dependency cone: where the objective reads one cell, the gradient is with respect to an
 * input of the graph, and no further tensor is to come out whole. Otherwise as it was requested.
 */
export function narrowed(requested: Requested): Requested {
  const { graph, target, objective, withRespectTo, alongside = [] } = requested;
  const ofCell = objective.kind === "channel-mean" || objective.kind === "rectified-sum";
  const ofInput = graph.inputs.some(({ name }) => name === withRespectTo.name);
  if (!ofCell || !ofInput || alongside.length > 0) return requested;
  const { cell, ...part } = cone(graph, target, objective.cell);
  return { ...part, objective: { ...objective, cell }, withRespectTo };
}
