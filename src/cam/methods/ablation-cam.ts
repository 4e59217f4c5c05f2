import { arrays, realMapOf } from "../../core/algebra.ts";
import type { RealMap } from "../../core/tensor.ts";
import type { Explanation, Queries } from "../explanation.ts";
import type { FeatureMap } from "../feature-map.ts";
import type { CamOptions } from "../options.ts";
import { channelWeights, channelSum } from "./sums.ts";

/** How far below the least activation an ablated channel lies; pytorch-grad-cam's value, so that maps agree. */
const farBelow = 1e7;

function least({ data }: FeatureMap): number {
  let lowest = Infinity;
  for (const value of data) if (value < lowest) lowest = value;
  return lowest;
}

/** The feature map with one channel after the other overwritten. */
function* ablated(A: FeatureMap, value: number): Generator<FeatureMap> {
  const [channels] = A.shape;
  const cells = A.data.length / channels;
  for (let k = 0; k < channels; k++)
    yield { ...A, data: A.data.slice().fill(value, k * cells, (k + 1) * cells) };
}

/**
 * `L = Σ_k ((y - y_k) / y) A_k`, where `y_k` is the score without channel k: Desai & Ramaswamy 2020, Eqs. 3 and 4. Channels
 * of a token layer are ablated on the grid; prefix tokens keep theirs.
 */
export async function ablationCam(
  { featureMap, score }: Explanation,
  queries: Queries,
  { ablateTo }: CamOptions,
): Promise<RealMap> {
  const lowest = ablateTo === "zero" ? 0 : least(featureMap);
  const value = lowest === 0 ? 0 : lowest - farBelow;
  const scores = await queries.scoresOfFeatures(ablated(featureMap, value));
  const weights = scores.map((without) => (score - without) / score);
  return realMapOf(channelSum(arrays, channelWeights(weights), featureMap));
}
