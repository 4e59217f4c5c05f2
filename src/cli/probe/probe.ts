import { measure } from "../../calibration/calibrate.ts";
import { writeMap } from "../../core/npy.ts";
import { removeFile, writableFolder, writeAll } from "../../io/files.ts";
import { openModelWith, openOptions } from "../../tasks/options/model.ts";
import { probeOptions, probeRun } from "../../tasks/probe/probe.ts";
import { shardFrom, shardOptions } from "../../tasks/probe/shard-option.ts";
import { command, modelAndImages } from "../command.ts";
import { outOption, restartOption, resultFolder } from "../files-options.ts";
import { warningsText } from "../fit/table.ts";
import { counted } from "../text.ts";
import { whileKeeping } from "./run.ts";
import { runShard } from "./shard-run.ts";
import { statePath } from "./state-keeper.ts";

export const probeCommand = command({
  usage: "probe <model> <images..>",
  describe: "measure the effective receptive field of a layer, without fitting it",
  positionals: modelAndImages,
  options: {
    ...probeOptions,
    ...shardOptions,
    ...outOption("outputs/<model>.<layer>"),
    ...restartOption,
    ...openOptions,
  },
  examples: [["erfit probe net.onnx photos/ --protocol signed", "writes erf.npy and how it was measured"]],
  async run({ model, images, quiet, out, restart, ...options }, reporter) {
    const shard = shardFrom(options, reporter);
    const opened = await openModelWith(model, options);
    const run = await probeRun(options, opened, images.map(String), reporter);
    const folder = await writableFolder(resultFolder(out, run.model.file, run.layer.name));
    const kept = { folder, quiet, restart };
    if (shard !== null) return runShard({ ...kept, run: { ...run, shard } }, reporter);
    const { map, measurement } = await whileKeeping({ ...kept, run }, reporter, measure);
    const files = await writeAll(folder, {
      "erf.npy": writeMap(map),
      "probe.json": `${JSON.stringify(measurement, null, 2)}\n`,
    });
    await removeFile(statePath(folder, null));
    const warnings = warningsText(measurement.warnings);
    reporter.result(
      [
        `ERF of "${run.layer.name}" over ${counted(measurement.images.count, "image")} -> ${files[0] ?? folder}`,
        warnings,
      ]
        .filter((part) => part !== "")
        .join("\n"),
      { ...measurement, files },
    );
  },
});
