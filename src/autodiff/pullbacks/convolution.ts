import type { Builder } from "../../graph/builder.ts";
import type { Value } from "../../graph/graph.ts";
import type { Operators } from "../../graph/operators.ts";
import { float32 } from "../../core/tensor.ts";
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

/** Each element once, then `stride - 1` zeros, along both axes: repeated, times a grid of ones and zeros. */
function zerosBetween(g: Builder, dy: Value, [down = 1, right = 1]: readonly number[]): Value {
  const [batch = 1, channels = 1, rows = 1, columns = 1] = dy.shape;
  const [height, width] = [rows * down, columns * right];
  const grid = Float32Array.from({ length: height * width }, (_, i) =>
    Math.floor(i / width) % down === 0 && (i % width) % right === 0 ? 1 : 0,
  );
  const repeated = g.repeatNearest(dy, [batch, channels, height, width]);
  return g.mul(repeated, g.constant(float32([1, 1, height, width], grid)));
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
  { x: [x, weights], y, dy, attributes }: Application<"Conv">,
): readonly Value[] {
  const { kernelShape, strides, dilations, pads, group } = attributes;
  const [channels = 1, ...extents] = x.shape.slice(1);
  const unit = strides.every((stride) => stride === 1);
  const depthwise = group === channels && channels > 1 && strides.length === 2;
  if (depthwise || (unit && channels >= narrow)) {
    const source = unit ? dy : zerosBetween(g, dy, strides);
    const reach = kernelShape.map((kernel, axis) => (dilations[axis] ?? 1) * (kernel - 1));
    const before = reach.map((length, axis) => length - (pads[axis] ?? 0));
    const after = reach.map(
      (length, axis) => (extents[axis] ?? 1) + length - (source.shape[axis + 2] ?? 1) - (before[axis] ?? 0),
    );
    const adjointPads = [...before, ...after];
    if (adjointPads.every((pad) => pad >= 0)) {
      return [
        g.conv(source, adjointWeights(g, weights, group), {
          kernelShape,
          strides: strides.map(() => 1),
          dilations,
          group,
          pads: adjointPads,
        }),
      ];
    }
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
