import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { openBackend } from "../../../../src/runtime/tfjs/backends.ts";
import { registerCompositions } from "../../../../src/runtime/tfjs/gradients/register.ts";
import { scoped } from "../../../../src/runtime/tfjs/model/program.ts";
import { sizeOf } from "../../../../src/core/tensor.ts";
import { noise } from "../../../onnx/small-model.ts";
import { relativeL2 } from "../../../relative-l2.ts";
import { testedBackends } from "../backends.ts";

type Operator = (x: tf.Tensor4D) => tf.Tensor;

const constant = (shape: readonly number[], seed: number): tf.Tensor =>
  tf.tensor(noise(shape, seed).data, [...shape]);
const filter = (...shape: readonly [number, number, number, number]) =>
  tf.tensor4d(noise(shape, 3).data, [...shape]);
const vector = (extent: number, seed: number) => tf.tensor1d(noise([extent], seed).data);
const positive = (extent: number, seed: number) => tf.add<tf.Tensor1D>(tf.abs(vector(extent, seed)), 0.5);

/** Operators that networks are made of, on maps [1, 6, 5, 2]. The first group has gradients of erfit's own. */
const operators: Readonly<Record<string, Operator>> = {
  "average pool, same, stride 1": (x) => tf.avgPool(x, 3, 1, "same"),
  "average pool, same, stride 2": (x) => tf.avgPool(x, [3, 2], 2, "same"),
  "average pool, valid, rows left over": (x) => tf.avgPool(x, 2, [3, 2], "valid"),
  "max pool of negative values": (x) => tf.maxPool(tf.sub(x, 3), 2, 2, "valid"),
  "max pool, overlapping, same": (x) => tf.maxPool(x, 3, 2, "same"),
  "convolution, same": (x) => tf.conv2d(x, filter(3, 3, 2, 3), 1, "same"),
  "convolution, stride 2, same": (x) => tf.conv2d(x, filter(3, 3, 2, 3), 2, "same"),
  "convolution, stride larger than the filter": (x) => tf.conv2d(x, filter(1, 1, 2, 3), 3, "valid"),
  "convolution, explicit padding": (x) =>
    tf.conv2d(x, filter(3, 3, 2, 3), 1, [
      [0, 0],
      [2, 0],
      [1, 1],
      [0, 0],
    ]),
  "convolution, dilated, same": (x) => tf.conv2d(x, filter(3, 3, 2, 3), 1, "same", "NHWC", 2),
  "convolution, dilated, valid": (x) => tf.conv2d(x, filter(2, 3, 2, 3), 1, "valid", "NHWC", [3, 2]),
  "depthwise convolution": (x) => tf.depthwiseConv2d(x, filter(3, 3, 2, 1), 1, "same"),
  "depthwise convolution, multiplier 3, stride 2": (x) =>
    tf.depthwiseConv2d(x, filter(3, 2, 2, 3), 2, "same"),
  "depthwise convolution, dilated": (x) => tf.depthwiseConv2d(x, filter(3, 3, 2, 2), 1, "same", "NHWC", 2),
  "depth to space": (x) => tf.depthToSpace(tf.concat([x, x], 3), 2),
  "strided slice": (x) => tf.stridedSlice(x, [0, 1, 0, 0], [1, 6, 5, 2], [1, 2, 3, 1]),
  "strided slice, backwards": (x) => tf.stridedSlice(x, [0, 5, 1, 0], [1, 0, 5, 2], [1, -2, 1, 1]),
  "strided slice, an axis dropped": (x) =>
    tf.stridedSlice(x, [0, 1, 3, 0], [1, 6, 4, 2], [1, 1, 1, 1], 0, 0, 0, 0, 0b100),
  "mirrored padding": (x) =>
    tf.mirrorPad(
      x,
      [
        [0, 0],
        [1, 2],
        [0, 1],
        [0, 0],
      ],
      "reflect",
    ),
  "symmetric padding": (x) =>
    tf.mirrorPad(
      x,
      [
        [0, 0],
        [3, 0],
        [2, 1],
        [0, 0],
      ],
      "symmetric",
    ),
  "resize, bilinear": (x) => tf.image.resizeBilinear(x, [9, 8]),
  "resize, bilinear, half-pixel centers": (x) => tf.image.resizeBilinear(x, [4, 7], false, true),
  "resize, bilinear, aligned corners": (x) => tf.image.resizeBilinear(x, [9, 8], true),

  relu: (x) => tf.relu(x),
  relu6: (x) => tf.relu6(tf.mul(x, 5)),
  elu: (x) => tf.elu(x),
  selu: (x) => tf.selu(x),
  sigmoid: (x) => tf.sigmoid(x),
  tanh: (x) => tf.tanh(x),
  softplus: (x) => tf.softplus(x),
  "leaky relu": (x) => tf.leakyRelu(x, 0.1),
  prelu: (x) => tf.prelu(x, constant([1, 1, 1, 2], 4) as tf.Tensor4D),
  softmax: (x) => tf.softmax(x),
  "mean over the map": (x) => tf.mean(x, [1, 2]),
  "maximum over the map": (x) => tf.max(x, [1, 2]),
  concatenation: (x) => tf.concat([x, tf.relu(x)], 3),
  padding: (x) =>
    tf.pad(x, [
      [0, 0],
      [1, 2],
      [0, 1],
      [0, 0],
    ]),
  "resize, nearest": (x) => tf.image.resizeNearestNeighbor(x, [12, 10]),
  "resize, nearest, half-pixel centers": (x) => tf.image.resizeNearestNeighbor(x, [9, 7], false, true),
  "batch normalization": (x) =>
    tf.batchNorm(x, vector(2, 5), positive(2, 6), vector(2, 7), vector(2, 8), 1e-3),
  "local response normalization": (x) => tf.localResponseNormalization(x, 1),
  "transposed convolution": (x) => tf.conv2dTranspose(x, filter(3, 3, 4, 2), [1, 12, 10, 4], 2, "same"),
  "matrix product": (x) => tf.matMul(tf.reshape(x, [6, 10]), constant([10, 4], 9)),
  "a gate from the whole map": (x) => tf.mul(x, tf.sigmoid(tf.mean(x, [1, 2], true))),
};

const shape: [number, number, number, number] = [1, 6, 5, 2];

/** Values far from one another and from 0, so that no step of a difference crosses a kink. */
function spaced(): Float32Array {
  const order = noise(shape, 2).data;
  const rank = [...order.keys()].sort((a, b) => (order[a] ?? 0) - (order[b] ?? 0));
  const values = new Float32Array(order.length);
  rank.forEach((index, k) => (values[index] = (k - values.length / 2 + 0.5) / 20));
  return values;
}

/** d sum(weights * operator(x)) / dx, one element after the other. */
function differences(operator: Operator, values: Float32Array, step: number): Float32Array {
  const weighted = (moved: Float32Array): number =>
    scoped(() => {
      const y = Float32Array.from(operator(tf.tensor4d(moved, shape)).dataSync());
      const weights = noise([y.length], 1).data;
      return y.reduce((sum, value, k) => sum + value * (weights[k] ?? 0), 0);
    });
  return values.map((value, k) => {
    const [up, down] = [Float32Array.from(values), Float32Array.from(values)];
    [up[k], down[k]] = [value + step, value - step];
    return (weighted(up) - weighted(down)) / ((up[k] ?? 0) - (down[k] ?? 0));
  });
}

const gradient = (operator: Operator, values: Float32Array): Float32Array =>
  scoped(() =>
    Float32Array.from(
      tf
        .grad((x: tf.Tensor) => {
          const y = operator(x as tf.Tensor4D);
          return tf.sum(tf.mul(y, tf.tensor(noise([y.size], 1).data, y.shape)));
        })(tf.tensor(values, shape))
        .dataSync(),
    ),
  );

describe.each(testedBackends)("gradients on %s", (backend) => {
  beforeAll(async () => {
    await openBackend(backend, 1);
    registerCompositions();
  });

  it.each(Object.keys(operators))("%s: is the limit of differences", (name) => {
    const operator = operators[name];
    if (operator === undefined) throw new Error(name);
    const values = spaced();
    expect(sizeOf(shape)).toBe(values.length);
    expect(relativeL2(gradient(operator, values), differences(operator, values, 0.02))).toBeLessThan(2e-3);
  });

  it("gives a tie in a max pool to the first of its cells", () => {
    const tied = new Float32Array(sizeOf(shape)).fill(-1);
    const found = gradient((x) => tf.maxPool(x, [2, 5], [2, 5], "valid"), tied);
    expect([...found.keys()].filter((k) => found[k] !== 0)).toEqual([0, 1, 20, 21, 40, 41]);
  });
});
