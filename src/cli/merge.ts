import { join } from "node:path";
import { calibrateMerged } from "../calibration/calibrate.ts";
import { merged, type ShardFile } from "../calibration/merge.ts";
import { readState } from "../calibration/state-file.ts";
import { ErfitError } from "../core/error.ts";
import { sayCalibration } from "./calibrate/calibrate.ts";
import { calibrationFiles, figureOptions } from "./calibrate/files.ts";
import { command } from "./command.ts";
import { namesIn, readNamed, writableFolder, writeAll } from "../io/files.ts";
import { fitModelOptions } from "./fit/fit.ts";
import { resultFolder } from "./probe/probe.ts";

const shardFile = /^shard-\d+-of-\d+\.state$/;

/** The shards in a folder. */
async function shardsIn(folder: string): Promise<readonly ShardFile[]> {
  const names = (await namesIn(folder)).filter((name) => shardFile.test(name));
  if (names.length === 0)
    throw new ErfitError(`${folder}: no shard of a run in this folder (shard-I-of-N.state)`, {
      remedy: "`erfit calibrate MODEL PHOTOGRAPHS --shard I/N` makes one",
    });
  const files: ShardFile[] = [];
  for (const name of names) {
    const path = join(folder, name);
    files.push({ path, state: readState(await readNamed(path, "a shard of a run"), path) });
  }
  return files;
}

export const mergeCommand = command({
  usage: "merge <folders..>",
  describe: "put the shards of a run together: the calibration that one run would give",
  positionals: {
    folders: {
      type: "string",
      array: true,
      demandOption: true,
      describe: "output folders of `erfit calibrate --shard`, in any order",
    },
  },
  options: {
    ...fitModelOptions,
    ...figureOptions,
    out: { type: "string", describe: "folder for the results [outputs/<model>.<layer>]" },
  },
  examples: [["erfit merge shards/* --out outputs/resnet50", "every block of the run has to be there once"]],
  async run(given, voice) {
    const files: ShardFile[] = [];
    for (const folder of new Set(given.folders.map(String))) files.push(...(await shardsIn(folder)));
    const run = merged(files);
    const { model, layer } = run.state.record;
    const folder = await writableFolder(resultFolder(given.out, model.file, layer.name));
    const result = calibrateMerged(run, { model: given.fitModel });
    sayCalibration(result, folder, await writeAll(folder, await calibrationFiles(result, given)), voice);
  },
});
