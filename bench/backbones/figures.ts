import { median } from "simple-statistics";
import type { Pair, Runs } from "./pair.ts";

/** Median of the pairs, with the least and the most. */
export interface Spread {
  readonly median: number;
  readonly least: number;
  readonly most: number;
}

const spreadOf = (values: readonly number[]): Spread => ({
  median: median([...values]),
  least: Math.min(...values),
  most: Math.max(...values),
});

/** One quantity of both peers, and erfit's share of OpenERF's: the median of the pairs' ratios, not a ratio of medians. */
export interface Comparison {
  readonly erfit: number;
  readonly openerf: number;
  readonly ratio: Spread;
}

/** What a process costs. `images` counts those after the first run's. */
const quantities = {
  /** The steady state: what a further image adds, start and end of the process canceled. In ms. */
  image: ({ first, all }: Runs, images: number) => (1000 * (all.seconds - first.seconds)) / images,
  /** The same in CPU time of all threads, which neighbors on the machine disturb less. */
  cpu: ({ first, all }: Runs, images: number) => (1000 * (all.cpuSeconds - first.cpuSeconds)) / images,
  /** The larger of the two runs, in MiB. */
  memory: ({ first, all }: Runs) => Math.max(first.peakMiB, all.peakMiB),
  /** The same, with pages that are mapped twice counted twice. */
  resident: ({ first, all }: Runs) => Math.max(first.residentMiB, all.residentMiB),
  /** From the command to the first images' map, in seconds. */
  first: ({ first }: Runs) => first.seconds,
} satisfies Readonly<Record<string, (runs: Runs, images: number) => number>>;

export type Quantity = keyof typeof quantities;

/** One quantity over all pairs. */
export function compare(quantity: Quantity, pairs: readonly Pair[], images: number): Comparison {
  const of = (runs: Runs): number => quantities[quantity](runs, images);
  return {
    erfit: median(pairs.map(({ erfit }) => of(erfit))),
    openerf: median(pairs.map(({ openerf }) => of(openerf))),
    ratio: spreadOf(pairs.map(({ erfit, openerf }) => of(erfit) / of(openerf))),
  };
}

/** The machine's own rate over all pairs, in GFLOP/s. */
export const matmulOf = (pairs: readonly Pair[]): Pair["matmul"] => ({
  oneThread: median(pairs.map(({ matmul }) => matmul.oneThread)),
  threads: median(pairs.map(({ matmul }) => matmul.threads)),
});
