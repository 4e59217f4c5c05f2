import type { Layer } from "../../src/runtime/layers.ts";
import type { FeatureMap } from "../../src/cam/feature-map.ts";
import type { Explained, Queries } from "../../src/cam/explanation.ts";
import { ErfitError } from "../../src/core/error.ts";
import { float32 } from "../../src/core/tensor.ts";
import { tensor } from "../runtime/fake-network.ts";

export const featureMap = (
  channels: number,
  height: number,
  width: number,
  values: Iterable<number>,
): FeatureMap => ({ shape: [channels, height, width], data: Float64Array.from(values) });

export const layerOf = ({ shape: [channels, height, width] }: FeatureMap): Layer => ({
  ...tensor("features", "Conv", [1, channels, height, width]),
  label: "features",
  grid: { layout: "NCHW", channels, height, width, prefixTokens: 0 },
});

const unasked = (): never => {
  throw new Error("the method asked what the test did not expect");
};

/** A feature map and a gradient as if a network had given them, and no network to ask more, or some of one. */
export const explained = (
  A: FeatureMap,
  G: FeatureMap | null,
  score = 1,
  queries: Partial<Queries> = {},
): Explained => ({
  explanation: {
    layer: layerOf(A),
    classIndex: 0,
    score,
    probability: 1,
    logits: Float32Array.of(score),
    featureMap: A,
    gradient: G,
    prefixOnly: false,
  },
  queries: {
    image: float32([1, 3, 1, 1], [0, 0, 0]),
    layout: "NCHW",
    scoresOf: unasked,
    scoresOfFeatures: unasked,
    explain: unasked,
    ...queries,
  },
});

/** The ErfitError that a promise ends in. */
export async function refusalOf(promise: Promise<unknown>): Promise<ErfitError> {
  const error: unknown = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error instanceof ErfitError) return error;
  throw new Error("it was not refused", { cause: error });
}
