import type { Builder } from "../../graph/builder.ts";
import type { Value } from "../../graph/graph.ts";
import type { Operators, Window } from "../../graph/operators.ts";
import { float32, sizeOf } from "../../core/tensor.ts";
import type { Application } from "./pullback.ts";

/** Whether no element lies in two windows, and no window reaches past the input's end. */
const disjoint = (x: Value, y: Value, { kernelShape, strides, dilations, pads }: Window): boolean =>
  kernelShape.every((kernel, axis) => {
    const [stride = 1, before = 0] = [strides[axis], pads[axis]];
    const reach = (dilations[axis] ?? 1) * (kernel - 1) + 1;
    const end = ((y.shape[axis + 2] ?? 1) - 1) * stride + reach - before;
    return reach <= stride && end <= (x.shape[axis + 2] ?? 1);
  });

/**
 * Max pooling hands each cotangent to the element that its second output names. Where no windows overlap that is
 * unpooling (VGG-16's four pools: 2.5 ms); elsewhere cotangents are summed into zeros (10.6 ms there).
 */
export function maxPool(
  g: Builder,
  { x: [x], y, outputs: [, indices], dy, attributes }: Application<"MaxPool">,
): readonly Value[] {
  if (indices === undefined) throw new Error("MaxPool's pullback needs the pool's indices");
  const { kernelShape, strides, dilations, pads } = attributes;
  if (disjoint(x, y, attributes)) {
    return [
      g.single("MaxUnpool", [dy, indices], { kernelShape, strides, dilations, pads }, dy.dtype, x.shape),
    ];
  }
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
  input: number,
  output: number,
  axis: number,
  attributes: Operators["AveragePool"],
): number[] {
  const { kernelShape, strides, dilations, pads, countIncludePad } = attributes;
  const [kernel, stride, dilation] = [kernelShape[axis] ?? 1, strides[axis] ?? 1, dilations[axis] ?? 1];
  const before = pads[axis] ?? 0;
  const after = pads[axis + kernelShape.length] ?? 0;
  const [low, high] = countIncludePad ? [-before, input + after] : [0, input];
  return Array.from({ length: output }, (_, cell) => {
    const positions = Array.from({ length: kernel }, (__, k) => cell * stride - before + k * dilation);
    return positions.filter((position) => position >= low && position < high).length;
  });
}

/** Average pooling spreads each cotangent, divided by its window's count, evenly over the window. */
export function averagePool(
  g: Builder,
  { x: [x], y, dy, attributes }: Application<"AveragePool">,
): readonly Value[] {
  const { kernelShape, strides, dilations, pads } = attributes;
  const rank = kernelShape.length;
  const channels = x.shape[1] ?? 1;
  const shares = kernelShape.reduce((value, _, axis) => {
    const counts = windowCounts(x.shape[axis + 2] ?? 1, y.shape[axis + 2] ?? 1, axis, attributes);
    const shape = dy.shape.map((extent, k) => (k === axis + 2 ? extent : 1));
    const uniform = counts.every((count) => count === counts[0]);
    return g.div(value, uniform ? (counts[0] ?? 1) : g.constant(float32(shape, counts)));
  }, dy);
  // The last window may overhang the padding (ceil mode) or stop short of it.
  const overhang = kernelShape.map((kernel, axis) => {
    const reach =
      ((y.shape[axis + 2] ?? 1) - 1) * (strides[axis] ?? 1) + (dilations[axis] ?? 1) * (kernel - 1) + 1;
    return reach - (pads[axis] ?? 0) - (x.shape[axis + 2] ?? 1);
  });
  const ones = g.constant(
    float32([channels, 1, ...kernelShape], new Float32Array(channels * sizeOf(kernelShape)).fill(1)),
  );
  return [
    g.convTranspose(shares, ones, {
      kernelShape,
      strides,
      dilations,
      group: channels,
      pads: [...pads.slice(0, rank), ...overhang.map((extra) => Math.max(0, extra))],
      outputPadding: overhang.map((extra) => Math.max(0, -extra)),
    }),
  ];
}
