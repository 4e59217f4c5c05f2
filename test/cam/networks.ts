import { model, info, node, noise, ints } from "../onnx/small-model.ts";

/** Small classifiers of five classes, each with a layer whose axes lie in another order; images are 12 x 12. */

const inputs = [info("image", [1, 3, 12, 12])];
const same = { kernel_shape: [3, 3], pads: [1, 1, 1, 1] };
const patches = { kernel_shape: [4, 4], strides: [4, 4] };

/** Convolutions, and a head of two layers with a bend between them: gradients differ from cell to cell. */
const convolutional = model({
  inputs,
  outputs: ["scores"],
  nodes: [
    node("Conv", ["image", "w1"], ["first"], { ...same, strides: [2, 2] }),
    node("Relu", ["first"], ["map"]),
    node("Flatten", ["map"], ["flat"]),
    node("MatMul", ["flat", "w2"], ["hidden"]),
    node("Relu", ["hidden"], ["bent"]),
    node("MatMul", ["bent", "w3"], ["scores"]),
  ],
  initializers: { w1: noise([4, 3, 3, 3], 1), w2: noise([144, 6], 2), w3: noise([6, 5], 3) },
});

/** A mean over the cells and one linear layer: CAM's own network. */
const pooled = model({
  inputs,
  outputs: ["scores"],
  nodes: [
    node("Conv", ["image", "w1"], ["map"], { ...same, strides: [2, 2] }),
    node("GlobalAveragePool", ["map"], ["means"]),
    node("Flatten", ["means"], ["flat"]),
    node("Gemm", ["flat", "w2", "b2"], ["scores"]),
  ],
  initializers: { w1: noise([4, 3, 3, 3], 1), w2: noise([4, 5], 2), b2: noise([5], 3) },
});

/** Channels last, as in Swin; a softmax at its end. */
const channelsLast = model({
  inputs,
  outputs: ["probabilities"],
  nodes: [
    node("Conv", ["image", "w1"], ["patches"], { kernel_shape: [2, 2], strides: [2, 2] }),
    node("Transpose", ["patches"], ["rows"], { perm: [0, 2, 3, 1] }),
    node("LayerNormalization", ["rows", "scale"], ["map"], { axis: -1 }),
    node("Tanh", ["map"], ["bent"]),
    node("ReduceMean", ["bent", "cells"], ["means"], { keepdims: 0 }),
    node("MatMul", ["means", "w2"], ["scores"]),
    node("Softmax", ["scores"], ["probabilities"], { axis: -1 }),
  ],
  initializers: {
    w1: noise([6, 3, 2, 2], 4),
    scale: noise([6], 5),
    w2: noise([6, 5], 6),
    cells: ints(1, 2),
  },
});

/** A class token in front of 3 x 3 patches; what mixes the tokens lies behind the layer. */
const tokens = model({
  inputs,
  outputs: ["scores"],
  nodes: [
    node("Conv", ["image", "w1"], ["patches"], patches),
    node("Reshape", ["patches", "flat"], ["columns"]),
    node("Transpose", ["columns"], ["cells"], { perm: [0, 2, 1] }),
    node("Concat", ["token", "cells"], ["map"], { axis: 1 }),
    node("Transpose", ["map"], ["keys"], { perm: [0, 2, 1] }),
    node("MatMul", ["map", "keys"], ["products"]),
    node("Softmax", ["products"], ["attention"], { axis: -1 }),
    node("MatMul", ["attention", "map"], ["mixed"]),
    node("Gather", ["mixed", "zero"], ["first"], { axis: 1 }),
    node("Reshape", ["first", "row"], ["class"]),
    node("MatMul", ["class", "w2"], ["scores"]),
  ],
  initializers: {
    w1: noise([6, 3, 4, 4], 7),
    token: noise([1, 1, 6], 8),
    flat: ints(1, 6, 9),
    zero: ints(0),
    row: ints(1, 6),
    w2: noise([6, 5], 9),
  },
});

/** Tokens behind their channels, as where an MLP mixes positions. */
const positions = model({
  inputs,
  outputs: ["scores"],
  nodes: [
    node("Conv", ["image", "w1"], ["patches"], patches),
    node("Reshape", ["patches", "flat"], ["columns"]),
    node("Sigmoid", ["columns"], ["map"]),
    node("MatMul", ["map", "mix"], ["mixed"]),
    node("Tanh", ["mixed"], ["bent"]),
    node("ReduceMean", ["bent", "last"], ["means"], { keepdims: 0 }),
    node("MatMul", ["means", "w2"], ["scores"]),
  ],
  initializers: {
    w1: noise([6, 3, 4, 4], 7),
    flat: ints(1, 6, 9),
    mix: noise([9, 9], 8),
    last: ints(2),
    w2: noise([6, 5], 9),
  },
});

/** By the layout of the layer, which is called `map` in all of them. */
export const networks = { NCHW: convolutional, NHWC: channelsLast, NTC: tokens, NCT: positions };

export { pooled };
