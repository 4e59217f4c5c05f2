import { createHash } from "node:crypto";
import { blocksOf, type Shard } from "../erf/shard.ts";
import { emptyAccumulator, type Accumulator } from "../erf/accumulator.ts";
import type { History, Look } from "./convergence.ts";
import type { Cancellation } from "../erf/cancellation.ts";
import type { RunRecord } from "./run-record.ts";

/** Where a run, or a shard of it, stands: all that it takes to go on, and to be merged. */
export interface RunState {
  readonly record: RunRecord;
  /** null: the whole run. */
  readonly shard: Shard | null;
  /** Views that are done, of the run's or shard's own. */
  readonly done: number;
  /** How many it has. */
  readonly views: number;
  readonly accumulator: Accumulator;
  /** Of each block, the names and contents of the views that could be read; "" before the first. */
  readonly digests: readonly string[];
  /** How far the channels' gradients cancel; null before the first view that could be used. */
  readonly cancellation: Cancellation | null;
  /** How the fit went, where it is followed; null before the first look. */
  readonly history: History | null;
  /** What a shard keeps instead. */
  readonly looks: readonly Look[];
}

/** Nothing done yet. */
export function unbegun(
  record: RunRecord,
  shard: Shard | null,
  views: number,
  [height, width]: readonly [number, number],
): RunState {
  const accumulator = emptyAccumulator(height, width, shard === null ? {} : { owned: blocksOf(shard) });
  return {
    record,
    shard,
    done: 0,
    views,
    accumulator,
    digests: accumulator.blocks.map(() => ""),
    cancellation: null,
    history: null,
    looks: [],
  };
}

/** The digests with one more view in a photograph's block: a chain, so that it can be gone on with. */
export const digested = (digests: readonly string[], photograph: number, view: string): readonly string[] =>
  digests.map((digest, block) =>
    block === photograph % digests.length
      ? createHash("sha256").update(digest).update(view).digest("hex")
      : digest,
  );

/** One for all blocks. */
export const imagesDigest = ({ digests }: Pick<RunState, "digests">): string =>
  createHash("sha256").update(digests.join("\n")).digest("hex");
