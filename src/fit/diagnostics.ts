import { at } from "../core/required.ts";
import type { RealMap } from "../core/tensor.ts";
import type { Warning } from "./result.ts";

/** One thing that may be wrong with a map, a fit, or its photographs. */
export interface Diagnostic<Evidence> {
  readonly code: string;
  /** No fit can honestly be reported. */
  readonly blocking?: true;
  /** What it means, and what to do about it; undefined where it does not apply. */
  readonly message: (evidence: Evidence) => string | undefined;
}

/** The diagnostics that apply: the first blocking one alone, or all of them. */
export function diagnose<E>(
  diagnostics: readonly Diagnostic<E>[],
  evidence: E,
): { readonly warnings: readonly Warning[]; readonly blocked: boolean } {
  const found = diagnostics.flatMap(({ code, blocking, message: messageFor }) => {
    const message = messageFor(evidence);
    return message === undefined ? [] : [{ blocking, warning: { code, message } }];
  });
  const blocker = found.find(({ blocking }) => blocking);
  return {
    warnings: (blocker ? [blocker] : found).map(({ warning }) => warning),
    blocked: blocker !== undefined,
  };
}

/** What the diagnostics of a map read, before the fit. */
interface MapEvidence {
  readonly map: RealMap;
  readonly sum: number;
  readonly absoluteSum: number;
  readonly lowest: number;
  readonly highest: number;
  /** Index of the first pixel that is NaN or infinite, -1 where all are finite, and how many there are. */
  readonly firstNonFinite: number;
  readonly nonFinite: number;
}

/** Sums this small compared with Σ|map| are rounding noise of the maps' float32. */
const noMass = 1e-6;

/** Maps that cannot be fitted, the first that applies. */
export const mapDiagnostics: readonly Diagnostic<MapEvidence>[] = [
  {
    code: "TOO_FEW_PIXELS",
    blocking: true,
    message: ({
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
    blocking: true,
    message: ({ map, nonFinite, firstNonFinite: first }) =>
      nonFinite > 0
        ? `${nonFinite} of the map's pixels are NaN or infinite (the first at row ${Math.floor(first / map.shape[1])}, column ` +
          `${first % map.shape[1]}). Look for NaN in the model's weights or in an input.`
        : undefined,
  },
  {
    code: "ZERO_MASS",
    blocking: true,
    message: ({ sum, absoluteSum }) =>
      Math.abs(sum) <= noMass * absoluteSum
        ? absoluteSum === 0
          ? "The map is zero everywhere: no gradient reaches the input from this cell. Choose another layer or cell."
          : "The map's positive and negative parts cancel, and its sum is rounding noise. Use the openerf or absolute protocol."
        : undefined,
  },
  {
    code: "NEGATIVE_MASS",
    blocking: true,
    message: ({ sum }) =>
      sum < 0
        ? "The map's sum is negative; dividing by it would turn the map upside down. Use the openerf or absolute protocol."
        : undefined,
  },
  {
    code: "FLAT",
    blocking: true,
    message: ({ lowest, highest }) =>
      highest - lowest <= 1e-12 * Math.abs(highest)
        ? "The map is constant: it has no receptive field to measure. Choose a layer before global pooling."
        : undefined,
  },
];

export function mapEvidence(map: RealMap): MapEvidence {
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

/** How many photographs there are, and how unevenly they contribute to the map. */
interface PhotographEvidence {
  readonly photographs: number;
  /** As many photographs of equal contribution would tell as much (Kish 1965). */
  readonly effectiveNumber: number;
  /** The one with the largest share of the map's mass; null where the map has none. */
  readonly greatest: { readonly name: string; readonly share: number } | null;
}

/** The accumulator's blocks: with fewer photographs some of them stay empty. */
const fewest = 20;
/** A photograph dominates with more than this share of the mass, and with twice what it would have among equals. */
const dominant = 0.25;

const photographDiagnostics: readonly Diagnostic<PhotographEvidence>[] = [
  {
    code: "FEW_PHOTOGRAPHS",
    message: ({ photographs }) =>
      photographs < fewest
        ? `Only ${photographs} photograph${photographs === 1 ? "" : "s"}: sigma still depends on which ones. ` +
          `Use at least ${fewest}, better 100.`
        : undefined,
  },
  {
    code: "ONE_PHOTOGRAPH_DOMINATES",
    message: ({ photographs, effectiveNumber, greatest }) =>
      greatest !== null && greatest.share > Math.max(dominant, 2 / photographs)
        ? `${greatest.name} has ${(100 * greatest.share).toPrecision(2)} % of the map's mass: ${photographs} photographs count as ` +
          `${effectiveNumber.toPrecision(2)} equal ones. Leave it out, or use more photographs.`
        : undefined,
  },
];

/** Photographs whose maps differ by less than this, of their own length, give one map. */
const oneMap = 0.01;

/**
 * Whether all photographs give one and the same map, by the sums of their blocks. The interval over photographs is then
 * correct, close to zero, and no measure of certainty about the network.
 */
const agreementDiagnostics: readonly Diagnostic<readonly RealMap[]>[] = [
  {
    code: "SAME_MAP",
    message(blocks) {
      const apart = largestDistance(blocks);
      return apart === undefined || apart >= oneMap
        ? undefined
        : `All photographs give the same map (to ${Number((100 * apart).toPrecision(1))} %): the network is linear up to this layer, or ` +
            "nearly. So are the first convolution of any network, and residual branches before training (a LayerScale of 1e-5). " +
            "The narrow interval is not a measure of certainty. Check that the weights are trained and the photographs differ.";
    },
  },
];

/** The largest distance between the direction of a block's sum and that of their total; undefined for a single block. */
function largestDistance(blocks: readonly RealMap[]): number | undefined {
  const directions = blocks.map(({ data }) => direction(data)).filter((data) => data !== undefined);
  const [first] = directions;
  if (first === undefined || directions.length < 2) return undefined;
  const total = direction(first.map((_, i) => directions.reduce((sum, data) => sum + at(data, i), 0)));
  if (total === undefined) return undefined;
  return Math.max(
    ...directions.map((data) =>
      Math.sqrt(data.reduce((sum, value, i) => sum + (value - at(total, i)) ** 2, 0)),
    ),
  );
}

function direction(data: Float64Array): Float64Array | undefined {
  const length = Math.sqrt(data.reduce((sum, value) => sum + value * value, 0));
  return length > 0 && Number.isFinite(length) ? data.map((value) => value / length) : undefined;
}

export const agreementWarnings = (blocks: readonly RealMap[]): readonly Warning[] =>
  diagnose(agreementDiagnostics, blocks).warnings;

export const photographWarnings = (evidence: PhotographEvidence): readonly Warning[] =>
  diagnose(photographDiagnostics, evidence).warnings;
