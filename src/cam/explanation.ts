import { featureMapOf, type FeatureMap } from "./feature-map.ts";
import type { ForwardResult } from "./programs.ts";
import { probabilityAt, scoreAt, type ScoreScale } from "./scores.ts";
import { ErfitError, optionText } from "../core/error.ts";
import { sameShape, type Tensor } from "../core/tensor.ts";
import { camLayer, cellsReachScores } from "../runtime/cam-layer.ts";
import { layerText, type Layer } from "../runtime/layers.ts";
import type { Network, ProbabilityRule, ImageLayout } from "../runtime/network.ts";

/**
 * @param instead the layer whose cells reach the scores, where it is known
 * @returns the error for a layer of which the network reads the class token alone
 */
const tokenAlone = (layer: Layer, instead?: string): ErfitError =>
  new ErfitError(
    `layer ${layerText(layer)}: after it the network reads the class token alone, so the gradient is zero at all ${layer.grid.height} x ${layer.grid.width} cells`,
    {
      remedy:
        instead === undefined
          ? `name an earlier ${optionText("layer")}, from which attention still carries the cells to the class token: what the last block reads, or its first normalization; \`erfit layers MODEL\` lists them`
          : `take layer "${instead}" (${optionText("layer", JSON.stringify(instead))}), the last whose cells reach the class scores`,
    },
  );

/** @throws ErfitError where the class scores are not computed from the layer's cells: their gradient is zero */
export function requireReachingCells(network: Network, layer: Layer): void {
  if (layer.grid.prefixTokens === 0 || cellsReachScores(network, layer)) return;
  throw tokenAlone(layer, camLayer(network, layer).label);
}

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
  /** Whether the gradient reaches nothing but the tokens before the grid: the class token, most often. */
  readonly prefixOnly: boolean;
}

/** Whether a layer's gradient is zero at every cell, and not in the tokens before them. */
const prefixOnly = (
  { grid }: Layer,
  gradient: ForwardResult["gradient"],
  cells: Explanation["gradient"],
): boolean =>
  grid.prefixTokens > 0 &&
  gradient?.data.some((value) => value !== 0) === true &&
  cells?.data.every((value) => value === 0) === true;

/** What a run says of one class, in the methods' terms. */
export function explanationOf(
  layer: Layer,
  { logits, features, gradient }: ForwardResult,
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
  const name = layerText(layer);
  if (G === null)
    throw new ErfitError(`layer ${name}: the method needs the gradient, and none was computed`, {
      kind: "failure",
    });
  if (!sameShape(A.shape, G.shape))
    throw new ErfitError(
      `layer ${name}: the feature map is ${extents(A)}, its gradient ${extents(G)}; they must be equal`,
      { kind: "failure" },
    );
  if (prefixOnly) throw tokenAlone(layer);
  return { A, G };
}

/** What a method may further ask the network about one image; every score is that of the explained class. */
export interface Queries {
  readonly image: Tensor<"float32">;
  readonly layout: ImageLayout;
  /** Scores of other images, in order: masked ones (Score-CAM). */
  scoresOf(images: Iterable<Tensor<"float32">>): Promise<Float64Array>;
  /**
   * Scores of other feature maps in the layer's place, in order: ablated ones (Ablation-CAM), probes of the head (CAM).
   * @throws {ErfitError} where the image reaches the scores past the layer as well
   */
  scoresOfFeatures(features: Iterable<FeatureMap>): Promise<Float64Array>;
  /** The class explained on other images, in order: noisy ones (Smooth Grad-CAM++). */
  explain(images: Iterable<Tensor<"float32">>): AsyncIterable<Explanation>;
}

/** One class of one image, and the network to ask more about it. */
export interface Explained {
  readonly explanation: Explanation;
  readonly queries: Queries;
}
