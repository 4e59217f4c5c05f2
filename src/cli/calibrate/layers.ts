import { join, relative } from "node:path";
import { calibrate, measureShard, type CalibrationOptions } from "../../calibration/calibrate.ts";
import type { ProbeRun } from "../../calibration/probe-run.ts";
import { stateFile } from "../../calibration/state-file.ts";
import { shardText, type Shard } from "../../erf/shard.ts";
import type { ScaleName } from "../../report/value-scale.ts";
import { calibrationFiles } from "./files.ts";
import { fileName, writableFolder, writeAll, writeWhole } from "../../io/files.ts";
import { layersFileName, layersList } from "../../tasks/calibrate/layers-file.ts";
import { layersTable } from "./layers-table.ts";
import { passesOf, whileKeepingAll, type LayerRun } from "./layer-runs.ts";
import { whileLocked } from "../../io/lock.ts";
import { resultFolder } from "../files-options.ts";
import { statePath } from "../probe/state-keeper.ts";
import { counted } from "../text.ts";
import type { Reporter } from "../reporter.ts";

interface LayersArguments {
  readonly out?: string | undefined;
  readonly quiet: boolean;
  readonly restart: boolean;
  readonly figureScale: ScaleName;
}

/** One folder a layer: names that differ in what no folder's name may hold are numbered. */
async function foldersFor(runs: readonly ProbeRun[], out: string): Promise<readonly LayerRun[]> {
  const taken = new Map<string, number>();
  const placed: LayerRun[] = [];
  for (const run of runs) {
    const name = fileName(run.layer.name);
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
      const choices = { until: options.until ?? null, figureScale: given.figureScale };
      const files = await writeAll(own, await calibrationFiles(measured, choices));
      return { calibration: measured.calibration, folder: own, files };
    }),
  );
  const layers = results.map((result) => ({ ...result, folder: relative(folder, result.folder) }));
  const [list] = await writeAll(folder, { [layersFileName]: layersList(layers) });
  reporter.result(
    [
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
