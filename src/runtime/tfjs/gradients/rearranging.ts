import * as tf from "@tensorflow/tfjs-core";
import { framedAxis, spreadAxis } from "./spread.ts";

/** NHWC: the channels `(i * block + j) * C + c` of a cell become its pixels (i, j); this takes them back. */
export function depthToSpaceInput(dy: tf.Tensor4D, block: number): tf.Tensor {
  const [batch, height, width, channels] = dy.shape;
  const [rows, columns] = [height / block, width / block];
  const apart = tf.reshape(dy, [batch, rows, block, columns, block, channels]);
  return tf.reshape(tf.transpose(apart, [0, 1, 3, 2, 4, 5]), [
    batch,
    rows,
    columns,
    block * block * channels,
  ]);
}

/** Attributes of a strided slice, which are all numbers or lists of them. */
type Attributes = Readonly<Record<string, unknown>>;
const list = (value: unknown): number[] => (Array.isArray(value) ? value.map(Number) : []);

/** Every element goes back to where it was taken from, axis by axis; zeros elsewhere. */
export function stridedSliceInput(dy: tf.Tensor, x: tf.Tensor, attributes: Attributes): tf.Tensor {
  const mask = (name: string) => Number(attributes[name] ?? 0);
  const { begin, end, strides } = tf.slice_util.sliceInfo(
    x.shape,
    list(attributes["begin"]),
    list(attributes["end"]),
    list(attributes["strides"]),
    mask("beginMask"),
    mask("endMask"),
    mask("ellipsisMask"),
    mask("newAxisMask"),
    mask("shrinkAxisMask"),
  );
  const extents = x.shape.map((_, axis) => {
    const [from, step] = [begin[axis] ?? 0, strides[axis] ?? 1];
    const extent = Math.ceil(((end[axis] ?? 0) - from) / step);
    return { from: step < 0 ? from + (extent - 1) * step : from, step, extent };
  });
  const laidOut = tf.reshape(
    dy,
    extents.map(({ extent }) => extent),
  );
  return extents.reduce((placed: tf.Tensor, { from, step, extent }, axis) => {
    const ordered = step < 0 ? tf.reverse(placed, axis) : placed;
    const apart = spreadAxis(ordered, axis, Math.abs(step));
    return framedAxis(apart, axis, from, (x.shape[axis] ?? 1) - from - (extent - 1) * Math.abs(step) - 1);
  }, laidOut);
}

/** The border that a mirrored padding repeats takes its cotangent back, turned round; axis by axis. */
export function mirrorPadInput(
  dy: tf.Tensor,
  paddings: readonly (readonly [before: number, after: number])[],
  mode: "reflect" | "symmetric",
): tf.Tensor {
  const skipped = mode === "reflect" ? 1 : 0;
  return paddings.reduce((padded, [before, after], axis) => {
    const extent = (padded.shape[axis] ?? 1) - before - after;
    const part = (from: number, count: number) =>
      tf.slice(
        padded,
        padded.shape.map((_, k) => (k === axis ? from : 0)),
        padded.shape.with(axis, count),
      );
    const parts = [part(before, extent)];
    if (before > 0)
      parts.push(framedAxis(tf.reverse(part(0, before), axis), axis, skipped, extent - skipped - before));
    if (after > 0)
      parts.push(
        framedAxis(tf.reverse(part(before + extent, after), axis), axis, extent - skipped - after, skipped),
      );
    return tf.addN(parts);
  }, dy);
}
