import { join } from "node:path";
import { measure } from "../../calibration/calibrate.ts";
import { writeMap } from "../../core/npy.ts";
import { command } from "../command.ts";
import { fileName, removeFile, writableFolder, writeAll } from "../../io/files.ts";
import { warningsText } from "../fit/table.ts";
import {
  cellOptions,
  imageOptions,
  layerOptions,
  modelAndImages,
  modelOptions,
  preprocessingOptions,
  protocolOptions,
} from "../options.ts";
import { outputOption } from "../scores.ts";
import { probeRunFrom, whileKeeping } from "./run.ts";
import { shardFrom, shardOptions } from "./shard-option.ts";
import { runShard } from "./shard-run.ts";
import { statePath } from "./state-keeper.ts";
import { counted } from "../text.ts";

/** Options of the commands that probe. */
export const probingOptions = {
  ...layerOptions,
  ...outputOption,
  ...cellOptions,
  ...protocolOptions,
  ...imageOptions,
  ...preprocessingOptions,
  ...modelOptions,
  ...shardOptions,
  out: { type: "string", describe: "folder for the results [outputs/<model>.<layer>]" },
  restart: {
    type: "boolean",
    default: false,
    describe: "begin anew where an interrupted run of this folder would be gone on with",
  },
} as const;

/** Where results of a model's layer go by default. */
export const resultFolder = (out: string | undefined, model: string, layer: string): string =>
  out ?? join("outputs", fileName(`${model.replace(/([/\\]model)?\.(onnx|json)$/i, "")}.${layer}`));

export const probeCommand = command({
  usage: "probe <model> <images..>",
  describe: "measure the effective receptive field of a layer, without fitting it",
  positionals: modelAndImages,
  options: probingOptions,
  examples: [["erfit probe net.onnx photos/ --protocol signed", "writes erf.npy and how it was measured"]],
  async run(given, voice) {
    const shard = shardFrom(given, voice);
    const run = await probeRunFrom(given, voice);
    const folder = await writableFolder(resultFolder(given.out, run.model.file, run.layer.name));
    if (shard !== null) return runShard({ ...given, run: { ...run, shard }, folder }, voice);
    const { map, measurement } = await whileKeeping({ ...given, run, folder }, voice, measure);
    const files = await writeAll(folder, {
      "erf.npy": writeMap(map),
      "probe.json": `${JSON.stringify(measurement, null, 2)}\n`,
    });
    await removeFile(statePath(folder, null));
    const warnings = warningsText(measurement.warnings);
    voice.result(
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
