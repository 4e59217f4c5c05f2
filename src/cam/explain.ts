import type { Layer } from "../engine/layers.ts";
import type { Network } from "../engine/network.ts";
import { ErfitError } from "../math/error.ts";
import { sizeOf, type Tensor } from "../math/tensor.ts";
import { featureMapOf, type FeatureMap } from "./feature-map.ts";

/** What every gradient-based CAM method needs of one image. */
export interface Explanation {
  readonly classIndex: number;
  /** The class's output (a logit, unless the model ends in a softmax) and its softmax probability over the outputs. */
  readonly score: number;
  readonly probability: number;
  readonly logits: Float32Array;
  readonly featureMap: FeatureMap;
  /** Gradient of the class's output with respect to the feature map. */
  readonly gradient: FeatureMap;
}

export interface Explainer {
  explain(image: Tensor<"float32">): Promise<Explanation>;
  release(): Promise<void>;
}

const floats = (tensor: Tensor | undefined, name: string): Float32Array => {
  if (tensor?.dtype === "float32") return tensor.data;
  throw new ErfitError(`tensor "${name}" is not float32`, { kind: "failure" });
};

function largest(values: Float32Array): number {
  let best = 0;
  values.forEach((value, index) => {
    if (value > (values[best] ?? -Infinity)) best = index;
  });
  return best;
}

/** Softmax of one entry. */
function softmaxAt(logits: Float32Array, index: number): number {
  const top = logits.reduce((a, b) => Math.max(a, b), -Infinity);
  const total = logits.reduce((sum, logit) => sum + Math.exp(logit - top), 0);
  return Math.exp((logits[index] ?? -Infinity) - top) / total;
}

/**
 * Makes one run of the engine give outputs, feature map and gradient. The class is chosen inside the graph: the largest
 * output of each image, or the given one.
 */
export async function openExplainer(
  network: Network,
  layer: Layer,
  classIndex: number | undefined,
): Promise<Explainer> {
  const { output } = network;
  const classes = sizeOf(output.shape);
  if (
    classIndex !== undefined &&
    !(Number.isInteger(classIndex) && classIndex >= 0 && classIndex < classes)
  ) {
    throw new ErfitError(
      `class ${classIndex} does not exist: the model's output "${output.name}" has ${classes} classes, 0 to ${classes - 1}`,
    );
  }
  const channelsLast = layer.grid.layout === "NHWC";
  const program = await network.differentiate({
    target: output.name,
    objective: classIndex === undefined ? { kind: "top" } : { kind: "element", index: classIndex },
    withRespectTo: layer.name,
    alongside: [output.name, layer.name],
  });
  return {
    async explain(image) {
      const { gradient, alongside } = await program.run({ image });
      const [outputs, features] = alongside;
      if (features === undefined)
        throw new ErfitError(`the engine returned no "${layer.name}"`, { kind: "failure" });
      const logits = floats(outputs, output.name);
      const index = classIndex ?? largest(logits);
      return {
        classIndex: index,
        score: logits[index] ?? NaN,
        probability: softmaxAt(logits, index),
        logits,
        featureMap: featureMapOf(features, layer.name, channelsLast),
        gradient: featureMapOf(gradient, layer.name, channelsLast),
      };
    },
    release: () => program.release(),
  };
}
