import type { Layer } from "../runtime/layers.ts";
import type { ProbabilityRule } from "../runtime/network.ts";
import { ErfitError } from "../core/error.ts";
import { sameShape } from "../core/tensor.ts";
import { featureMapOf, type FeatureMap } from "./feature-map.ts";
import type { Look } from "./programs.ts";
import { tokenAlone } from "./reaching-cells.ts";
import { probabilityAt, scoreAt, type ScoreScale } from "./scores.ts";

/** What the network says of one image and one class: all that most CAM methods need. */
export interface Explanation {
  readonly layer: Layer;
  readonly classIndex: number;
  /** What is explained: the class's logit, or its probability, as the explainer was asked. */
  readonly score: number;
  /** The class's probability by the network's softmax or sigmoid; null where the scores have none. */
  readonly probability: number | null;
  readonly logits: Float32Array;
  readonly featureMap: FeatureMap;
  /** Gradient of the score by the feature map; null where no method asked for one. */
  readonly gradient: FeatureMap | null;
  /** Whether the gradient reaches nothing but the tokens in front of the grid: the class token, most often. */
  readonly prefixOnly: boolean;
}

/** Whether a layer's gradient is zero at every cell, and not in the tokens before them. */
const prefixOnly = ({ grid }: Layer, gradient: Look["gradient"], cells: Explanation["gradient"]): boolean =>
  grid.prefixTokens > 0 &&
  gradient?.data.some((value) => value !== 0) === true &&
  cells?.data.every((value) => value === 0) === true;

/** What a run says of one class, in the methods' terms. */
export function explanationOf(
  layer: Layer,
  { logits, features, gradient }: Look,
  classIndex: number,
  scale: ScoreScale,
  rule: ProbabilityRule,
): Explanation {
  const cells = gradient === null ? null : featureMapOf(gradient, layer);
  return {
    layer,
    classIndex,
    score: scoreAt(logits, classIndex, scale, rule),
    probability: probabilityAt(logits, classIndex, rule),
    logits,
    featureMap: featureMapOf(features, layer),
    gradient: cells,
    prefixOnly: prefixOnly(layer, gradient, cells),
  };
}

const extents = ({ shape }: FeatureMap): string => shape.join(" x ");

/**
 * Feature map A and gradient G, for a method that needs both.
 * @throws {ErfitError} where there is no gradient, none that reaches the grid, or one of other extents
 */
export function withGradient({ layer, featureMap: A, gradient: G, prefixOnly }: Explanation): {
  readonly A: FeatureMap;
  readonly G: FeatureMap;
} {
  const { name } = layer;
  if (G === null)
    throw new ErfitError(`layer "${name}": the method needs the gradient, and none was computed`, {
      kind: "failure",
    });
  if (!sameShape(A.shape, G.shape))
    throw new ErfitError(
      `layer "${name}": the feature map is ${extents(A)}, its gradient ${extents(G)}; they must be equal`,
      { kind: "failure" },
    );
  if (prefixOnly) throw tokenAlone(layer);
  return { A, G };
}
