import { classIndexOf } from "../cam/classes.ts";
import { openExplainer } from "../cam/explain.ts";
import { camMethods } from "../cam/methods.ts";
import { cellPositions } from "../cam/positions.ts";
import { upsamplers } from "../cam/upsamplers.ts";
import { chosenLayer, chosenPreprocessing, openSubject } from "../calibration/subject.ts";
import { viewsOf } from "../image/crops.ts";
import { encodePng } from "../image/decode.ts";
import { listImages } from "../image/listing.ts";
import { isAssumed } from "../image/resolve.ts";
import { loadViews } from "../image/stream.ts";
import { ErfitError } from "../math/error.ts";
import { writeMap } from "../math/npy.ts";
import type { SheetRow } from "../report/sheet.ts";
import { columnTitle, drawCam, gaussianFrom, upsamplingFor, type CamColumn } from "./cam-columns.ts";
import { sheetRow, writeSheet } from "./cam-sheet.ts";
import { command } from "./command.ts";
import { fileName, writeAll } from "./files.ts";
import {
  keysOf,
  layerOptions,
  modelOptions,
  openOptionsFrom,
  overridesFrom,
  preprocessingOptions,
} from "./options.ts";
import { createProgress } from "./progress.ts";
import { short } from "./text.ts";
import { printable } from "./voice.ts";

/** Image names without their extension; where two images would share a name, the extension stays. */
function stems(names: readonly string[]): readonly string[] {
  const bare = names.map((name) => fileName(name.replace(/\.[^./\\]+$/, "")));
  const uses = new Map<string, number>();
  for (const stem of bare) uses.set(stem, (uses.get(stem) ?? 0) + 1);
  return bare.map((stem, k) => (uses.get(stem) === 1 ? stem : fileName(names[k] ?? stem)));
}

const className = (index: number, names: readonly string[] | undefined): string =>
  names?.[index] ?? `class ${index}`;

export const camCommand = command({
  usage: "cam <model> <images..>",
  describe: "class activation maps: Extended-CAM, Grad-CAM, Grad-CAM++",
  positionals: {
    model: { type: "string", demandOption: true, describe: "ONNX file" },
    images: {
      type: "string",
      array: true,
      demandOption: true,
      describe: "folders, globs, list files (.txt), photographs, tensors (.npy)",
    },
  },
  options: {
    calibration: { type: "string", alias: "c", describe: "calibration.json of this model and layer" },
    "any-calibration": {
      type: "boolean",
      default: false,
      describe: "use a calibration of another model or layer",
    },
    method: {
      choices: keysOf(camMethods),
      array: true,
      default: ["extended"] as const,
      alias: "m",
      describe: "method, or several",
    },
    upsampling: { choices: keysOf(upsamplers), alias: "u", describe: "how the grid becomes pixels" },
    position: {
      choices: keysOf(cellPositions),
      default: "paper" as const,
      describe: "where Gaussian upsampling puts the cells",
    },
    "normalise-kernel": {
      type: "boolean",
      default: false,
      describe: "divide Gaussian upsampling by its kernel sum",
    },
    class: { type: "string", describe: "class to explain, by index or label [the predicted one]" },
    sheet: { type: "boolean", default: false, describe: "also one sheet with all images and methods" },
    out: { type: "string", default: "outputs/cam", describe: "folder for the maps and overlays" },
    ...layerOptions,
    ...preprocessingOptions,
    ...modelOptions,
  },
  examples: [
    ["erfit cam net.onnx cat.jpg -c calibration.json", "Extended-CAM, sprayed as the fitted Gaussian"],
    [
      "erfit cam net.onnx photos/ -m grad-cam grad-cam++ extended -c calibration.json --sheet",
      "methods side by side",
    ],
  ],
  async run(given, voice) {
    const sources = await listImages(given.images.map(String));
    const subject = await openSubject(given.model, openOptionsFrom(given));
    const { network, classNames } = subject;
    const layer = chosenLayer(subject, given.layer);
    const gaussian = await gaussianFrom(given, subject, layer);
    const methods = [...new Set(given.method)];
    const columns = methods.map((method): CamColumn => ({
      method,
      upsampling: upsamplingFor(method, given.upsampling, gaussian),
    }));
    const preprocessing = chosenPreprocessing(subject, given.preprocessing, overridesFrom(given));
    voice.note(`${subject.file}: layer "${layer.name}", ${columns.map(columnTitle).join("; ")}`);
    if (isAssumed(preprocessing)) voice.note(`preprocessing is ${preprocessing.source}`);
    if (gaussian === undefined && methods.includes("extended") && given.upsampling === undefined) {
      voice.note("no calibration given: Extended-CAM is upsampled bilinearly, not as the paper has it");
    }

    const explainer = await openExplainer(
      network,
      layer,
      given.class === undefined ? undefined : classIndexOf(given.class, classNames),
    );
    const { height, width, layout } = network.input;
    const names = stems(sources.map(({ name }) => name));
    const progress = createProgress("drawing", given.quiet);
    const rows: SheetRow[] = [];
    const results: {
      image: string;
      classIndex: number;
      class: string;
      score: number;
      probability: number;
      files: readonly string[];
    }[] = [];
    const skipped: { name: string; reason: string }[] = [];
    let done = 0;
    try {
      for await (const { view, input, problem } of loadViews(viewsOf(sources, 1), preprocessing, layout)) {
        const stem = names[done] ?? fileName(view.name);
        progress.update(++done, sources.length, printable(view.name));
        if (input === null) {
          skipped.push({ name: view.name, reason: problem ?? "it could not be read" });
          continue;
        }
        const explanation = await explainer.explain(input.tensor);
        const label = className(explanation.classIndex, classNames);
        const cams = columns.map((column) => drawCam(column, explanation, [height, width]));
        const row = sheetRow(view.name, label, explanation.probability, input, cams);
        const files: Record<string, Uint8Array> = {};
        for (const [k, { column, grid, map }] of cams.entries()) {
          files[`${stem}.${column.method}.npy`] = writeMap(map);
          files[`${stem}.${column.method}.grid.npy`] = writeMap(grid);
          const drawn = row?.overlays[k];
          if (drawn !== undefined)
            files[`${stem}.${column.method}.png`] = await encodePng(drawn.data, drawn.width, drawn.height);
        }
        results.push({
          image: view.name,
          classIndex: explanation.classIndex,
          class: label,
          score: explanation.score,
          probability: explanation.probability,
          files: await writeAll(given.out, files),
        });
        if (given.sheet && row !== null) rows.push(row);
      }
    } finally {
      progress.stop();
      await explainer.release();
    }
    const [firstSkipped] = skipped;
    if (results.length === 0 && firstSkipped !== undefined) {
      throw new ErfitError(
        `none of the ${sources.length} images could be used; the first: ${firstSkipped.reason}`,
      );
    }
    const sheet =
      rows.length === 0 ? [] : await writeSheet(given.out, `${subject.file}, ${layer.name}`, columns, rows);
    voice.result(
      [
        ...results.map(
          ({ image, class: name, score, probability }) =>
            `${image}: ${name}, output ${short(score, 4)}, softmax ${short(probability, 4)}`,
        ),
        ...skipped.map(({ name, reason }) => `skipped ${name}: ${reason}`),
        `-> ${given.out}${sheet.length > 0 ? `, ${sheet.join(", ")}` : ""}`,
      ].join("\n"),
      { layer: layer.name, methods, images: results, skipped, sheet },
    );
  },
});
