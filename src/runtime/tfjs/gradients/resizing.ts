import * as tf from "@tensorflow/tfjs-core";

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
  row[inside] = (row[inside] ?? 0) + weight;
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
