import * as tf from "@tensorflow/tfjs-core";
import { depthwiseInput } from "./convolution.ts";
import { framed, spread, type WindowInfo } from "./spread.ts";

/** How many of a window's cells lie inside the image, along one axis. */
const insideCounts = (cells: number, stride: number, kernel: number, before: number, extent: number) =>
  Array.from({ length: cells }, (_, i) => {
    const first = i * stride - before;
    return Math.min(extent, first + kernel) - Math.max(0, first);
  });

/** Each window's cells share its cotangent equally; padding has no share (TensorFlow's rule). */
export function averagePoolInput(dy: tf.Tensor4D, info: WindowInfo): tf.Tensor4D {
  const { padInfo, filterHeight, filterWidth } = info;
  const rows = insideCounts(info.outHeight, info.strideHeight, filterHeight, padInfo.top, info.inHeight);
  const columns = insideCounts(info.outWidth, info.strideWidth, filterWidth, padInfo.left, info.inWidth);
  const counts = tf.mul(
    tf.tensor4d(rows, [1, rows.length, 1, 1]),
    tf.tensor4d(columns, [1, 1, columns.length, 1]),
  );
  return depthwiseInput(tf.div(dy, counts), tf.ones([filterHeight, filterWidth, info.inChannels, 1]), info);
}

/** Stands for minus infinity in the padding: no window chooses it. */
const lowest = -3.4e38;

/** The cotangent goes to the first of a window's cells that holds its maximum, row by row: as in TensorFlow and PyTorch. */
export function maxPoolInput(dy: tf.Tensor4D, x: tf.Tensor4D, y: tf.Tensor4D, info: WindowInfo): tf.Tensor4D {
  const { padInfo, strideHeight, strideWidth } = info;
  const height = (info.outHeight - 1) * strideHeight + info.effectiveFilterHeight;
  const width = (info.outWidth - 1) * strideWidth + info.effectiveFilterWidth;
  const after = [height - info.inHeight - padInfo.top, width - info.inWidth - padInfo.left] as const;
  const padded = framed(x, [padInfo.top, after[0]], [padInfo.left, after[1]], lowest);
  let taken: tf.Tensor = tf.zerosLike(y);
  const shares: tf.Tensor4D[] = [];
  for (let row = 0; row < info.effectiveFilterHeight; row += info.dilationHeight) {
    for (let column = 0; column < info.effectiveFilterWidth; column += info.dilationWidth) {
      const cells = tf.stridedSlice(
        padded,
        [0, row, column, 0],
        [
          info.batchSize,
          row + (info.outHeight - 1) * strideHeight + 1,
          column + (info.outWidth - 1) * strideWidth + 1,
          info.inChannels,
        ],
        [1, strideHeight, strideWidth, 1],
      );
      const chosen = tf.mul(tf.cast(tf.equal(cells, y), "float32"), tf.sub(1, taken));
      taken = tf.add(taken, chosen);
      const share = spread(tf.mul(dy, chosen), strideHeight, strideWidth);
      shares.push(
        framed(
          share,
          [row - padInfo.top, info.inHeight - share.shape[1] - (row - padInfo.top)],
          [column - padInfo.left, info.inWidth - share.shape[2] - (column - padInfo.left)],
        ),
      );
    }
  }
  return tf.addN(shares);
}
