import { probit, sampleStandardDeviation } from "simple-statistics";
import { arrays, realMapOf, type RealArray } from "../../core/algebra.ts";
import { random } from "../../core/random.ts";
import { float32, type RealMap, type Tensor } from "../../core/tensor.ts";
import { withGradient, type Explanation, type Queries } from "../explanation.ts";
import type { CamOptions } from "../options.ts";
import { cellSum, channelSum, pixelWeights } from "./sums.ts";

/** What a noise of 1 is in the image tensor's unit. */
const units: Readonly<Record<CamOptions["noiseUnit"], (image: Float32Array) => number>> = {
  image: (image) => sampleStandardDeviation([...image]),
  input: () => 1,
};

/** The image with normal noise added, so many times. */
function* noisy(
  { data, shape }: Tensor<"float32">,
  { noise, noiseUnit, noiseSamples, seed }: CamOptions,
): Generator<Tensor<"float32">> {
  const next = random(seed);
  const sigma = noise * units[noiseUnit](data);
  for (let sample = 0; sample < noiseSamples; sample++)
    yield float32(
      shape,
      data.map((value) => value + sigma * probit(next())),
    );
}

/** Means over the noisy images of the gradient and its powers: the derivatives of the exponential of the score. */
async function derivatives(explanations: AsyncIterable<Explanation>, elements: number) {
  const first = new Float64Array(elements);
  const second = new Float64Array(elements);
  const third = new Float64Array(elements);
  let samples = 0;
  for await (const explanation of explanations) {
    const { G } = withGradient(explanation);
    samples++;
    for (let element = 0; element < elements; element++) {
      const g = G.data[element] ?? 0;
      first[element] = (first[element] ?? 0) + g;
      second[element] = (second[element] ?? 0) + g * g;
      third[element] = (third[element] ?? 0) + g * g * g;
    }
  }
  const averaged = (sums: Float64Array) => sums.map((total) => total / samples);
  return { first: averaged(first), second: averaged(second), third: averaged(third) };
}

/**
 * `w = Σ_ij α_ij ReLU(D¹_ij)` with `α_ij = D²_ij / (2 D²_ij + D³_ij Σ a)`, where Dᵖ is the mean over noisy images of the p-th
 * derivative, and A the feature map of the image itself: Omeiza et al. 2019, whose print has D¹ in the numerator of α where
 * Grad-CAM++ and torch-cam have D². Without noise it is Grad-CAM++. (torch-cam's own departures are not followed: it rectifies
 * the gradient of the last noisy image in place of the mean, and weighs that image's feature map.)
 */
export async function smoothGradCamPlusPlus(
  { featureMap: A }: Explanation,
  queries: Queries,
  options: CamOptions,
): Promise<RealMap> {
  const noisyOnes = queries.explain(noisy(queries.image, options));
  const { first, second, third } = await derivatives(noisyOnes, A.data.length);
  const of = (data: Float64Array): RealArray => ({ shape: A.shape, data });
  const weights = pixelWeights(
    arrays,
    {
      first: of(first),
      numerator: of(options.pixelWeights === "second-derivatives" ? second : first),
      second: of(second),
      third: arrays.mul(cellSum(arrays, A), of(third)),
    },
    options,
  );
  return realMapOf(channelSum(arrays, weights, A));
}
