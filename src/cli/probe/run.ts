import type { ProbeRun } from "../../calibration/probe-run.ts";
import type { ConvergencePoint } from "../../calibration/schema.ts";
import { withRunStore } from "../../io/run-store.ts";
import { withUncertainty } from "../../report/text.ts";
import { interruptible } from "../interruption.ts";
import { withProgress } from "../progress.ts";
import type { Reporter } from "../reporter.ts";
import { checkpointsIn, statePath } from "./state-keeper.ts";

/** The estimate of the moment, in the progress line. */
const running = ({ sigmaX, sigmaY, halfWidthX, halfWidthY }: ConvergencePoint): string =>
  `sigma ${withUncertainty(sigmaX, halfWidthX)}, ${withUncertainty(sigmaY, halfWidthY)}`;

/** Probes with progress shown: `work` is what is made of the run. */
export const whileProbing = <T>(
  run: ProbeRun,
  quiet: boolean,
  work: (run: ProbeRun) => Promise<T>,
): Promise<T> =>
  withProgress("probing", quiet, (update) =>
    work({
      ...run,
      onProgress({ done, of, name, estimate }) {
        update(done, of, estimate === null ? name : `${running(estimate)} · ${name}`);
      },
    }),
  );

/** Where a run's state is saved, and what is done with one that is there. */
interface KeptRun {
  readonly run: ProbeRun;
  readonly folder: string;
  readonly quiet: boolean;
  readonly restart: boolean;
}

/** The same, but an interrupted run can be resumed: its state is saved in the output folder. */
export const whileKeeping = <T>(
  { run, folder, quiet, restart }: KeptRun,
  reporter: Reporter,
  work: (run: ProbeRun) => Promise<T>,
): Promise<T> =>
  withRunStore({ path: statePath(folder, run.shard ?? null), restart, note: reporter.info }, (store) =>
    interruptible((interruption) => {
      const checkpoints = checkpointsIn(store, reporter.info, interruption);
      return whileProbing({ ...run, checkpoints }, quiet, work);
    }),
  );
