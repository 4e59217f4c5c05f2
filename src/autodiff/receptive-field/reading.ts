import { at } from "../../core/required.ts";
import type { NodeOf, Value } from "../../graph/graph.ts";
import type { Op, Operators, PadAxis, Reduction, Window } from "../../graph/operators.ts";
import { readBy, type Interval } from "../../graph/window.ts";
import { whole, type Region } from "./region.ts";

/** For one node: the boxes of its inputs that a box of its output is computed from (`null`: none). */
export type Dependence<K extends Op> = (
  node: NodeOf<K>,
  output: Region,
  position: number,
) => readonly (Region | null)[];

/** What a rule for several operators reads of a node. */
interface Reader {
  readonly inputs: readonly [Value, ...unknown[]];
}

interface AnyReader {
  readonly inputs: readonly (Value | null)[];
}

/** Every input as a whole: the operator mixes all positions, or nothing better is known of it. */
export const everything = ({ inputs }: AnyReader) =>
  inputs.map((input) => (input === null ? null : whole(input.shape)));

/** Elementwise with broadcasting. */
export const pointwise = ({ inputs }: AnyReader, output: Region) =>
  inputs.map((input) => input && broadcastTo(input, output));

/** What is read of a value that is broadcast to an output. */
export const broadcastTo = ({ shape }: Value, output: Region): Region =>
  shape.map((extent, axis): Interval =>
    extent === 1 ? [0, 0] : at(output, axis + output.length - shape.length),
  );

/** The first input as the output, but whole along some axes; further inputs (scales, biases) do not depend on the image. */
export const mixing =
  <N extends Reader>(axes: (node: N, rank: number) => readonly number[]) =>
  (node: N, output: Region): readonly Region[] => {
    const { shape } = node.inputs[0];
    const mixed = axes(node, shape.length);
    return [shape.map((extent, axis) => (mixed.includes(axis) ? [0, extent - 1] : at(output, axis)))];
  };

/** Positions that a sliding window reads. */
export const windowed = ({ axes }: Window, output: Region, channels: Interval): Region => [
  at(output, 0),
  channels,
  ...axes.map((axis, k) => readBy(axis, at(output, k + 2))),
];

export const pooled = (
  { attributes }: { readonly attributes: Window },
  output: Region,
): readonly Region[] => [windowed(attributes, output, at(output, 1))];

export const reduced = (
  { inputs: [{ shape }], attributes: { axes, keepDims } }: Reader & { readonly attributes: Reduction },
  output: Region,
): readonly Region[] => {
  let next = 0;
  return [
    shape.map((extent, axis): Interval => {
      if (!axes.includes(axis)) return at(output, next++);
      if (keepDims) next++;
      return [0, extent - 1];
    }),
  ];
};

/** Element that a position of the padding copies, the input's own elements being 0 to `extent - 1`. */
const copied: Readonly<Record<Operators["Pad"]["mode"], (position: number, extent: number) => number>> = {
  constant: (position) => position,
  edge: (position, extent) => Math.min(Math.max(position, 0), extent - 1),
  reflect: (position, extent) => extent - 1 - Math.abs(extent - 1 - Math.abs(position)),
  wrap: (position, extent) => (position + extent) % extent,
};

/** What a padded axis reads: the same positions, and those that the padding among them copies. */
export function padded(
  mode: Operators["Pad"]["mode"],
  { before, after }: PadAxis,
  [first, last]: Interval,
  extent: number,
): Interval {
  let [low, high] = [first - before, last - before];
  for (
    let position = Math.max(low, -before);
    position <= Math.min(last - before, extent - 1 + after);
    position++
  ) {
    const source = copied[mode](position, extent);
    [low, high] = [Math.min(low, source), Math.max(high, source)];
  }
  return [low, high];
}
