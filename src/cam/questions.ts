import type { ImageLayout } from "../runtime/network.ts";
import type { Tensor } from "../core/tensor.ts";
import type { Explanation } from "./explanation.ts";
import type { FeatureMap } from "./feature-map.ts";

/** What a method may further ask the network about one image; every score is that of the explained class. */
export interface Questions {
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
  readonly questions: Questions;
}
