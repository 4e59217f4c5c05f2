import type { NodeOf } from "../../graph/graph.ts";
import type { Op, Operators } from "../../graph/operators.ts";
import { everything } from "../receptive-field/reading.ts";
import { inputRegions } from "../receptive-field/receptive-field.ts";
import { clipped, replaced, whole, type Region } from "../receptive-field/region.ts";

/** One node cut down. Boxes are in the coordinates of the whole tensors. */
export interface Cropped<K extends Op> {
  /** What is computed: boxes that hold what is wanted. */
  readonly outputs: readonly Region[];
  /** What exactly that is computed from; `null` for an input that is absent or not read at all. */
  readonly inputs: readonly (Region | null)[];
  /** The operator's attributes on these boxes. */
  readonly attributes: Operators[K];
}

/**
 * How an operator computes a box of its output from boxes of its inputs: the same elements, from the same elements.
 * `wanted` lies inside the output (with several outputs, it is the hull of what is wanted of each).
 */
export type Crop<K extends Op> = (node: NodeOf<K>, wanted: Region) => Cropped<K>;

/** Everything from everything: for operators that mix all positions, and for forms that no box serves. */
export const uncropped = <K extends Op>(node: NodeOf<K>): Cropped<K> => ({
  outputs: node.outputs.map(({ shape }) => whole(shape)),
  inputs: everything(node),
  attributes: node.attributes,
});

/** The inputs' boxes for a box of the output, without padding. Inputs that the receptive field passes over stay whole. */
function read<K extends Op>(node: NodeOf<K>, output: Region): readonly (Region | null)[] {
  const regions = inputRegions(node, output, 0);
  return node.inputs.map((input, position) => {
    if (input === null) return null;
    const region = regions[position];
    return region === undefined ? whole(input.shape) : region && clipped(region, input.shape);
  });
}

/** Computes just this box; only the attributes may have to change. */
export const cropped = <K extends Op>(
  node: NodeOf<K>,
  output: Region,
  attributes: Operators[K] = node.attributes,
): Cropped<K> => ({ outputs: [output], inputs: read(node, output), attributes });

/** The operator says the same of any box. */
export const anywhere = <K extends Op>(node: NodeOf<K>, wanted: Region): Cropped<K> => cropped(node, wanted);

/** The box with some axes whole. */
export const wholeAlong = (node: NodeOf<Op>, region: Region, axes: readonly number[]): Region =>
  axes.reduce((box, axis) => replaced(box, axis, [0, (node.outputs[0]?.shape[axis] ?? 1) - 1]), region);

/** Any box that is whole along the axes which the operator mixes. */
export const whereWhole =
  <K extends Op>(axes: (node: NodeOf<K>) => readonly number[]): Crop<K> =>
  (node, wanted) =>
    cropped(node, wholeAlong(node, wanted, axes(node)));

export const channels: readonly number[] = [1];
