import * as tf from "@tensorflow/tfjs-core";

interface Sampling {
  readonly alignCorners: boolean;
  readonly halfPixelCenters: boolean;
}

/** Weights of linear interpolation from `extent` to `size` places, `[size, extent]`: TensorFlow's three conventions. */
function weightsOf(extent: number, size: number, { alignCorners, halfPixelCenters }: Sampling): tf.Tensor2D {
  const scale = alignCorners && size > 1 ? (extent - 1) / (size - 1) : extent / size;
  const weights = tf.buffer([size, extent], "float32");
  for (let i = 0; i < size; i++) {
    const at = Math.max(0, halfPixelCenters ? (i + 0.5) * scale - 0.5 : i * scale);
    const low = Math.min(extent - 1, Math.floor(at));
    const high = Math.min(extent - 1, Math.ceil(at));
    const share = at - low;
    weights.set(weights.get(i, low) + 1 - share, i, low);
    weights.set(weights.get(i, high) + share, i, high);
  }
  return weights.toTensor() as tf.Tensor2D; // the buffer's two axes
}

/** Linear interpolation is a matrix along each axis; its gradient is their transposes. NHWC. */
export function resizeBilinearInput(dy: tf.Tensor4D, x: tf.Tensor4D, sampling: Sampling): tf.Tensor {
  const [, height, width, channels] = x.shape;
  const [batch, rows, columns] = dy.shape;
  const vertical = tf.tile(tf.expandDims(weightsOf(height, rows, sampling), 0), [batch, 1, 1]);
  const horizontal = tf.tile(tf.expandDims(weightsOf(width, columns, sampling), 0), [batch * height, 1, 1]);
  const tall = tf.matMul(vertical, tf.reshape(dy, [batch, rows, columns * channels]), true);
  const wide = tf.matMul(horizontal, tf.reshape(tall, [batch * height, columns, channels]), true);
  return tf.reshape(wide, [batch, height, width, channels]);
}
