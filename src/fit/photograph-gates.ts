import type { RealMap } from "../core/tensor.ts";
import { judge, type Gate } from "./gate.ts";
import type { Warning } from "./result.ts";

/** What the gates of photographs look at: how many there are, and how unevenly they weigh in the map. */
interface PhotographEvidence {
  readonly photographs: number;
  /** As many equally loud ones would tell as much (Kish 1965). */
  readonly effectiveNumber: number;
  /** The one with the largest share of the map's mass; null where the map has none. */
  readonly loudest: { readonly name: string; readonly share: number } | null;
}

/** The accumulator's blocks: with fewer photographs some of them stay empty. */
const fewest = 20;
/** A photograph dominates with more than this share of the mass, and with twice what it would have among equals. */
const dominant = 0.25;

const gates: readonly Gate<PhotographEvidence>[] = [
  {
    code: "FEW_PHOTOGRAPHS",
    refuses: false,
    says: ({ photographs }) =>
      photographs < fewest
        ? `Only ${photographs} photograph${photographs === 1 ? "" : "s"}: sigma still depends on which ones. ` +
          `Use at least ${fewest}, better 100.`
        : undefined,
  },
  {
    code: "ONE_PHOTOGRAPH_DOMINATES",
    refuses: false,
    says: ({ photographs, effectiveNumber, loudest }) =>
      loudest !== null && loudest.share > Math.max(dominant, 2 / photographs)
        ? `${loudest.name} has ${(100 * loudest.share).toPrecision(2)} % of the map's mass: ${photographs} photographs say as much as ` +
          `${effectiveNumber.toPrecision(2)} equal ones. Leave it out, or use more photographs.`
        : undefined,
  },
];

/** Photographs whose maps differ by less than this, of their own length, give one map. */
const oneMap = 0.01;

/**
 * Whether the photographs give one and the same map, by the sums of their blocks. The interval over photographs is then true
 * and next to nothing, and says nothing of the network.
 */
const agreement: readonly Gate<readonly RealMap[]>[] = [
  {
    code: "SAME_MAP",
    refuses: false,
    says(blocks) {
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
  const total = direction(first.map((_, i) => directions.reduce((sum, data) => sum + (data[i] ?? 0), 0)));
  if (total === undefined) return undefined;
  return Math.max(
    ...directions.map((data) =>
      Math.sqrt(data.reduce((sum, value, i) => sum + (value - (total[i] ?? 0)) ** 2, 0)),
    ),
  );
}

function direction(data: Float64Array): Float64Array | undefined {
  const length = Math.sqrt(data.reduce((sum, value) => sum + value * value, 0));
  return length > 0 && Number.isFinite(length) ? data.map((value) => value / length) : undefined;
}

export const agreementWarnings = (blocks: readonly RealMap[]): readonly Warning[] =>
  judge(agreement, blocks).warnings;

export const photographWarnings = (evidence: PhotographEvidence): readonly Warning[] =>
  judge(gates, evidence).warnings;
