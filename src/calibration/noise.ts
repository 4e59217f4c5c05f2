import type { FitResult } from "../fit/result.ts";
import { isNoise, type Cancellation } from "../erf/cancellation.ts";
import { protocols } from "../erf/protocols.ts";
import type { RunState } from "./run-state.ts";

/** What a protocol reads of the channels, by its objective. */
const scalars = { "channel-mean": "mean", "rectified-sum": "sum of the positive parts" } as const;

/** Why a run's map is rounding noise; undefined where it is a receptive field, or zero everywhere. */
export function noiseReason({ cancellation, record }: RunState, mass: number): string | undefined {
  if (cancellation === null || !isNoise(cancellation) || mass === 0) return undefined;
  const { layer, protocol } = record;
  const scalar = scalars[protocols[protocol].objective([]).kind];
  return (
    `The map is rounding noise: the ${scalar} of the channels of "${layer.name}" is the same for every image${measured(cancellation)}. ` +
    "A softmax and a normalization without a scale make it so. Choose a layer before that one."
  );
}

const measured = ({ left }: Cancellation): string =>
  left === null || left === 0 ? "" : `, and its gradient is ${left.toExponential(0)} of the channels' own`;

/** No fit, and why. */
export const refusedAsNoise = (message: string): FitResult => ({
  fit: null,
  warnings: [{ code: "ROUNDING_NOISE", message }],
});
