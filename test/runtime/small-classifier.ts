import type { NodeProto } from "onnx-buf";
import { float32, type Shape, type Tensor } from "../../src/core/tensor.ts";
import { info, model, node, noise } from "../onnx/small-model.ts";

export const classifierInput: Shape = [1, 3, 9, 8];
/** Class weights, `[channels, classes]`. */
const classWeights = noise([4, 5], 7);
const kernel = { kernel_shape: [3, 3], pads: [1, 1, 1, 1] };

interface Ending {
  readonly nodes?: readonly NodeProto[];
  readonly outputs?: readonly string[];
  readonly stem?: Tensor;
  readonly opset?: number;
  /** Constants that the further nodes read. */
  readonly constants?: Readonly<Record<string, Tensor>>;
}

/** stem -> relu -> conv; sum = conv + relu -> pooled -> flat -> logits [1, 5], and what may follow. */
export const smallClassifier = ({
  nodes = [],
  outputs = ["logits"],
  stem,
  opset = 20,
  constants = {},
}: Ending = {}) =>
  model({
    opset,
    inputs: [info("image", classifierInput)],
    outputs,
    nodes: [
      node("Conv", ["image", "stem.w"], ["stem"], kernel),
      node("Relu", ["stem"], ["relu"]),
      node("Conv", ["relu", "conv.w"], ["conv"], kernel),
      node("Add", ["conv", "relu"], ["sum"]),
      node("GlobalAveragePool", ["sum"], ["pooled"]),
      node("Flatten", ["pooled"], ["flat"]),
      node("MatMul", ["flat", "head.w"], ["logits"]),
      ...nodes,
    ],
    initializers: {
      "stem.w": stem ?? noise([4, 3, 3, 3], 1),
      "conv.w": noise([4, 4, 3, 3], 2),
      "head.w": classWeights,
      ...constants,
    },
  });

/** Scores of a feature map [1, 4, H, W], in float64. */
export function scoresOf({ shape, data }: Tensor<"float32">): readonly number[] {
  const [, , height = 1, width = 1] = shape;
  const cells = height * width;
  const means = [0, 1, 2, 3].map(
    (channel) => data.slice(channel * cells, (channel + 1) * cells).reduce((sum, v) => sum + v, 0) / cells,
  );
  return [0, 1, 2, 3, 4].map((index) =>
    means.reduce((sum, mean, channel) => sum + mean * (classWeights.data[channel * 5 + index] ?? NaN), 0),
  );
}

/** The same map with one channel gone. */
export const without = (channel: number, map: Tensor<"float32">): Tensor<"float32"> => {
  const cells = map.data.length / 4;
  return float32(
    map.shape,
    map.data.map((value, flat) => (Math.floor(flat / cells) === channel ? 0 : value)),
  );
};
