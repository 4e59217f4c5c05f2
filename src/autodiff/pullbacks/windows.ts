import { at } from "../../core/required.ts";
import { float32, sizeOf } from "../../core/tensor.ts";
import type { Builder } from "../../graph/builder.ts";
import type { Value } from "../../graph/graph.ts";
import { coveredExtent, spanOf, type WindowAxis } from "../../graph/window.ts";
import type { Application } from "./pullback.ts";

/** Conv weights [M, C/g, k…] as those of the adjoint convolution [C, M/g, k…], kernels reversed. */
function adjointWeights(g: Builder, weights: Value, group: number): Value {
  const [maps, channels] = [at(weights.shape, 0), at(weights.shape, 1)];
  const kernel = weights.shape.slice(2);
  const spatial = kernel.map((_, axis) => axis + 3);
  const grouped = g.reshape(weights, [group, maps / group, channels, ...kernel]);
  const swapped = g.transpose(grouped, [0, 2, 1, ...spatial]);
  return g.reverse(
    g.reshape(swapped, [channels * group, maps / group, ...kernel]),
    kernel.map((_, axis) => axis + 2),
  );
}

/** Each element once, then `stride - 1` zeros, along both axes: repeated, times a grid of ones and zeros. */
function zerosBetween(g: Builder, dy: Value, axes: readonly WindowAxis[]): Value {
  const [down, right] = [at(axes, 0).stride, at(axes, 1).stride];
  const [height, width] = [at(dy.shape, 2) * down, at(dy.shape, 3) * right];
  const grid = Float32Array.from({ length: height * width }, (_, i) =>
    Math.floor(i / width) % down === 0 && (i % width) % right === 0 ? 1 : 0,
  );
  const repeated = g.repeatNearest(dy, [...dy.shape.slice(0, 2), height, width]);
  return g.mul(repeated, g.constant(float32([1, 1, height, width], grid)));
}

/** The window of the adjoint convolution along one axis of the image, over the cotangent with zeros between its elements. */
function adjointAxis(axis: WindowAxis, image: number, cotangent: number): WindowAxis {
  const before = spanOf(axis) - axis.before;
  return { ...axis, stride: 1, before, after: image + spanOf(axis) - cotangent - before };
}

/** Below this many input channels most of a block of 16, the runtime's unit of output channels, would be padding. */
const narrow = 8;

/**
 * Convolution. Three forms, each the fastest where it is used, measured in ONNX Runtime on a CPU:
 * - stride 1 is a convolution again, with reversed kernels (dense 1.06 ms against 1.33 as ConvTranspose, depthwise 0.11
 *   against 0.77). The reversal acts on constants, so the runtime does it once;
 * - so is a depthwise convolution of any stride, once zeros stand between the cotangent's elements (96 channels at
 *   112 x 112: 2.0 ms against 2.6, 576 at 14 x 14: 0.10 against 0.22; a dense one takes three times as long as the next);
 * - any other is ConvTranspose on the very same weights, and so is the convolution that reads the image (VGG-16's first:
 *   2.8 ms against 9.5).
 */
export function convolution(
  g: Builder,
  { x: [x, weights], y, dy, attributes: { axes, group } }: Application<"Conv">,
): readonly Value[] {
  const channels = at(x.shape, 1);
  const unit = axes.every(({ stride }) => stride === 1);
  const depthwise = group === channels && channels > 1 && axes.length === 2;
  if (depthwise || (unit && channels >= narrow)) {
    const source = unit ? dy : zerosBetween(g, dy, axes);
    const adjoint = axes.map((axis, k) => adjointAxis(axis, at(x.shape, k + 2), at(source.shape, k + 2)));
    if (adjoint.every(({ before, after }) => before >= 0 && after >= 0))
      return [g.conv(source, adjointWeights(g, weights, group), { axes: adjoint, group })];
  }
  // Input rows that the last window does not reach: the adjoint's output is longer by them.
  const transposed = axes.map((axis, k) => ({
    ...axis,
    extra: at(x.shape, k + 2) + axis.before + axis.after - coveredExtent(axis, at(y.shape, k + 2)),
  }));
  return [g.convTranspose(dy, weights, { axes: transposed, group })];
}

/** The adjoint of a transposed convolution is the convolution with the same weights, strides and pads. */
export function transposedConvolution(
  g: Builder,
  { x: [, weights], dy, attributes: { axes, group } }: Application<"ConvTranspose">,
): readonly Value[] {
  const windows = axes.map(({ kernel, stride, dilation, before, after }): WindowAxis => ({
    kernel,
    stride,
    dilation,
    before,
    after,
  }));
  return [g.conv(dy, weights, { axes: windows, group })];
}

/** Whether no element lies in two windows, and no window reaches past the input's end. */
const disjoint = (x: Value, y: Value, axes: readonly WindowAxis[]): boolean =>
  axes.every((axis, k) => {
    const end = coveredExtent(axis, at(y.shape, k + 2)) - axis.before;
    return spanOf(axis) < axis.stride && end <= at(x.shape, k + 2);
  });

/**
 * Max pooling hands each cotangent to the element that its second output names. Where no windows overlap that is
 * unpooling (VGG-16's four pools: 2.5 ms); elsewhere cotangents are summed into zeros (10.6 ms there).
 */
export function maxPool(
  g: Builder,
  { x: [x], y, outputs: [, indices], dy, attributes: { axes } }: Application<"MaxPool">,
): readonly Value[] {
  if (indices === undefined) throw new Error("MaxPool's pullback needs the pool's indices");
  if (disjoint(x, y, axes)) return [g.single("MaxUnpool", [dy, indices], { axes }, dy.dtype, x.shape)];
  return [g.reshape(g.scatterAddFlat(sizeOf(x.shape), indices, dy), x.shape)];
}

/** Unpooling copies elements to the places that the indices name. */
export function maxUnpool(
  g: Builder,
  { x: [, indices], dy }: Application<"MaxUnpool">,
): readonly (Value | null)[] {
  const flat = g.reshape(dy, [sizeOf(dy.shape)]);
  const picked = g.single("Gather", [flat, indices], { axis: 0 }, dy.dtype, indices.shape);
  return [picked, null];
}

/** How many elements each window averages along one axis. */
function windowCounts(
  { kernel, stride, dilation, before, after }: WindowAxis,
  input: number,
  output: number,
  countIncludePad: boolean,
): readonly number[] {
  const [low, high] = countIncludePad ? [-before, input + after] : [0, input];
  return Array.from({ length: output }, (_, cell) => {
    const positions = Array.from({ length: kernel }, (__, k) => cell * stride - before + k * dilation);
    return positions.filter((position) => position >= low && position < high).length;
  });
}

/** Average pooling spreads each cotangent, divided by its window's count, evenly over the window. */
export function averagePool(
  g: Builder,
  { x: [x], y, dy, attributes: { axes, countIncludePad } }: Application<"AveragePool">,
): readonly Value[] {
  const channels = at(x.shape, 1);
  const kernel = axes.map((axis) => axis.kernel);
  const shares = axes.reduce((value, axis, k) => {
    const counts = windowCounts(axis, at(x.shape, k + 2), at(y.shape, k + 2), countIncludePad);
    const first = at(counts, 0);
    const shape = dy.shape.map((extent, own) => (own === k + 2 ? extent : 1));
    const uniform = counts.every((count) => count === first);
    return g.div(value, uniform ? first : g.constant(float32(shape, counts)));
  }, dy);
  const transposed = axes.map((axis, k) => {
    // The last window may overhang the padding (ceil mode) or stop short of it.
    const overhang = coveredExtent(axis, at(y.shape, k + 2)) - axis.before - at(x.shape, k + 2);
    return { ...axis, after: Math.max(0, overhang), extra: Math.max(0, -overhang) };
  });
  const ones = new Float32Array(channels * sizeOf(kernel)).fill(1);
  const weights = g.constant(float32([channels, 1, ...kernel], ones));
  return [g.convTranspose(shares, weights, { axes: transposed, group: channels })];
}
