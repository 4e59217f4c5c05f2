import { pruned, type Graph, type Node, type Value } from "../../graph/graph.ts";
import { requireCell, type Cell } from "../objective.ts";
import { cellRegion } from "../receptive-field/receptive-field.ts";
import { extentsOf, sameRegion, whole, type Region } from "../receptive-field/region.ts";
import { cutsOf, type Cut } from "./cut.ts";

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

function sliceOf({ value, box: held }: Part, box: Region, name: string): Node {
  const shape = extentsOf(box);
  const starts = box.map(([first], axis) => first - (held[axis]?.[0] ?? 0));
  const attributes = { starts, steps: shape.map(() => 1), shape };
  const output: Value = { name, dtype: value.dtype, shape };
  return { op: "Slice", inputs: [value], outputs: [output], attributes, source: undefined };
}

const boxText = (box: Region): string =>
  box.map(([first, last]) => (first === last ? first : `${first}..${last}`)).join(",");

/** Writes cut nodes one after the other, with a Slice in front of a node that reads less of a tensor than there is. */
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
    const [value = tensor] = slice.outputs;
    nodes.push(slice);
    slices.set(name, value);
    return value;
  }

  function onParts({ node, inputs }: Cut): Node {
    const [tensor] = node.inputs;
    // A Slice cuts from what there is by itself.
    if (node.op === "Slice" && tensor != null) {
      const { value, box } = partOf(tensor);
      const starts = node.attributes.starts.map(
        (start, axis) => start + (inputs[0]?.[axis]?.[0] ?? 0) - (box[axis]?.[0] ?? 0),
      );
      return { ...node, inputs: [value], attributes: { ...node.attributes, starts } };
    }
    const operands = node.inputs.flatMap((input, position) => {
      const box = inputs[position];
      if (input === null) return [null];
      return box == null ? [] : [reading(input, box)];
    });
    return { ...node, inputs: operands };
  }

  return {
    nodes,
    partOf,
    write: (cut: Cut): void => {
      const node = onParts(cut);
      nodes.push(node);
      node.outputs.forEach((value, k) => parts.set(value.name, { value, box: cut.outputs[k] ?? [] }));
    },
  };
}

/**
 * The dependency cone of one cell: of every tensor the graph then computes the box that the cell is computed from, and
 * hardly more (DESIGN, decision 2). It is a forward graph like any other: inputs and constants stay whole, so that
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
    cell: cell.map((index, axis) => (index === null ? null : index - (box[axis]?.[0] ?? 0))),
  };
}
