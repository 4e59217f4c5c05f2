import type { ImageLayout } from "../../runtime/network.ts";
import { arrays, realMapOf } from "../../core/algebra.ts";
import { softmax } from "../../core/scores.ts";
import { float32, type RealMap, type Tensor } from "../../core/tensor.ts";
import type { Explanation } from "../explanation.ts";
import { channelOf, type FeatureMap } from "../feature-map.ts";
import { minMax } from "../normalizations.ts";
import type { CamOptions } from "../options.ts";
import type { Questions } from "../questions.ts";
import { upsamplerFor, type Upsampler } from "../upsamplers.ts";
import { channelSum, channelWeights } from "./sums.ts";

const masks = {
  "align-corners": "bilinear-align-corners",
  "half-pixel": "bilinear",
} as const satisfies Record<CamOptions["scoreMask"], string>;

/** Every color of the image times the mask. */
function masked(image: Tensor<"float32">, layout: ImageLayout, { data: mask }: RealMap): Tensor<"float32"> {
  const values = new Float32Array(image.data.length);
  const pixels = mask.length;
  const colors = values.length / pixels;
  const [colorStride, pixelStride] = layout === "NCHW" ? [pixels, 1] : [1, colors];
  for (let color = 0; color < colors; color++)
    for (let pixel = 0; pixel < pixels; pixel++) {
      const at = color * colorStride + pixel * pixelStride;
      values[at] = (image.data[at] ?? 0) * (mask[pixel] ?? 0);
    }
  return float32(image.shape, values);
}

/** The image behind each channel as a mask, one after the other: upsampled, and from 0 to 1. */
function* behindChannels(
  A: FeatureMap,
  { image, layout }: Questions,
  upsample: Upsampler,
): Generator<Tensor<"float32">> {
  const [channels, ...shape] = A.shape;
  for (let k = 0; k < channels; k++) {
    const channel = realMapOf({ shape, data: channelOf(A, k) });
    yield masked(image, layout, realMapOf(minMax(arrays, upsample(channel))));
  }
}

/**
 * `L = Σ_k w_k A_k` with `w = softmax_k(score of the image behind channel k)`: Wang et al. 2020, Eqs. 6 to 8. Their baseline,
 * the score of a black image, is subtracted from every score alike, and a softmax does not see it.
 */
export async function scoreCam(
  { featureMap }: Explanation,
  questions: Questions,
  { scoreMask }: CamOptions,
): Promise<RealMap> {
  const { image, layout } = questions;
  const [, height, width] = featureMap.shape;
  const [, a = 1, b = 1, c = 1] = image.shape;
  const size = layout === "NCHW" ? ([b, c] as const) : ([a, b] as const);
  const upsample = upsamplerFor([height, width], size, { by: masks[scoreMask] });
  const scores = await questions.scoresOf(behindChannels(featureMap, questions, upsample));
  return realMapOf(channelSum(arrays, channelWeights(softmax(scores)), featureMap));
}
