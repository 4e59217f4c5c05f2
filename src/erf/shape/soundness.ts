import type { RealMap } from "../../core/tensor.ts";

/** Negative values this small beside Σ|map| are rounding; sums this small too. */
const rounding = 1e-6;

/** What stands between a map and its statistics: a sentence each, undefined where nothing does. */
interface Soundness {
  /** Against statistics of single values. */
  readonly ofValues: string | undefined;
  /** Against statistics of shares of the total, which need a map that is nowhere negative. */
  readonly ofShares: string | undefined;
}

export function soundnessOf({ data }: RealMap): Soundness {
  let [positive, negative] = [0, 0];
  for (const value of data) {
    if (value < 0) negative -= value;
    else positive += value;
  }
  const absolute = positive + negative;
  const nothing = Number.isFinite(absolute)
    ? absolute === 0
      ? "the map is zero everywhere"
      : undefined
    : "the map holds NaN or infinity";
  return {
    ofValues: nothing,
    ofShares:
      nothing ??
      (negative > rounding * absolute
        ? `${percent(negative / absolute)} of the map's absolute sum is negative, and shares of a total have no meaning there`
        : undefined),
  };
}

export const percent = (share: number): string => `${Number((100 * share).toPrecision(3))} %`;
