import { chosenImages } from "../../api/images.ts";
import type { ProbeRun } from "../../calibration/probe-run.ts";
import type { ConvergencePoint } from "../../calibration/schema.ts";
import {
  chosenCell,
  chosenLayers,
  chosenPreprocessing,
  defaultLayerRemarks,
  openSubject,
} from "../../calibration/subject.ts";
import { isAssumed, type PresetName } from "../../input/resolve.ts";
import { ErfitError } from "../../core/error.ts";
import type { ProtocolName } from "../../erf/protocols.ts";
import { withUncertainty } from "../../report/text.ts";
import { interruptible } from "../interruption.ts";
import { withRunStore } from "../../io/run-store.ts";
import { checkpointsIn, statePath } from "./state-keeper.ts";
import { withProgress } from "../progress.ts";
import {
  cellFrom,
  gridFrom,
  openOptionsFrom,
  overridesFrom,
  wholeNumber,
  type ModelArguments,
  type PreprocessingArguments,
} from "../options.ts";
import { noteLayerForCam, noteOutput } from "../scores.ts";
import type { Voice } from "../voice.ts";

export interface ProbeArguments extends ModelArguments, PreprocessingArguments {
  readonly model: string;
  readonly images: readonly (string | number)[] | undefined;
  readonly layer?: string | undefined;
  readonly cell?: string | undefined;
  readonly token?: number | undefined;
  readonly grid?: string | undefined;
  readonly crops: number;
  readonly limit?: number | undefined;
  readonly shuffle?: number | undefined;
  readonly protocol: ProtocolName;
  readonly preprocessing?: PresetName | undefined;
}

/** Everything that probing needs, checked before the first image is touched. */
export async function probeRunFrom(given: ProbeArguments, voice: Voice): Promise<ProbeRun> {
  const [run, ...others] = await probeRunsFrom(given, voice);
  if (run === undefined || others.length > 0)
    throw new ErfitError(`--layer ${given.layer ?? ""}: expected one layer`, {
      remedy: "`erfit calibrate` takes several",
    });
  return run;
}

/** One run a layer, where several are named. */
export async function probeRunsFrom(given: ProbeArguments, voice: Voice): Promise<readonly ProbeRun[]> {
  const setting = await settingFrom(given, voice);
  const layers = chosenLayers(setting.subject, given.layer, gridFrom(given));
  if (given.layer === undefined) {
    noteOutput(setting.subject, voice);
    for (const layer of layers) {
      defaultLayerRemarks(setting.subject, layer).forEach(voice.note);
      noteLayerForCam(setting.subject, layer, gridFrom(given), voice);
    }
  }
  const choice = cellFrom(given);
  if (layers.length > 1 && choice.kind !== "central")
    throw new ErfitError(`--${choice.kind}: ${layers.length} layers have cells of their own`, {
      remedy: "name one layer, or leave the cell to be the central one of each",
    });
  return layers.map((layer) => {
    const run = { ...setting, layer, geometry: chosenCell(setting.subject, layer, choice) };
    voice.note(
      `${run.subject.file}: layer "${layer.name}" [${layer.shape.join(", ")}], cell ${run.geometry.cell.join(",")}, protocol ${run.protocol}`,
    );
    return run;
  });
}

/** What runs of different layers have in common. */
async function settingFrom(
  given: ProbeArguments,
  voice: Voice,
): Promise<Omit<ProbeRun, "layer" | "geometry">> {
  const crops = wholeNumber("crops", given.crops, 1);
  const limit = given.limit === undefined ? Infinity : wholeNumber("limit", given.limit, 1);
  const shuffle = given.shuffle === undefined ? undefined : wholeNumber("shuffle", given.shuffle, 0);
  const photographs = await chosenImages((given.images ?? []).map(String), { limit, shuffle });
  const subject = await openSubject(given.model, openOptionsFrom(given));
  subject.network.remarks.forEach(voice.note);
  const preprocessing = chosenPreprocessing(subject, given.preprocessing, overridesFrom(given));
  voice.note(
    isAssumed(preprocessing)
      ? `preprocessing is ${preprocessing.source}: no sidecar beside the model says otherwise. Wrong preprocessing changes the result; --preprocessing and its options set it.`
      : `preprocessing: ${preprocessing.source}`,
  );
  return {
    subject,
    protocol: given.protocol,
    photographs,
    crops,
    preprocessing,
    shuffled: shuffle ?? null,
  };
}

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
  voice: Voice,
  work: (run: ProbeRun) => Promise<T>,
): Promise<T> =>
  withRunStore({ path: statePath(folder, run.shard ?? null), restart, note: voice.note }, (store) =>
    interruptible((interruption) => {
      const checkpoints = checkpointsIn(store, voice.note, interruption);
      return whileProbing({ ...run, checkpoints }, quiet, work);
    }),
  );
