import * as tf from "@tensorflow/tfjs-core";
import { sizeOf } from "../../../core/tensor.ts";

/** The geometry of a window operator, in TF.js's own terms. */
export type WindowInfo = tf.backend_util.Conv2DInfo;

/** Adds rows and columns of a value, or cuts them off where the number is negative. NHWC. */
export function framed(
  x: tf.Tensor4D,
  [top, bottom]: readonly [number, number],
  [left, right]: readonly [number, number],
  value = 0,
): tf.Tensor4D {
  const [batch, height, width, channels] = x.shape;
  const cut = (before: number, extent: number, after: number) =>
    [Math.max(0, -before), extent + Math.min(0, before) + Math.min(0, after)] as const;
  const [row, rows] = cut(top, height, bottom);
  const [column, columns] = cut(left, width, right);
  const inside =
    rows === height && columns === width
      ? x
      : tf.slice4d(x, [0, row, column, 0], [batch, rows, columns, channels]);
  const added = (extent: number) => Math.max(0, extent);
  return tf.pad4d(
    inside,
    [
      [0, 0],
      [added(top), added(bottom)],
      [added(left), added(right)],
      [0, 0],
    ],
    value,
  );
}

/** Puts `stride - 1` zeros between neighbors along an axis. */
export function spreadAxis(x: tf.Tensor, axis: number, stride: number): tf.Tensor {
  const extent = x.shape[axis] ?? 1;
  if (stride === 1 || extent === 1) return x;
  const before = sizeOf(x.shape.slice(0, axis));
  const after = sizeOf(x.shape.slice(axis + 1));
  const flat = tf.reshape(x, [before, extent, after]);
  const followed = tf.concat([flat, tf.zeros([before, extent, after * (stride - 1)])], 2);
  const apart = tf.reshape(followed, [before, extent * stride, after]);
  const length = (extent - 1) * stride + 1;
  return tf.reshape(tf.slice(apart, [0, 0, 0], [before, length, after]), x.shape.with(axis, length));
}

/** Adds zeros before and after along an axis. */
export function framedAxis(x: tf.Tensor, axis: number, before: number, after: number): tf.Tensor {
  const extent = x.shape[axis] ?? 1;
  const flat = tf.reshape(x, [sizeOf(x.shape.slice(0, axis)), extent, sizeOf(x.shape.slice(axis + 1))]);
  const framed = tf.pad(flat, [
    [0, 0],
    [before, after],
    [0, 0],
  ]);
  return tf.reshape(framed, x.shape.with(axis, before + extent + after));
}

/** Rows and columns put apart to where a strided window's cells lie in its input. NHWC. */
export const spread = (x: tf.Tensor4D, strideY: number, strideX: number): tf.Tensor4D =>
  spreadAxis(spreadAxis(x, 1, strideY), 2, strideX) as tf.Tensor4D; // the rank stays

/**
 * The cotangent of a window operator's output, spread and framed so that a `valid` correlation with the flipped kernel,
 * at stride 1, gives the cotangent of its input.
 */
export function spreadForInput(dy: tf.Tensor4D, info: WindowInfo): tf.Tensor4D {
  const frame = (reach: number, before: number, extent: number, cells: number, stride: number) =>
    [reach - 1 - before, extent + before - (cells - 1) * stride - 1] as const;
  return framed(
    spread(dy, info.strideHeight, info.strideWidth),
    frame(info.effectiveFilterHeight, info.padInfo.top, info.inHeight, info.outHeight, info.strideHeight),
    frame(info.effectiveFilterWidth, info.padInfo.left, info.inWidth, info.outWidth, info.strideWidth),
  );
}
