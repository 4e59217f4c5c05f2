import { float32, sizeOf } from "../../math/tensor.ts";
import type { FileNode, Importer } from "./file-node.ts";
import { same } from "./same.ts";

const epsilon = (n: FileNode) => ({ epsilon: n.attributes.float("epsilon", 1e-5) });

/** Before opset 13 the axes from `axis` (default 1) on are one: normalise a matrix. From 13 on it is one axis. */
const softmax =
  (op: "Softmax" | "LogSoftmax"): Importer =>
  (n, g) => {
    const x = n.input(0);
    const last = x.shape.length - 1;
    const axis = n.axis(n.opset < 13 ? 1 : -1);
    if (n.opset >= 13 || axis === last) return g.apply(op, [x], { axis }, n.outputs);
    const matrix = g.reshape(x, [sizeOf(x.shape.slice(0, axis)), sizeOf(x.shape.slice(axis))]);
    return [g.reshape(g.single(op, [matrix], { axis: 1 }, x.dtype, matrix.shape), x.shape)];
  };

/** Normalisations. */
export const normalisation: Readonly<Record<string, Importer>> = {
  BatchNormalization(n, g) {
    if (n.attributes.flag("training_mode", false) || n.outputs.length > 1) {
      throw n.refuse("is in training mode: export the model for inference");
    }
    // Up to opset 8, spatial = 0 normalises every position by itself.
    if (!n.attributes.flag("spatial", true)) return undefined;
    return g.apply("BatchNormalization", n.inputs, epsilon(n), n.outputs);
  },
  InstanceNormalization: same("InstanceNormalization", epsilon),
  LayerNormalization: same("LayerNormalization", (n) => ({ axis: n.axis(-1), ...epsilon(n) })),
  /** Groups of channels as the channels of InstanceNormalization. Scale and bias are per group up to opset 20, then per channel. */
  GroupNormalization(n, g) {
    const [x, scale, bias] = [n.input(0), n.input(1), n.input(2)];
    const [batch = 1, channels = 1, ...spatial] = x.shape;
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
    const centred = g.sub(n.input(0), g.reduceMean(n.input(0), axes));
    const deviation = g.sqrt(g.reduceMean(g.mul(centred, centred), axes));
    return [g.div(centred, g.add(deviation, 1e-9))];
  },
  LRN: same("LRN", ({ attributes: { int, float } }) => ({
    size: int("size", 1),
    alpha: float("alpha", 1e-4),
    beta: float("beta", 0.75),
    bias: float("bias", 1),
  })),
  Softmax: softmax("Softmax"),
  LogSoftmax: softmax("LogSoftmax"),
};
