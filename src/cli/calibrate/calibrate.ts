import { basename } from "node:path";
import { calibrate, type CalibratedErf } from "../../calibration/calibrate.ts";
import { ErfitError, optionText } from "../../core/error.ts";
import { removeFile, writableFolder, writeAll } from "../../io/files.ts";
import { openModelWith, openOptions } from "../../tasks/options/model.ts";
import { calibrateOptions, probeRuns, shuffledUntil } from "../../tasks/probe/probe.ts";
import { shardFrom, shardOptions } from "../../tasks/probe/shard.ts";
import { command, modelAndImages } from "../command.ts";
import { figureOptions } from "../../tasks/options/figures.ts";
import { erfOutput } from "../figures.ts";
import { outOption, restartOption, resultFolder, verboseOption } from "../files-options.ts";
import { preview } from "../preview.ts";
import { whileKeeping, runShard } from "../probe.ts";
import { statePath } from "../../tasks/probe/checkpoints.ts";
import type { Reporter } from "../reporter.ts";
import { calibrationFiles } from "../../tasks/calibrate/files.ts";
import { calibrationText } from "./text.ts";
import { calibrateLayers, layerShards } from "./layers.ts";

export const calibrateCommand = command({
  usage: "calibrate <model> <photographs..>",
  describe: "probe and fit: sigma_X, sigma_Y, R² with uncertainty, as a calibration file with plots",
  positionals: modelAndImages,
  options: {
    ...calibrateOptions,
    ...shardOptions,
    ...outOption("outputs/<model>.<layer>"),
    ...restartOption,
    ...verboseOption,
    ...figureOptions,
    ...openOptions,
  },
  examples: [
    [
      "erfit calibrate models/vgg16-sample.onnx photos/ --crops 8",
      "the sample, eight views of each photograph",
    ],
    ["erfit calibrate resnet50.onnx imagenet/val --limit 1000 --layer layer4", "a module's name will do"],
    ["erfit calibrate resnet50.onnx imagenet/val --layer layer1,layer2,layer3", "several: a folder for each"],
    ["erfit calibrate net.onnx imagenet/val --until 1%", "as many photographs as sigma needs"],
    ["erfit calibrate net.onnx imagenet/val --fit-model auto", "other models beside the paper's"],
  ],
  async run({ model, photographs, quiet, out, restart, verbose, ...options }, reporter) {
    const shard = shardFrom(options, reporter);
    const { until, fitModel } = options;
    const output = { ...erfOutput(options), until: until ?? null };
    if (until !== undefined && shard !== null)
      throw new ErfitError(
        `${optionText("until")} cannot be evaluated on a shard, which measures a part of the photographs`,
        {
          remedy: `set the number of photographs with ${optionText("limit")}, or leave out ${optionText("shard")}`,
        },
      );
    const opened = await openModelWith(model, options);
    const runs = await probeRuns(shuffledUntil(options), opened, photographs.map(String), reporter);
    const [run] = runs;
    const fitting = { model: fitModel, until };
    const kept = { quiet, restart };
    if (run === undefined || runs.length > 1)
      return shard === null
        ? calibrateLayers(runs, fitting, { ...kept, out, output, verbose }, reporter)
        : layerShards(
            runs.map((one) => ({ ...one, shard })),
            { ...kept, out, output, verbose },
            reporter,
          );
    const folder = await writableFolder(resultFolder(out, run.model.file, run.layer.label));
    if (shard !== null) return runShard({ ...kept, run: { ...run, shard }, folder }, reporter);
    const measured = await whileKeeping({ ...kept, run, folder }, reporter, (followed) =>
      calibrate(followed, fitting),
    );
    const files = await writeAll(folder, await calibrationFiles(measured, output));
    await removeFile(statePath(folder, null));
    reportCalibration(measured, { folder, files, verbose }, reporter);
  },
});

/** The result of `erfit calibrate`, and of `erfit merge`. */
export function reportCalibration(
  calibrated: CalibratedErf,
  {
    folder,
    files,
    verbose,
  }: { readonly folder: string; readonly files: readonly string[]; readonly verbose: boolean },
  reporter: Reporter,
): void {
  reporter.picture((terminal) => preview(calibrated.map, terminal));
  reporter.result(
    `${calibrationText(calibrated, verbose)}\n-> ${folder}: ${files.map((path) => basename(path)).join(", ")}`,
    { ...calibrated.calibration, files },
  );
}
