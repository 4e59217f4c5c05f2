import { at } from "../../../core/required.ts";
import * as tf from "@tensorflow/tfjs-core";
import { sizeOf } from "../../../core/tensor.ts";

/** The geometry of a window operator, in TF.js's own terms. */
type WindowInfo = tf.backend_util.Conv2DInfo;

/** Adds rows and columns of a value, or cuts them off where the number is negative. NHWC. */
function framed(
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
  const extent = at(x.shape, axis);
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
  const extent = at(x.shape, axis);
  const flat = tf.reshape(x, [sizeOf(x.shape.slice(0, axis)), extent, sizeOf(x.shape.slice(axis + 1))]);
  const framed = tf.pad(flat, [
    [0, 0],
    [before, after],
    [0, 0],
  ]);
  return tf.reshape(framed, x.shape.with(axis, before + extent + after));
}

/** Rows and columns put apart to where a strided window's cells lie in its input. NHWC. */
const spread = (x: tf.Tensor4D, strideY: number, strideX: number): tf.Tensor4D =>
  spreadAxis(spreadAxis(x, 1, strideY), 2, strideX) as tf.Tensor4D; // the rank stays

/**
 * The cotangent of a window operator's output, spread and framed so that a `valid` correlation with the flipped kernel,
 * at stride 1, gives the cotangent of its input.
 */
function spreadForInput(dy: tf.Tensor4D, info: WindowInfo): tf.Tensor4D {
  const frame = (reach: number, before: number, extent: number, cells: number, stride: number) =>
    [reach - 1 - before, extent + before - (cells - 1) * stride - 1] as const;
  return framed(
    spread(dy, info.strideHeight, info.strideWidth),
    frame(info.effectiveFilterHeight, info.padInfo.top, info.inHeight, info.outHeight, info.strideHeight),
    frame(info.effectiveFilterWidth, info.padInfo.left, info.inWidth, info.outWidth, info.strideWidth),
  );
}

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
