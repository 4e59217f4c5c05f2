import type { Keeper } from "../../calibration/keeper.ts";
import type { ProbeRun, ProbingStep } from "../../calibration/probe-run.ts";
import type { RunState } from "../../calibration/run-state.ts";
import { together } from "../../calibration/probing.ts";
import { removeFile } from "../../io/files.ts";
import { interruptible } from "../interruption.ts";
import { withProgress } from "../progress.ts";
import { stateKeeper, statePath } from "../probe/state-keeper.ts";
import type { Voice } from "../voice.ts";

/** A layer's run and the folder of its results. */
export interface LayerRun {
  readonly run: ProbeRun;
  readonly folder: string;
}

/** Each layer has a program of its own, which takes some hundred megabytes: more layers are further passes. */
const mostAtOnce = 8;

/** Runs side by side. */
export function passesOf<T>(runs: readonly T[]): readonly (readonly T[])[] {
  const passes = Math.ceil(runs.length / mostAtOnce);
  const size = Math.ceil(runs.length / passes);
  return Array.from({ length: passes }, (_, pass) => runs.slice(pass * size, (pass + 1) * size));
}

/** Keeps the last state too: a layer that is done is not measured again when a later one is interrupted. */
function keepingLast(keeper: Keeper): { readonly keeper: Keeper; readonly finish: () => Promise<void> } {
  let last: RunState | undefined;
  return {
    keeper: {
      ...keeper,
      async keep(state) {
        last = state;
        await keeper.keep(state);
      },
    },
    async finish() {
      if (last !== undefined) await keeper.save(last);
      last = undefined;
    },
  };
}

/** Measures several layers with their photographs decoded once a pass; `work` makes a layer's results. */
export async function whileKeepingAll<T>(
  runs: readonly LayerRun[],
  { quiet, restart }: { readonly quiet: boolean; readonly restart: boolean },
  voice: Voice,
  work: (run: LayerRun) => Promise<T>,
): Promise<readonly T[]> {
  const results = await interruptible((interruption) =>
    withProgress("probing", quiet, async (update) => {
      const done = new Map<string, number>();
      const measured: T[] = [];
      for (const pass of passesOf(runs)) {
        const kept = pass.map(({ run, folder }) => ({
          folder,
          ...keepingLast(stateKeeper({ folder, restart, note: voice.note, interruption })),
          run,
        }));
        const followed = kept.map(({ run, keeper }) => ({
          ...run,
          keeper,
          onProgress: ({ done: views, of, name }: ProbingStep) => {
            done.set(run.layer.name, views);
            const all = [...done.values()].reduce((sum, count) => sum + count, 0);
            update(all, of * runs.length, `${run.layer.name} · ${name}`);
          },
        }));
        const made = await together(followed, async (run, place) => {
          const result = await work({ run, folder: kept[place]?.folder ?? "" });
          await kept[place]?.finish();
          return result;
        });
        measured.push(...made);
      }
      return measured;
    }),
  );
  for (const { run, folder } of runs) if (run.shard == null) await removeFile(statePath(folder, null));
  return results;
}
