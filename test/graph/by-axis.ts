import { at } from "../../src/core/required.ts";
import type { Shape } from "../../src/core/tensor.ts";
import type { SliceAxis } from "../../src/graph/operators.ts";
import { windowAxes } from "../../src/graph/window.ts";

/** ONNX's lists, which are short to write, as the records an axis that a graph has. */

export interface WindowLists {
  readonly kernelShape: readonly number[];
  readonly strides?: readonly number[];
  readonly dilations?: readonly number[];
  readonly pads?: readonly number[];
}

export const windowed = <const Rest extends object>({
  kernelShape,
  strides,
  dilations,
  pads,
  ...rest
}: WindowLists & Rest) => ({ axes: windowAxes({ kernelShape, strides, dilations, pads }), ...rest });

export const transposed = ({
  outputPadding,
  group,
  ...lists
}: WindowLists & { readonly outputPadding?: readonly number[]; readonly group: number }) => ({
  axes: windowed(lists).axes.map((axis, k) => ({
    ...axis,
    extra: outputPadding === undefined ? 0 : at(outputPadding, k),
  })),
  group,
});

export const padded = <const Rest>({ pads, ...rest }: { readonly pads: readonly number[] } & Rest) => ({
  axes: pads
    .slice(0, pads.length / 2)
    .map((before, axis) => ({ before, after: at(pads, axis + pads.length / 2) })),
  ...rest,
});

export const resized = <const Rest>({
  shape,
  scales,
  ...rest
}: { readonly shape: Shape; readonly scales: readonly number[] } & Rest) => ({
  axes: shape.map((extent, axis) => ({ extent, scale: at(scales, axis) })),
  ...rest,
});

export const sliced = (
  starts: readonly number[],
  shape: Shape,
  steps: readonly number[],
): readonly SliceAxis[] =>
  shape.map((extent, axis) => ({ start: at(starts, axis), step: at(steps, axis), extent }));
