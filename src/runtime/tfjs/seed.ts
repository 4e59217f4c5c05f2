import { cellWeights, oneHot, type Objective, type ScoreScale } from "../../autodiff/objective.ts";
import type { Value } from "../../graph/graph.ts";
import { ErfitError } from "../../core/error.ts";
import { largest, sigmoid } from "../../core/scores.ts";
import { sameShape, type Tensor } from "../../core/tensor.ts";

/**
 * Weights of the probabilities p = softmax(values) as weights of the values: p ∘ (w - Σ p w), with w taken relative to the
 * likeliest class's as in the graph of `objective.ts`.
 */
function throughSoftmax(values: Float32Array, weights: Float32Array): Float32Array {
  const best = largest(values);
  const exponentials = Float64Array.from(values, (value) => Math.exp(value - (values[best] ?? 0)));
  const total = exponentials.reduce((sum, value) => sum + value, 0);
  const relative = Float64Array.from(weights, (weight) => weight - (weights[best] ?? 0));
  const mean = relative.reduce((sum, weight, k) => sum + weight * (exponentials[k] ?? 0), 0) / total;
  return Float32Array.from(relative, (weight, k) => ((exponentials[k] ?? 0) / total) * (weight - mean));
}

/** Weights of the probabilities p = sigmoid(values) as weights of the values: w p (1 - p). */
const throughSigmoid = (values: Float32Array, weights: Float32Array): Float32Array =>
  weights.map((weight, k) => {
    const score = values[k] ?? NaN;
    return weight * sigmoid(score) * sigmoid(-score);
  });

const scales: Readonly<Record<ScoreScale, (values: Float32Array, weights: Float32Array) => Float32Array>> = {
  score: (_, weights) => weights,
  softmax: throughSoftmax,
  sigmoid: throughSigmoid,
};

/**
 * The cotangent of the target under an objective, for one image: TF.js's tape runs after the target's values are known.
 * @param values of the target
 * @throws ErfitError for an index or cell outside the target, or a cotangent of another shape
 */
export function seedWeights(
  target: Value,
  values: Float32Array,
  objective: Objective,
  fed: Tensor<"float32"> | undefined,
): Float32Array {
  const onScale = (scale: ScoreScale = "score", weights: Float32Array) => scales[scale](values, weights);
  switch (objective.kind) {
    case "channel-mean":
      return cellWeights(target, objective);
    case "rectified-sum":
      return cellWeights(target, objective).map((weight, k) => ((values[k] ?? 0) > 0 ? weight : 0));
    case "element":
      return onScale(objective.of, oneHot(target, objective.index));
    case "top":
      return onScale(objective.of, oneHot(target, largest(values)));
    case "cotangent":
      if (fed === undefined || !sameShape(fed.shape, target.shape)) {
        throw new ErfitError(
          `the cotangent of "${target.name}" must have shape [${target.shape.join(", ")}], found ${fed === undefined ? "none" : `[${fed.shape.join(", ")}]`}`,
        );
      }
      return onScale(objective.of, fed.data);
  }
}
