import { at } from "../core/required.ts";

/** A sliding window along one spatial axis: output i reads `i · stride - before + k · dilation` for k < kernel. */
export interface WindowAxis {
  readonly kernel: number;
  readonly stride: number;
  readonly dilation: number;
  /** Padding at the axis's beginning and at its end. */
  readonly before: number;
  readonly after: number;
}

/** First and last index along one axis. It may reach beyond the tensor: padding is part of a receptive field. */
export type Interval = readonly [first: number, last: number];

/** Where an operator's output positions lie among the positions of its input: output i at `start + step * i`. */
export interface Sampling {
  readonly start: number;
  readonly step: number;
}

/** From a window's first element to its last. */
export const spanOf = ({ kernel, dilation }: WindowAxis): number => dilation * (kernel - 1);

/** Extent of what a window makes of an axis, rounded down. */
export const slidExtent = (axis: WindowAxis, input: number): number =>
  Math.floor((input + axis.before + axis.after - spanOf(axis) - 1) / axis.stride) + 1;

/** Elements, padding among them, from the first window's beginning to the last window's end. */
export const coveredExtent = (axis: WindowAxis, windows: number): number =>
  (windows - 1) * axis.stride + spanOf(axis) + 1;

/** What the windows of an interval of outputs read. */
export const readBy = (axis: WindowAxis, [first, last]: Interval): Interval => [
  first * axis.stride - axis.before,
  last * axis.stride - axis.before + spanOf(axis),
];

/** The windows that reach into an interval; of a transposed window, what that interval of its output is computed from. */
export const reaching = (axis: WindowAxis, [first, last]: Interval): Interval => [
  Math.ceil((first + axis.before - spanOf(axis)) / axis.stride),
  Math.floor((last + axis.before) / axis.stride),
];

/** The middles of the windows. */
export const middles = (axis: WindowAxis): Sampling => ({
  start: spanOf(axis) / 2 - axis.before,
  step: axis.stride,
});

/** The other way round: where the outputs of a transposed window lie among its inputs. */
export function transposedMiddles(axis: WindowAxis): Sampling {
  const { start, step } = middles(axis);
  return { start: -start / step, step: 1 / step };
}

/** A window of one element that changes nothing. */
export const pointWindow: WindowAxis = { kernel: 1, stride: 1, dilation: 1, before: 0, after: 0 };

/** Windows as ONNX has them: one list an attribute; `pads` lists all beginnings, then all ends. */
interface WindowLists {
  readonly kernelShape: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  readonly pads: readonly number[];
}

/** One record an axis from ONNX's lists; those that are absent stand for steps of one and no padding. */
export function windowAxes({
  kernelShape,
  strides,
  dilations,
  pads,
}: Pick<WindowLists, "kernelShape"> & {
  readonly [K in keyof WindowLists]?: WindowLists[K] | undefined;
}): readonly WindowAxis[] {
  const entry = (list: readonly number[] | undefined, index: number, absent: number) =>
    list === undefined ? absent : at(list, index);
  return kernelShape.map((kernel, axis) => ({
    kernel,
    stride: entry(strides, axis, 1),
    dilation: entry(dilations, axis, 1),
    before: entry(pads, axis, 0),
    after: entry(pads, axis + kernelShape.length, 0),
  }));
}

export const windowLists = (axes: readonly WindowAxis[]): WindowLists => ({
  kernelShape: axes.map(({ kernel }) => kernel),
  strides: axes.map(({ stride }) => stride),
  dilations: axes.map(({ dilation }) => dilation),
  pads: [...axes.map(({ before }) => before), ...axes.map(({ after }) => after)],
});
