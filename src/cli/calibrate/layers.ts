import { join, relative } from "node:path";
import { calibrate, measureShard, type CalibrationOptions } from "../../calibration/calibrate.ts";
import type { Checkpoints } from "../../calibration/checkpoints.ts";
import type { ProbeRun, ProbingStep } from "../../calibration/probe-run.ts";
import { together } from "../../calibration/probing.ts";
import type { RunState } from "../../calibration/run-state.ts";
import type { Calibration } from "../../calibration/schema.ts";
import { stateFile } from "../../calibration/state-file.ts";
import { calibrationText } from "./text.ts";
import { resultFolder } from "../files-options.ts";
import { withProgress } from "../progress.ts";
import type { Reporter } from "../reporter.ts";
import { short, table, counted } from "../text.ts";
import { at } from "../../core/required.ts";
import { shardText, type Shard } from "../../erf/shard.ts";
import { fileName, writableFolder, writeAll, writeWhole } from "../../io/files.ts";
import { interruptible } from "../../io/interruption.ts";
import { whileLocked } from "../../io/lock.ts";
import { withRunStores } from "../../io/run-store.ts";
import { overPhotographs, withUncertainty } from "../../report/text.ts";
import {
  calibrationFiles,
  layersFileName,
  layersList,
  type CalibrationFigures,
} from "../../tasks/calibrate/files.ts";
import { checkpointsIn, statePath } from "../../tasks/probe/checkpoints.ts";

const sigma = (fit: Calibration["fit"], name: "sigmaX" | "sigmaY"): string =>
  fit === null ? "-" : withUncertainty(fit[name].value, overPhotographs(fit, fit[name]));

const field = ({ receptiveField }: Calibration["layer"]): string =>
  receptiveField === null ? "?" : `${short(receptiveField.width)} x ${short(receptiveField.height)}`;

/** A line for each layer: sigma in pixels with its 95 % interval over photographs, beside the theoretical field. */
const layersTable = (calibrations: readonly Calibration[]): string =>
  table(
    [
      ["layer", "grid", "theoretical", "sigma_X px", "sigma_Y px", "R²", "warnings"],
      ...calibrations.map(({ layer, fit, warnings }) => [
        layer.label,
        layer.grid.join("x"),
        field(layer),
        sigma(fit, "sigmaX"),
        sigma(fit, "sigmaY"),
        fit === null ? "-" : fit.rSquared.toFixed(3),
        warnings.map(({ code }) => code).join(" "),
      ]),
    ],
    [1, 2, 3, 4, 5],
  );

/** A layer's run and the folder of its results. */
interface LayerRun {
  readonly run: ProbeRun;
  readonly folder: string;
}

/** Each layer has a program of its own, which takes some hundred megabytes: more layers are further passes. */
const mostAtOnce = 8;

/** Runs side by side. */
function passesOf<T>(runs: readonly T[]): readonly (readonly T[])[] {
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
const whileKeepingAll = <T>(
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
        update(all, of * runs.length, `${run.layer.label} · ${name}`);
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

interface LayersArguments {
  readonly out?: string | undefined;
  readonly quiet: boolean;
  readonly restart: boolean;
  readonly output: CalibrationFigures;
  readonly verbose: boolean;
}

/** One folder a layer: names that differ in what no folder's name may hold are numbered. */
async function foldersFor(runs: readonly ProbeRun[], out: string): Promise<readonly LayerRun[]> {
  const taken = new Map<string, number>();
  const placed: LayerRun[] = [];
  for (const run of runs) {
    const name = fileName(run.layer.label);
    const uses = (taken.get(name.toLowerCase()) ?? 0) + 1;
    taken.set(name.toLowerCase(), uses);
    const folder = join(out, uses === 1 ? name : `${name}~${uses}`);
    placed.push({ run, folder: await writableFolder(folder) });
  }
  return placed;
}

async function placedRuns(runs: readonly ProbeRun[], { out }: LayersArguments, reporter: Reporter) {
  const folder = resultFolder(out, runs[0]?.model.file ?? "", "layers");
  const passes = passesOf(runs).length;
  reporter.info(
    `${runs.length} layers, in ${passes === 1 ? "one pass" : `${passes} passes`} over the photographs; one folder a layer in ${folder}`,
  );
  return { folder, placed: await foldersFor(runs, folder) };
}

/** Calibrates several layers: a folder for each, as a run of its own would write it, and a list of them. */
export async function calibrateLayers(
  runs: readonly ProbeRun[],
  options: CalibrationOptions,
  given: LayersArguments,
  reporter: Reporter,
): Promise<void> {
  const { folder, placed } = await placedRuns(runs, given, reporter);
  const results = await whileLocked(statePath(folder, null), reporter.info, () =>
    whileKeepingAll(placed, given, reporter, async ({ run, folder: own }) => {
      const measured = await calibrate(run, options);
      const files = await writeAll(own, await calibrationFiles(measured, given.output));
      const text = given.verbose ? `${calibrationText(measured, true)}\n` : "";
      return { calibration: measured.calibration, folder: own, files, text };
    }),
  );
  const layers = results.map((result) => ({ ...result, folder: relative(folder, result.folder) }));
  const [list] = await writeAll(folder, { [layersFileName]: layersList(layers) });
  reporter.result(
    [
      ...results.flatMap(({ text }) => (text === "" ? [] : [text])),
      layersTable(results.map(({ calibration }) => calibration)),
      "",
      `-> ${folder}: ${layersFileName}, and a folder for each layer. Next: erfit compare ${folder}`,
    ].join("\n"),
    {
      layers: layers.map(({ calibration, folder: own }) => ({ folder: own, ...calibration })),
      files: [...(list === undefined ? [] : [list]), ...results.flatMap(({ files }) => files)],
    },
  );
}

/** Measures a part of the run of each of several layers, for `erfit merge` of each layer's folder. */
export async function layerShards(
  runs: readonly (ProbeRun & { readonly shard: Shard })[],
  given: LayersArguments,
  reporter: Reporter,
): Promise<void> {
  const { folder, placed } = await placedRuns(runs, given, reporter);
  const part = runs[0]?.shard ?? null;
  const files = await whileLocked(statePath(folder, part), reporter.info, () =>
    whileKeepingAll(placed, given, reporter, async ({ run, folder: own }) => {
      const state = await measureShard(run);
      const path = statePath(own, state.shard);
      await writeWhole(path, stateFile(state));
      return path;
    }),
  );
  const shard = part === null ? "" : shardText(part);
  reporter.result(
    [
      `shard ${shard} of ${counted(runs.length, "layer")} -> ${folder}`,
      "Once all are there: erfit merge FOLDER --out DIR, for the folder of each layer",
    ].join("\n"),
    { shard: part, files },
  );
}
