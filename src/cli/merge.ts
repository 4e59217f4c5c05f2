import { writableFolder, writeAll } from "../io/files.ts";
import { calibratedRun, mergedRun, mergeOptions } from "../tasks/merge.ts";
import { reportCalibration } from "./calibrate/calibrate.ts";
import { calibrationFiles } from "../tasks/calibrate/files.ts";
import { command } from "./command.ts";
import { figureOptions } from "../tasks/options/figures.ts";
import { erfOutput } from "./figures.ts";
import { outOption, resultFolder, verboseOption } from "./files-options.ts";

export const mergeCommand = command({
  usage: "merge <folders..>",
  describe: "combine the shards of a run: the calibration that one run would give",
  positionals: {
    folders: {
      type: "string",
      array: true,
      demandOption: true,
      describe: "output folders of `erfit calibrate --shard`, in any order",
    },
  },
  options: { ...mergeOptions, ...verboseOption, ...figureOptions, ...outOption("outputs/<model>.<layer>") },
  examples: [["erfit merge shards/* --out outputs/resnet50", "every block of the run has to be there once"]],
  async run({ folders, out, verbose, ...options }, reporter) {
    const output = { ...erfOutput(options), until: null };
    const run = await mergedRun(folders.map(String));
    const { model, layer } = run.state.record;
    const folder = await writableFolder(resultFolder(out, model.file, layer.label));
    const result = calibratedRun(run, options);
    const files = await writeAll(folder, await calibrationFiles(result, output));
    reportCalibration(result, { folder, files, verbose }, reporter);
  },
});
