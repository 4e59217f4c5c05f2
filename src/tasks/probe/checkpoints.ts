import type { RunState } from "../../calibration/run-state.ts";
import { dirname, join } from "node:path";
import type { Checkpoints } from "../../calibration/checkpoints.ts";
import { differences } from "../../calibration/run-state.ts";
import { stateCodec } from "../../calibration/state-file.ts";
import { shardText, type Shard } from "../../erf/shard.ts";
import type { RunStore } from "../../io/run-store.ts";
import { Interrupted, type Interruption } from "../../io/interruption.ts";

/** What is counted: a photograph has one view, or several. */
const unitOf = ({ record }: RunState): string => (record.crops === 1 ? "photographs" : "views");

/** A shard's file is named after it: shards may share a folder. */
export const statePath = (folder: string, shard: Shard | null): string =>
  join(folder, shard === null ? "probe.state" : `shard-${shard.part}-of-${shard.of}.state`);

/** The checkpoints of a run in its store. */
export function checkpointsIn(
  store: RunStore,
  note: (text: string) => void,
  interruption: Interruption,
): Checkpoints {
  const { load, isDue, save } = store.snapshots(stateCodec);
  return {
    async load(record) {
      const state = await load((there) => differences(there.record, record));
      if (state !== undefined)
        note(`resumes from ${store.path}: ${state.done} of ${state.views} ${unitOf(state)} are done`);
      return state;
    },
    async reached(state) {
      const signal = interruption();
      if (signal === null && !isDue()) return;
      await save(state);
      if (signal === null) return;
      const which = state.shard === null ? "" : ` of shard ${shardText(state.shard)}`;
      throw new Interrupted(
        signal,
        `ended by ${signal}: ${state.done} of ${state.views} ${unitOf(state)}${which} are done and saved in ${dirname(store.path)}`,
        "the same command resumes the run",
      );
    },
    save,
  };
}
