import type { RealMap } from "../../core/tensor.ts";

/** A statistic, or null; and why it or a part of it is missing. */
export interface Measured<T> {
  readonly value: T | null;
  readonly reasons: readonly string[];
}

export const measured = <T>(value: T, reasons: readonly string[] = []): Measured<T> => ({ value, reasons });

export const unmeasured = (reason: string): Measured<never> => ({ value: null, reasons: [reason] });

/** Negative values this small compared with Σ|map| are rounding. */
const rounding = 1e-6;

/** Why a map has no such statistics; undefined where it has them. */
interface Soundness {
  /** Statistics of single values. */
  readonly ofValues: string | undefined;
  /** Statistics of shares of the total, which need a map that is nowhere negative. */
  readonly ofShares: string | undefined;
}

export function soundnessOf({ data }: RealMap): Soundness {
  let [positive, negative] = [0, 0];
  for (const value of data) {
    if (value < 0) negative -= value;
    else positive += value;
  }
  const absolute = positive + negative;
  const ofValues = Number.isFinite(absolute)
    ? absolute === 0
      ? "the map is zero everywhere"
      : undefined
    : "the map holds NaN or infinity";
  return {
    ofValues,
    ofShares:
      ofValues ??
      (negative > rounding * absolute
        ? `${percent(negative / absolute)} of the map's absolute sum is negative, and shares of a total have no meaning there`
        : undefined),
  };
}

export const percent = (share: number): string => `${Number((100 * share).toPrecision(3))} %`;

/** A place in a map in pixels; pixel centers are integers. */
export interface Center {
  readonly centerX: number;
  readonly centerY: number;
}

/** The pixel that OpenERF and RepLKNet take for the map's center: of an even number the one right of, and below, the middle. */
export const centralPixel = ([height, width]: RealMap["shape"]): Center => ({
  centerX: Math.floor(width / 2),
  centerY: Math.floor(height / 2),
});

/** The pixel at a place between pixels: of two as near the one right of, and below, it, as for `centralPixel`. */
export const pixelAt = ({ centerX, centerY }: Center): Center => ({
  centerX: Math.floor(centerX + 0.5),
  centerY: Math.floor(centerY + 0.5),
});

export const isOn = ([height, width]: RealMap["shape"], { centerX: x, centerY: y }: Center): boolean =>
  x >= -0.5 && x < width - 0.5 && y >= -0.5 && y < height - 0.5;
