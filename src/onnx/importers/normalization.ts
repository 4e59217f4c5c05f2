import { at } from "../../core/required.ts";
import type { Builder } from "../../graph/builder.ts";
import type { Value } from "../../graph/graph.ts";
import { float32, int64, sizeOf } from "../../core/tensor.ts";
import { type FileNode, type Importer, same } from "./file-node.ts";

const epsilon = (n: FileNode) => ({ epsilon: n.attributes.float("epsilon", 1e-5) });

/** Before opset 13 the axes from `axis` (default 1) on are one: normalize a matrix. From 13 on it is one axis. */
const alongAxis =
  (normalize: (g: Builder, x: Value, axis: number) => Value): Importer =>
  (n, g) => {
    const x = n.input(0);
    const last = x.shape.length - 1;
    const axis = n.axis(n.opset < 13 ? 1 : -1);
    if (n.opset >= 13 || axis === last) return [normalize(g, x, axis)];
    const matrix = g.reshape(x, [sizeOf(x.shape.slice(0, axis)), sizeOf(x.shape.slice(axis))]);
    return [g.reshape(normalize(g, matrix, 1), x.shape)];
  };

const softmax = (op: "Softmax" | "LogSoftmax"): Importer =>
  alongAxis((g, x, axis) => g.single(op, [x], { axis }, x.dtype, x.shape));

/** One at the first maximum, zero elsewhere. */
const hardmax = alongAxis((g, x, axis) => {
  const extent = at(x.shape, axis);
  const indices = int64([extent, ...x.shape.slice(axis + 1).map(() => 1)], [...Array(extent).keys()]);
  return g.cast(g.equal(g.argMax(x, axis, true), g.constant(indices)), "float32");
});

/** x / √(mean of x² + ε) over the axes from `axis` on, times the scale (Zhang and Sennrich 2019, Eq. 4). */
export function rmsNormalized(g: Builder, x: Value, scale: Value, axis: number, epsilon: number): Value {
  const axes = [...x.shape.keys()].slice(axis);
  const square = g.reduceMean(g.mul(x, x), axes);
  return g.mul(g.div(x, g.sqrt(g.add(square, epsilon))), scale);
}

const rmsNormalization: Importer = (n, g) => [
  rmsNormalized(g, n.input(0), n.input(1), n.axis(-1), epsilon(n).epsilon),
];

/** Normalizations. */
export const normalization: Readonly<Record<string, Importer>> = {
  BatchNormalization(n, g) {
    if (n.attributes.flag("training_mode", false) || n.outputs.length > 1) {
      throw n.refuse("is in training mode: export the model for inference");
    }
    // Up to opset 8, spatial = 0 normalizes every position by itself.
    if (!n.attributes.flag("spatial", true)) return undefined;
    return g.apply("BatchNormalization", n.inputs, epsilon(n), n.outputs);
  },
  InstanceNormalization: same("InstanceNormalization", epsilon),
  LayerNormalization: same("LayerNormalization", (n) => ({ axis: n.axis(-1), ...epsilon(n) })),
  /** Groups of channels as the channels of InstanceNormalization. Scale and bias are per group up to opset 20, then per channel. */
  GroupNormalization(n, g) {
    const [x, scale, bias] = [n.input(0), n.input(1), n.input(2)];
    const [batch, channels] = [at(x.shape, 0), at(x.shape, 1)];
    const spatial = x.shape.slice(2);
    const groups = n.attributes.int("num_groups", 1);
    const shape = [batch, groups, (channels / groups) * sizeOf(spatial)];
    const grouped = g.reshape(x, shape);
    const perGroup = n.opset < 21;
    const ones = g.constant(float32([groups], new Float32Array(groups).fill(1)));
    const zeros = g.constant(float32([groups], new Float32Array(groups)));
    const affine = perGroup ? [scale, bias] : [ones, zeros];
    const normal = g.single("InstanceNormalization", [grouped, ...affine], epsilon(n), x.dtype, shape);
    const y = g.reshape(normal, x.shape);
    if (perGroup) return [y];
    const channelwise = [channels, ...spatial.map(() => 1)];
    return [g.add(g.mul(y, g.reshape(scale, channelwise)), g.reshape(bias, channelwise))];
  },
  MeanVarianceNormalization(n, g) {
    const axes = n.attributes.numbers("axes") ?? [0, 2, 3];
    const centered = g.sub(n.input(0), g.reduceMean(n.input(0), axes));
    const deviation = g.sqrt(g.reduceMean(g.mul(centered, centered), axes));
    return [g.div(centered, g.add(deviation, 1e-9))];
  },
  RMSNormalization: rmsNormalization,
  // The name under which ONNX Runtime writes it.
  SimplifiedLayerNormalization: rmsNormalization,
  /** x / (Σ |x|^p)^(1/p) along one axis, p = 1 or 2; all zeros stay zeros. */
  LpNormalization(n, g) {
    const [x, axis] = [n.input(0), n.axis(-1)];
    const shape = x.shape.map((extent, k) => (k === axis ? 1 : extent));
    const norm =
      n.attributes.int("p", 2) === 1
        ? g.reduceSum(g.abs(x), [axis])
        : g.single("ReduceL2", [x], { axes: [axis], keepDims: true }, x.dtype, shape);
    return [g.div(x, g.where(g.greater(norm, 0), norm, 1))];
  },
  LRN: same("LRN", ({ attributes: { int, float } }) => ({
    size: int("size", 1),
    alpha: float("alpha", 1e-4),
    beta: float("beta", 0.75),
    bias: float("bias", 1),
  })),
  Softmax: softmax("Softmax"),
  LogSoftmax: softmax("LogSoftmax"),
  Hardmax: hardmax,
};
