import type { ProbeRun } from "../../calibration/probe-run.ts";
import type { ConvergencePoint } from "../../calibration/schema.ts";
import { whileLocked } from "../../io/lock.ts";
import { withUncertainty } from "../../report/text.ts";
import { interruptible } from "../interruption.ts";
import { withProgress } from "../progress.ts";
import type { Reporter } from "../reporter.ts";
import { stateKeeper, statePath } from "./state-keeper.ts";

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

/** What says where a run's state is kept, and what is done with one that is there. */
interface KeptRun {
  readonly run: ProbeRun;
  readonly folder: string;
  readonly quiet: boolean;
  readonly restart: boolean;
}

/** The same, but a run that is interrupted can be gone on with: its state is kept in the output folder. */
export const whileKeeping = <T>(
  { run, folder, quiet, restart }: KeptRun,
  reporter: Reporter,
  work: (run: ProbeRun) => Promise<T>,
): Promise<T> =>
  whileLocked(statePath(folder, run.shard ?? null), reporter.info, () =>
    interruptible((interruption) => {
      const keeper = stateKeeper({ folder, restart, note: reporter.info, interruption });
      return whileProbing({ ...run, keeper }, quiet, work);
    }),
  );
