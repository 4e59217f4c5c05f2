import type { RealMap } from "../core/tensor.ts";
import type { Gate } from "./gate.ts";

/** What is looked at before the fit. */
export interface MapEvidence {
  readonly map: RealMap;
  readonly sum: number;
  readonly absoluteSum: number;
  readonly lowest: number;
  readonly highest: number;
  /** Index of the first pixel that is NaN or infinite, -1 where all are finite, and how many there are. */
  readonly firstNonFinite: number;
  readonly nonFinite: number;
}

/** Sums this small beside Σ|map| are rounding noise of the maps' float32. */
const noMass = 1e-6;

/** Maps that cannot be fitted, the first that applies. */
export const mapGates: readonly Gate<MapEvidence>[] = [
  {
    code: "TOO_FEW_PIXELS",
    refuses: true,
    says: ({
      map: {
        shape: [height, width],
      },
    }) =>
      height < 3 || width < 3
        ? `The map is ${height} x ${width} pixels; amplitude, center and sigma need at least 3 along each axis. Use a larger input.`
        : undefined,
  },
  {
    code: "NON_FINITE",
    refuses: true,
    says: ({ map, nonFinite, firstNonFinite: first }) =>
      nonFinite > 0
        ? `${nonFinite} of the map's pixels are NaN or infinite (the first at row ${Math.floor(first / map.shape[1])}, column ` +
          `${first % map.shape[1]}). Look for NaN in the model's weights or in an input.`
        : undefined,
  },
  {
    code: "ZERO_MASS",
    refuses: true,
    says: ({ sum, absoluteSum }) =>
      Math.abs(sum) <= noMass * absoluteSum
        ? absoluteSum === 0
          ? "The map is zero everywhere: no gradient reaches the input from this cell. Choose another layer or cell."
          : "The map's positive and negative parts cancel, and its sum is rounding noise. Use the openerf or absolute protocol."
        : undefined,
  },
  {
    code: "NEGATIVE_MASS",
    refuses: true,
    says: ({ sum }) =>
      sum < 0
        ? "The map's sum is negative; dividing by it would turn the map upside down. Use the openerf or absolute protocol."
        : undefined,
  },
  {
    code: "FLAT",
    refuses: true,
    says: ({ lowest, highest }) =>
      highest - lowest <= 1e-12 * Math.abs(highest)
        ? "The map is constant: it has no receptive field to measure. Choose a layer before global pooling."
        : undefined,
  },
];

export function evidenceOf(map: RealMap): MapEvidence {
  let sum = 0;
  let absoluteSum = 0;
  let lowest = Number.POSITIVE_INFINITY;
  let highest = Number.NEGATIVE_INFINITY;
  let nonFinite = 0;
  for (const value of map.data) {
    sum += value;
    absoluteSum += Math.abs(value);
    lowest = Math.min(lowest, value);
    highest = Math.max(highest, value);
    if (!Number.isFinite(value)) nonFinite++;
  }
  const firstNonFinite = nonFinite > 0 ? map.data.findIndex((value) => !Number.isFinite(value)) : -1;
  return { map, sum, absoluteSum, lowest, highest, firstNonFinite, nonFinite };
}
