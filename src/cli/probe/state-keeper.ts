import { join } from "node:path";
import type { Keeper } from "../../calibration/keeper.ts";
import { differences, type RunState } from "../../calibration/run-state.ts";
import { readState, stateFile } from "../../calibration/state-file.ts";
import { ErfitError } from "../../core/error.ts";
import { shardText, type Shard } from "../../erf/shard.ts";
import { readIfThere, writeWhole } from "../../io/files.ts";
import { Interrupted, type Interruption } from "../interruption.ts";

/** A shard's file says which it is: shards may share a folder. */
export const statePath = (folder: string, shard: Shard | null): string =>
  join(folder, shard === null ? "probe.state" : `shard-${shard.part}-of-${shard.of}.state`);

/** Seconds of work that a pulled plug costs at most, where saving is quick. */
const secondsApart = 1;

/** Saving takes a fiftieth of the time at most, but is not put off for longer than this. */
const [largestShare, mostSecondsApart] = [1 / 50, 30];

const restarting = "choose another --out, or begin anew with --restart";

const readStateFile = async (path: string): Promise<RunState | undefined> => {
  const bytes = await readIfThere(path, "the state of a run");
  return bytes && readState(bytes, path);
};

interface Keeping {
  readonly folder: string;
  /** Whether to begin anew where an interrupted run left its state. */
  readonly restart: boolean;
  readonly note: (text: string) => void;
  readonly interruption: Interruption;
}

/** Keeps the state of a run in its output folder. */
export function stateKeeper({ folder, restart, note, interruption }: Keeping): Keeper {
  let saved = performance.now();
  let pause = 1000 * secondsApart;
  const save = async (state: RunState): Promise<void> => {
    const began = performance.now();
    await writeWhole(statePath(folder, state.shard), stateFile(state));
    saved = performance.now();
    pause = Math.min(1000 * mostSecondsApart, Math.max(1000 * secondsApart, (saved - began) / largestShare));
  };
  return {
    async earlier(record, shard) {
      const path = statePath(folder, shard);
      if (restart) return undefined;
      const state = await readStateFile(path).catch((thrown: unknown) => {
        if (!(thrown instanceof ErfitError)) throw thrown;
        throw new ErfitError(thrown.message, { remedy: restarting, cause: thrown });
      });
      if (state === undefined) return undefined;
      const different = differences(state.record, record);
      if (different.length > 0)
        throw new ErfitError(`${path} was left by another run: ${different.join("; ")}`, {
          remedy: restarting,
        });
      note(`goes on from ${path}: ${state.done} of ${state.views} images are done`);
      return state;
    },
    async keep(state) {
      const signal = interruption();
      if (signal === null && performance.now() - saved < pause) return;
      await save(state);
      if (signal === null) return;
      const which = state.shard === null ? "" : ` of shard ${shardText(state.shard)}`;
      throw new Interrupted(
        signal,
        `ended by ${signal}: ${state.done} of ${state.views} images${which} are done and saved in ${folder}`,
        "the same command goes on from there",
      );
    },
    save,
  };
}
