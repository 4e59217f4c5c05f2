import { at } from "../../../core/required.ts";
import * as tf from "@tensorflow/tfjs-core";
import { framedAxis, spreadAxis } from "./windows.ts";

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
    const [from, step] = [at(begin, axis), at(strides, axis)];
    const extent = Math.ceil((at(end, axis) - from) / step);
    return { from: step < 0 ? from + (extent - 1) * step : from, step, extent };
  });
  const laidOut = tf.reshape(
    dy,
    extents.map(({ extent }) => extent),
  );
  return extents.reduce((placed: tf.Tensor, { from, step, extent }, axis) => {
    const ordered = step < 0 ? tf.reverse(placed, axis) : placed;
    const apart = spreadAxis(ordered, axis, Math.abs(step));
    return framedAxis(apart, axis, from, at(x.shape, axis) - from - (extent - 1) * Math.abs(step) - 1);
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
    const extent = at(padded.shape, axis) - before - after;
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

/** TensorFlow's conventions for where the pixels of a resized map lie in the map. */
interface Sampling {
  readonly alignCorners: boolean;
  readonly halfPixelCenters: boolean;
}

/** Adds the weights of place `i` of `size` to its row, over the `extent` places that it is made of. */
type Interpolation = (row: Float32Array, i: number, size: number, sampling: Sampling) => void;

const scaleOf = (extent: number, size: number, { alignCorners }: Sampling): number =>
  alignCorners && size > 1 ? (extent - 1) / (size - 1) : extent / size;

const add = (row: Float32Array, index: number, weight: number): void => {
  const inside = Math.min(row.length - 1, Math.max(0, index));
  row[inside] = at(row, inside) + weight;
};

export const bilinear: Interpolation = (row, i, size, sampling) => {
  const scale = scaleOf(row.length, size, sampling);
  const at = Math.max(0, sampling.halfPixelCenters ? (i + 0.5) * scale - 0.5 : i * scale);
  const low = Math.floor(at);
  add(row, low, 1 - (at - low));
  add(row, low + 1, at - low);
};

export const nearest: Interpolation = (row, i, size, sampling) => {
  const at = (sampling.halfPixelCenters ? i + 0.5 : i) * scaleOf(row.length, size, sampling);
  add(row, sampling.alignCorners ? Math.round(at) : Math.floor(at), 1);
};

/** Interpolation along one axis as a matrix `[size, extent]`, once for each of `count` products. */
function matrices(
  interpolation: Interpolation,
  size: number,
  extent: number,
  sampling: Sampling,
  count: number,
) {
  const weights = new Float32Array(size * extent);
  for (let i = 0; i < size; i++)
    interpolation(weights.subarray(i * extent, (i + 1) * extent), i, size, sampling);
  return tf.tile(tf.tensor3d(weights, [1, size, extent]), [count, 1, 1]);
}

/** Interpolation is a matrix along each axis; its gradient is their transposes. NHWC. */
export function resizeInput(
  dy: tf.Tensor4D,
  x: tf.Tensor4D,
  interpolation: Interpolation,
  sampling: Sampling,
): tf.Tensor {
  const [, height, width, channels] = x.shape;
  const [batch, rows, columns] = dy.shape;
  const vertical = matrices(interpolation, rows, height, sampling, batch);
  const horizontal = matrices(interpolation, columns, width, sampling, batch * height);
  const tall = tf.matMul(vertical, tf.reshape(dy, [batch, rows, columns * channels]), true);
  const wide = tf.matMul(horizontal, tf.reshape(tall, [batch * height, columns, channels]), true);
  return tf.reshape(wide, [batch, height, width, channels]);
}
