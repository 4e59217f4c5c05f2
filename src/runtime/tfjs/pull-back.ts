import { largest, sigmoid } from "../../core/scores.ts";
import { at } from "../../core/required.ts";
import * as tf from "@tensorflow/tfjs-core";
import { cellWeights, oneHot, type Objective, type ScoreScale } from "../../autodiff/objective.ts";
import { ErfitError } from "../../core/error.ts";
import { float32, type Tensor, sameShape } from "../../core/tensor.ts";
import type { Value } from "../../graph/graph.ts";
import { type Program, scoped } from "./model/program.ts";

interface PullBackRequest {
  /** Makes the tensor that is fed, the image or another; and its name. */
  readonly fed: () => tf.Tensor;
  readonly from: string;
  readonly target: string;
  readonly withRespectTo: string;
  readonly alongside: readonly string[];
  /** The cotangent of the target, from its values. */
  readonly seed: (values: Float32Array) => Float32Array;
}

interface PulledBack {
  readonly gradient: Tensor<"float32">;
  readonly alongside: readonly Tensor<"float32">[];
}

/** Values of a tensor, on this side of the backend. */
const valuesOf = (tensor: tf.Tensor): Float32Array => Float32Array.from(tensor.dataSync());

export const fromTfjs = (tensor: tf.Tensor): Tensor<"float32"> =>
  float32([...tensor.shape], valuesOf(tensor));

export const toTfjs = ({ shape, data }: Tensor<"float32">): tf.Tensor =>
  tf.tensor(data, [...shape], "float32");

/**
 * One run of TF.js: forward, then its tape backward from the weighted target. The tensor that is differentiated by
 * is computed first and fed, so that the tape begins there. Nothing stays on the backend.
 */
export function pullBack(program: Program, request: PullBackRequest): PulledBack {
  const { fed, from, target, withRespectTo, alongside, seed } = request;
  return scoped(() => {
    const given = new Map([[from, fed()]]);
    const [source] = program.evaluate(given, [withRespectTo]);
    if (source === undefined) throw new Error(`TF.js computed no "${withRespectTo}"`);
    given.set(withRespectTo, source);
    let beside: readonly Tensor<"float32">[] = [];
    const gradient = tf.grad((x) => {
      given.set(withRespectTo, x);
      const [y, ...others] = program.evaluate(given, [target, ...alongside]);
      if (y === undefined) throw new Error(`TF.js computed no "${target}"`);
      beside = others.map(fromTfjs);
      return tf.sum(tf.mul(y, tf.tensor(seed(valuesOf(y)), y.shape)));
    })(source);
    return { gradient: fromTfjs(gradient), alongside: beside };
  });
}

/**
 * Weights of the probabilities p = softmax(values) as weights of the values: p ∘ (w - Σ p w), with w taken relative to the
 * likeliest class's as in the graph of `objective.ts`.
 */
function throughSoftmax(values: Float32Array, weights: Float32Array): Float32Array {
  const best = largest(values);
  const exponentials = Float64Array.from(values, (value) => Math.exp(value - at(values, best)));
  const total = exponentials.reduce((sum, value) => sum + value, 0);
  const relative = Float64Array.from(weights, (weight) => weight - at(weights, best));
  const mean = relative.reduce((sum, weight, k) => sum + weight * at(exponentials, k), 0) / total;
  return Float32Array.from(relative, (weight, k) => (at(exponentials, k) / total) * (weight - mean));
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
      return cellWeights(target, objective).map((weight, k) => (at(values, k) > 0 ? weight : 0));
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
