import type { Shard } from "../erf/shard.ts";
import type { RunRecord, RunState } from "./run-state.ts";

/** Keeps a run's state somewhere that outlives it. */
export interface Keeper {
  /** What an interrupted run of the same settings left. @throws ErfitError where what is there is of other settings */
  readonly earlier: (record: RunRecord, shard: Shard | null) => Promise<RunState | undefined>;
  /** Told after each image. Saves now and then; throws, having saved, where the run is to end. */
  readonly keep: (state: RunState) => Promise<void>;
  readonly save: (state: RunState) => Promise<void>;
}
