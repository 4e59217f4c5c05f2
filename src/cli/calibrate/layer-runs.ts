import type { Checkpoints } from "../../calibration/checkpoints.ts";
import type { ProbeRun } from "../../calibration/probe-run.ts";
import type { ProbingStep } from "../../calibration/probe-run.ts";
import type { RunState } from "../../calibration/run-state.ts";
import { together } from "../../calibration/probing.ts";
import { at } from "../../core/required.ts";
import { withRunStores } from "../../io/run-store.ts";
import { interruptible } from "../interruption.ts";
import { withProgress } from "../progress.ts";
import { checkpointsIn, statePath } from "../probe/state-keeper.ts";
import type { Reporter } from "../reporter.ts";

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

/** A layer that is done is not measured again when a later one is interrupted: `finish` saves its last state. */
function savingLast(checkpoints: Checkpoints): {
  readonly checkpoints: Checkpoints;
  readonly finish: () => Promise<void>;
} {
  let last: RunState | undefined;
  return {
    checkpoints: {
      ...checkpoints,
      async reached(state) {
        last = state;
        await checkpoints.reached(state);
      },
    },
    async finish() {
      if (last !== undefined) await checkpoints.save(last);
      last = undefined;
    },
  };
}

/** Measures several layers with their photographs decoded once a pass; `work` makes a layer's results. */
export const whileKeepingAll = <T>(
  runs: readonly LayerRun[],
  { quiet, restart }: { readonly quiet: boolean; readonly restart: boolean },
  reporter: Reporter,
  work: (run: LayerRun) => Promise<T>,
): Promise<readonly T[]> =>
  withRunStores(
    runs.map(({ run, folder }) => ({
      path: statePath(folder, run.shard ?? null),
      restart,
      note: reporter.info,
    })),
    async (stores) => {
      const results = await interruptible((interruption) =>
        withProgress("probing", quiet, (update) => {
          const stored = runs.map((run, place) => ({
            ...run,
            ...savingLast(checkpointsIn(at(stores, place), reporter.info, interruption)),
          }));
          return inPasses(stored, update, work);
        }),
      );
      for (const [place, { run }] of runs.entries()) if (run.shard == null) await at(stores, place).finish();
      return results;
    },
  );

async function inPasses<T>(
  runs: readonly (LayerRun & ReturnType<typeof savingLast>)[],
  update: (done: number, total: number, name: string) => void,
  work: (run: LayerRun) => Promise<T>,
): Promise<readonly T[]> {
  const done = new Map<string, number>();
  const measured: T[] = [];
  for (const pass of passesOf(runs)) {
    const followed = pass.map(({ run, checkpoints }) => ({
      ...run,
      checkpoints,
      onProgress: ({ done: views, of, name }: ProbingStep) => {
        done.set(run.layer.name, views);
        const all = [...done.values()].reduce((sum, count) => sum + count, 0);
        update(all, of * runs.length, `${run.layer.name} · ${name}`);
      },
    }));
    const made = await together(followed, async (run, place) => {
      const { folder, finish } = at(pass, place);
      const result = await work({ run, folder });
      await finish();
      return result;
    });
    measured.push(...made);
  }
  return measured;
}
