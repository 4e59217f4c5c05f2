import { arrays, realMapOf } from "../../core/algebra.ts";
import { softmax } from "../../core/scores.ts";
import type { RealMap, Tensor } from "../../core/tensor.ts";
import type { Explanation, Queries } from "../explanation.ts";
import { channelOf, type FeatureMap } from "../feature-map.ts";
import { maskedImage, planesOf } from "../masked-image.ts";
import { minMax } from "../normalizations.ts";
import type { CamOptions } from "../options.ts";
import { upsamplerFor, type Upsampling } from "../upsamplers.ts";
import { channelSum, channelWeights } from "./sums.ts";

const masks: Readonly<Record<CamOptions["scoreMask"], Upsampling>> = {
  "align-corners": { by: "bilinear-align-corners" },
  "half-pixel": { by: "bilinear" },
};

/** The image masked by each channel, one after the other: upsampled, and from 0 to 1. */
function* maskedByChannels(
  A: FeatureMap,
  { image, layout }: Queries,
  upsampling: Upsampling,
): Generator<Tensor<"float32">> {
  const [channels, ...shape] = A.shape;
  const upsample = upsamplerFor(shape, planesOf(image, layout).size, upsampling);
  for (let k = 0; k < channels; k++) {
    const mask = minMax(arrays, upsample(realMapOf({ shape, data: channelOf(A, k) })));
    yield maskedImage(image, null, realMapOf(mask), layout);
  }
}

/**
 * `L = Σ_k w_k A_k` with `w = softmax_k(score of the image masked by channel k)`: Wang et al. 2020, Eqs. 6 to 8. Their
 * baseline, the score of a black image, is subtracted from every score alike, which a softmax does not change.
 */
export async function scoreCam(
  { featureMap }: Explanation,
  queries: Queries,
  { scoreMask }: CamOptions,
): Promise<RealMap> {
  const scores = await queries.scoresOf(maskedByChannels(featureMap, queries, masks[scoreMask]));
  return realMapOf(channelSum(arrays, channelWeights(softmax(scores)), featureMap));
}
