import type { NodeOf, Value } from "../../graph/graph.ts";
import type { Op, Operators, Window } from "../../graph/operators.ts";
import { whole, type Interval, type Region } from "./region.ts";

/** For one node: the boxes of its inputs that a box of its output is computed from (`null`: none). */
export type Dependence<K extends Op> = (
  node: NodeOf<K>,
  output: Region,
  position: number,
) => readonly (Region | null)[];

/** Every input as a whole: the operator mixes all positions, or nothing better is known of it. */
export const everything = ({ inputs }: { readonly inputs: readonly (Value | null)[] }) =>
  inputs.map((input) => (input === null ? null : whole(input.shape)));

/** Elementwise with broadcasting. */
export const pointwise = ({ inputs }: { readonly inputs: readonly (Value | null)[] }, output: Region) =>
  inputs.map(
    (input): Region | null =>
      input?.shape.map((extent, axis): Interval => {
        const own = output[axis + output.length - input.shape.length] ?? [0, 0];
        return extent === 1 ? [0, 0] : own;
      }) ?? null,
  );

/** The first input as the output, but whole along some axes; further inputs (scales, biases) do not depend on the image. */
export const mixing =
  <K extends Op>(axes: (node: NodeOf<K>, rank: number) => readonly number[]): Dependence<K> =>
  (node, output) => {
    const shape = node.inputs[0]?.shape ?? [];
    const mixed = axes(node, shape.length);
    return [
      shape.map((extent, axis): Interval =>
        mixed.includes(axis) ? [0, extent - 1] : (output[axis] ?? [0, extent - 1]),
      ),
    ];
  };

/** Positions that a sliding window reads. */
export function windowed(
  { kernelShape, strides, dilations, pads }: Window,
  output: Region,
  channels: Interval,
): Region {
  const spatial = kernelShape.map((kernel, axis): Interval => {
    const [first, last] = output[axis + 2] ?? [0, 0];
    const [stride, before] = [strides[axis] ?? 1, pads[axis] ?? 0];
    return [first * stride - before, last * stride - before + (dilations[axis] ?? 1) * (kernel - 1)];
  });
  return [output[0] ?? [0, 0], channels, ...spatial];
}

export const pooled = (
  { attributes }: { readonly attributes: Window },
  output: Region,
): readonly Region[] => [windowed(attributes, output, output[1] ?? [0, 0])];

export const reduced = (
  node: { readonly inputs: readonly (Value | null)[]; readonly attributes: Operators["ReduceSum"] },
  output: Region,
) => {
  const { axes, keepDims } = node.attributes;
  const shape = node.inputs[0]?.shape ?? [];
  let next = 0;
  return [
    shape.map((extent, axis): Interval => {
      if (axes.includes(axis)) {
        if (keepDims) next++;
        return [0, extent - 1];
      }
      return output[next++] ?? [0, extent - 1];
    }),
  ];
};
