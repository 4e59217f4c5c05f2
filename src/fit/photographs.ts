import { judge, type Gate } from "./quality.ts";
import type { Warning } from "./result.ts";

/**
 * How many photographs of equal weight would say as much as these, `(Σa)² / Σa²` over the masses of their maps (Kish 1965): a
 * sum of maps is a mean weighted by their masses. 0 where no photograph has any.
 */
export function effectiveNumber(masses: readonly number[]): number {
  const sum = masses.reduce((total, mass) => total + mass, 0);
  const squares = masses.reduce((total, mass) => total + mass * mass, 0);
  return squares === 0 ? 0 : (sum * sum) / squares;
}

/** What the gates of photographs look at: the mass (sum) of each photograph's map. */
interface PhotographEvidence {
  readonly masses: readonly number[];
}

/** The accumulator's blocks: with fewer photographs some of them stay empty. */
const fewest = 20;
/** A photograph dominates with more than this share of the mass, and with twice what it would have among equals. */
const dominant = 0.25;

const photographGates: readonly Gate<PhotographEvidence>[] = [
  {
    code: "FEW_PHOTOGRAPHS",
    refuses: false,
    says: ({ masses }) =>
      masses.length < fewest
        ? `Only ${masses.length} photographs: sigma still depends on which ones. Use at least ${fewest}, better 100.`
        : undefined,
  },
  {
    code: "ONE_PHOTOGRAPH_DOMINATES",
    refuses: false,
    says: ({ masses }) => {
      const share = largestShare(masses);
      return share > Math.max(dominant, 2 / masses.length)
        ? `One photograph has ${(100 * share).toPrecision(2)} % of the map's mass: ${masses.length} photographs say as much as ` +
            `${effectiveNumber(masses).toPrecision(2)} equal ones. Leave it out, or use more photographs.`
        : undefined;
    },
  },
];

export const photographWarnings = (masses: readonly number[]): readonly Warning[] =>
  judge(photographGates, { masses }).warnings;

function largestShare(masses: readonly number[]): number {
  const sizes = masses.map(Math.abs);
  return Math.max(0, ...sizes) / sizes.reduce((total, size) => total + size, 0);
}
