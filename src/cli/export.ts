import { dirname } from "node:path";
import { writableFolder, writeWhole } from "../io/files.ts";
import { exportCamOptions, exportedCam } from "../tasks/export/cam.ts";
import { exportedErf, exportErfOptions } from "../tasks/export/erf.ts";
import { exportedFile, type ExportedGraph } from "../tasks/export/file.ts";
import { modelOptions, openModelWith, openOptions } from "../tasks/options/model.ts";
import { command, modelPositional } from "./command.ts";
import { outOption, outputs, resultFolder } from "./files-options.ts";
import type { Reporter } from "./reporter.ts";
import type { Command } from "./usage-errors.ts";

const onnxFile = "ONNX file to write";

/** A folder that the file can be written to is made before the work, not after it. */
async function exporting(
  given: string | undefined,
  reporter: Reporter,
  work: () => Promise<ExportedGraph>,
): Promise<void> {
  await writableFolder(given === undefined ? outputs : dirname(given));
  const exported = await work();
  const out = resultFolder(given, exported.model.file, `${exported.name}.onnx`);
  const { bytes, signature } = exportedFile(exported);
  await writeWhole(out, bytes);
  const { what, facts, warnings } = exported;
  reporter.result(`${what}\n${signature}\n-> ${out}`, {
    ...facts,
    warnings,
    signature,
    bytes: bytes.length,
    out,
  });
}

export const exportCamCommand = command({
  usage: "cam <model>",
  describe: "one ONNX file from image to logits, class index, grid and class activation map",
  positionals: modelPositional,
  options: {
    ...exportCamOptions,
    ...outOption("outputs/<model>.<layer>.<method>.onnx", onnxFile),
    ...openOptions,
  },
  examples: [
    ["erfit export cam net.onnx -c calibration.json", "image in; logits, class, grid and Extended-CAM out"],
    ["erfit export cam net.onnx --method grad-cam --class 281", "Grad-CAM of class 281"],
  ],
  run: ({ model, out, ...options }, reporter) =>
    exporting(out, reporter, async () => exportedCam(options, await openModelWith(model, options), reporter)),
});

export const exportErfCommand = command({
  usage: "erf <model>",
  describe: "one ONNX file from image to its share of the effective receptive field",
  positionals: modelPositional,
  options: {
    ...exportErfOptions,
    ...outOption("outputs/<model>.<layer>.erf.onnx", onnxFile),
    ...modelOptions,
  },
  examples: [["erfit export erf net.onnx --layer layer4", "image in, map of the central cell out"]],
  run: ({ model, out, ...options }, reporter) =>
    exporting(out, reporter, async () => exportedErf(options, await openModelWith(model, options), reporter)),
});

/** `erfit export cam`, `erfit export erf`: what erfit computes as ONNX files that need no erfit. */
export const exportCommand: Command = {
  subcommands: { cam: exportCamCommand, erf: exportErfCommand },
  command: "export",
  describe: "write a CAM or an ERF as one ONNX file, for any ONNX Runtime",
  builder: (yargs) =>
    yargs.command([exportCamCommand, exportErfCommand]).demandCommand(1, "name what to export: cam or erf"),
  handler: () => undefined,
};
