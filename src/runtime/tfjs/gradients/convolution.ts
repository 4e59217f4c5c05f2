import * as tf from "@tensorflow/tfjs-core";
import { spreadForInput, type WindowInfo } from "./spread.ts";

const dilationsOf = ({ dilationHeight, dilationWidth }: WindowInfo): [number, number] => [
  dilationHeight,
  dilationWidth,
];

/** Cotangent of a convolution's input: the spread cotangent, convolved with the filter turned by 180 degrees. */
export function convolutionInput(dy: tf.Tensor4D, filter: tf.Tensor4D, info: WindowInfo): tf.Tensor4D {
  const turned = tf.transpose(tf.reverse(filter, [0, 1]), [0, 1, 3, 2]);
  return tf.conv2d(spreadForInput(dy, info), turned, 1, "valid", "NHWC", dilationsOf(info));
}

/**
 * The same for a depthwise convolution, filter `[height, width, channels, multiplier]`. Channel c of the input makes the
 * output channels `c * multiplier + m`: one convolution for each m, and their sum.
 */
export function depthwiseInput(dy: tf.Tensor4D, filter: tf.Tensor4D, info: WindowInfo): tf.Tensor4D {
  const [, , channels, multiplier] = filter.shape;
  const turned = tf.reverse(filter, [0, 1]);
  const z = spreadForInput(dy, info);
  const correlated = (part: tf.Tensor4D, kernel: tf.Tensor4D) =>
    tf.depthwiseConv2d(part, kernel, 1, "valid", "NHWC", dilationsOf(info));
  if (multiplier === 1) return correlated(z, turned);
  const [batch, height, width] = z.shape;
  const byMultiplier = tf.reshape(z, [batch, height, width, channels, multiplier]);
  const parts = Array.from({ length: multiplier }, (_, m) =>
    correlated(
      tf.reshape(tf.slice(byMultiplier, [0, 0, 0, 0, m], [-1, -1, -1, -1, 1]), [
        batch,
        height,
        width,
        channels,
      ]),
      tf.slice4d(turned, [0, 0, 0, m], [-1, -1, -1, 1]),
    ),
  );
  return tf.addN(parts);
}
