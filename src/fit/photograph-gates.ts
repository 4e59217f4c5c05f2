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

export const photographWarnings = (evidence: PhotographEvidence): readonly Warning[] =>
  judge(gates, evidence).warnings;
