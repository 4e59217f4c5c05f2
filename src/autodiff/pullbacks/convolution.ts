import type { Builder } from "../../graph/builder.ts";
import type { Value } from "../../graph/graph.ts";
import type { Operators } from "../../graph/operators.ts";
import type { Application } from "./pullback.ts";

/** Conv weights [M, C/g, k…] as those of the adjoint convolution [C, M/g, k…], kernels reversed. */
function adjointWeights(g: Builder, weights: Value, group: number): Value {
  const [maps = 1, channels = 1, ...kernel] = weights.shape;
  const spatial = kernel.map((_, axis) => axis + 3);
  const grouped = g.reshape(weights, [group, maps / group, channels, ...kernel]);
  const swapped = g.transpose(grouped, [0, 2, 1, ...spatial]);
  return g.reverse(
    g.reshape(swapped, [channels * group, maps / group, ...kernel]),
    kernel.map((_, axis) => axis + 2),
  );
}

/** Input rows that the last window does not reach: the adjoint's output must be made longer by them. */
function unreached(
  x: Value,
  y: Value,
  { kernelShape, strides, dilations, pads }: Operators["Conv"],
): number[] {
  return kernelShape.map((kernel, axis) => {
    const padded = (x.shape[axis + 2] ?? 1) + (pads[axis] ?? 0) + (pads[axis + kernelShape.length] ?? 0);
    const reach =
      ((y.shape[axis + 2] ?? 1) - 1) * (strides[axis] ?? 1) + (dilations[axis] ?? 1) * (kernel - 1) + 1;
    return padded - reach;
  });
}

/**
 * Convolution. Two forms, each the faster one where it is used, measured in ONNX Runtime on a CPU:
 * stride 1 is a convolution again, with reversed kernels (dense 1.06 ms against 1.33 as ConvTranspose, depthwise 0.11
 * against 0.77); any other stride is ConvTranspose on the very same weights. The reversal acts on constants, so the
 * runtime does it once.
 */
export function convolution(
  g: Builder,
  { x: [x, weights], y, dy, attributes }: Application<"Conv">,
): readonly Value[] {
  const { kernelShape, strides, dilations, pads, group } = attributes;
  const rank = kernelShape.length;
  const reach = kernelShape.map((kernel, axis) => (dilations[axis] ?? 1) * (kernel - 1));
  const adjointPads = pads.map((pad, k) => (reach[k % rank] ?? 0) - pad);
  if (strides.every((stride) => stride === 1) && adjointPads.every((pad) => pad >= 0)) {
    const dx = g.conv(dy, adjointWeights(g, weights, group), {
      kernelShape,
      strides,
      dilations,
      group,
      pads: adjointPads,
    });
    return [dx];
  }
  const outputPadding = unreached(x, y, attributes);
  return [g.convTranspose(dy, weights, { kernelShape, strides, dilations, group, pads, outputPadding })];
}

/** The adjoint of a transposed convolution is the convolution with the same weights, strides and pads. */
export function transposedConvolution(
  g: Builder,
  {
    x: [, weights],
    dy,
    attributes: { kernelShape, strides, dilations, pads, group },
  }: Application<"ConvTranspose">,
): readonly Value[] {
  return [g.conv(dy, weights, { kernelShape, strides, dilations, pads, group })];
}
