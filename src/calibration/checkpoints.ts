import type { Shard } from "../erf/shard.ts";
import type { RunRecord } from "./run-state.ts";
import type { RunState } from "./run-state.ts";

/** Where a run's state outlives the run. */
export interface Checkpoints {
  /** What an interrupted run of the same settings left. @throws ErfitError where it is of another run */
  readonly load: (record: RunRecord, shard: Shard | null) => Promise<RunState | undefined>;
  /** Called after each image: saves where that is due; throws, having saved, where the run is to end. */
  readonly reached: (state: RunState) => Promise<void>;
  readonly save: (state: RunState) => Promise<void>;
}
