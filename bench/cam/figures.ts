import { median } from "simple-statistics";
import type { PeerName } from "./peers.ts";
import type { Round, Runs } from "./round.ts";

/** What a process costs; `images` counts those after the first run's. */
const quantities = {
  /** The steady state: what a further image adds, start and end of the process canceled. In ms. */
  image: ({ first, all }: Runs, images: number) => (1000 * (all.seconds - first.seconds)) / images,
  /** The larger of the two runs, in MiB; pages that are mapped twice count once. */
  memory: ({ first, all }: Runs) => Math.max(first.peakMiB, all.peakMiB),
  /** The same, with pages that are mapped twice counted twice. */
  resident: ({ first, all }: Runs) => Math.max(first.residentMiB, all.residentMiB),
  /** From the command to the first images' maps, in seconds. */
  first: ({ first }: Runs) => first.seconds,
} satisfies Readonly<Record<string, (runs: Runs, images: number) => number>>;

export type Quantity = keyof typeof quantities;

/** A quantity of one peer over all rounds, in the median. */
export const figure = (
  quantity: Quantity,
  peer: PeerName,
  rounds: readonly Round[],
  images: number,
): number => median(rounds.map((round) => quantities[quantity](round[peer], images)));

/** erfit's share of another's: the median of the rounds' ratios, with the least and the most. */
export interface Ratio {
  readonly median: number;
  readonly least: number;
  readonly most: number;
}

export function ratio(quantity: Quantity, to: PeerName, rounds: readonly Round[], images: number): Ratio {
  const of = (runs: Runs): number => quantities[quantity](runs, images);
  const ratios = rounds.map((round) => of(round.erfit) / of(round[to]));
  return { median: median(ratios), least: Math.min(...ratios), most: Math.max(...ratios) };
}
