import { classIndexOf } from "../cam/classes.ts";
import { camMethods } from "../cam/methods.ts";
import { cellPositions } from "../cam/positions.ts";
import { upsamplers } from "../cam/upsamplers.ts";
import { noImageUsed } from "../calibration/calibrate.ts";
import { chosenLayer, chosenPreprocessing, openSubject } from "../calibration/subject.ts";
import { encodePng } from "../image/decode.ts";
import { listImages } from "../image/listing.ts";
import { isAssumed } from "../image/resolve.ts";
import { writeMap } from "../math/npy.ts";
import { keysOf } from "../math/records.ts";
import type { SheetRow } from "../report/sheet.ts";
import { columnTitle, gaussianFrom, upsamplingFor, type CamColumn } from "./cam-columns.ts";
import { explainAll, type ExplainedImage, type SkippedImage } from "./cam-run.ts";
import { sheetRow, writeSheet } from "./cam-sheet.ts";
import { command } from "./command.ts";
import { fileName, writableFolder, writeAll } from "./files.ts";
import {
  gridFrom,
  layerOptions,
  modelAndImages,
  modelOptions,
  openOptionsFrom,
  overridesFrom,
  preprocessingOptions,
} from "./options.ts";
import { withProgress } from "./progress.ts";
import { short } from "./text.ts";

/** Image names without their extension; where two would be alike the extension stays, and then a number is added. */
function stems(names: readonly string[]): readonly string[] {
  const bare = (name: string) => fileName(name.replace(/\.[^./\\]+$/, ""));
  const uses = new Map<string, number>();
  for (const name of names) uses.set(bare(name), (uses.get(bare(name)) ?? 0) + 1);
  const taken = new Set<string>();
  return names.map((name, k) => {
    const choices = [...(uses.get(bare(name)) === 1 ? [bare(name)] : []), fileName(name)];
    const stem = choices.find((choice) => !taken.has(choice)) ?? `${fileName(name)}-${k + 1}`;
    taken.add(stem);
    return stem;
  });
}

/** What the command says of one image. */
interface CamResult {
  readonly image: string;
  readonly classIndex: number;
  readonly class: string;
  readonly score: number;
  readonly probability: number;
  readonly files: readonly string[];
}

const resultOf = ({ name, className, explanation }: ExplainedImage, files: readonly string[]): CamResult => ({
  image: name,
  classIndex: explanation.classIndex,
  class: className,
  score: explanation.score,
  probability: explanation.probability,
  files,
});

/** Maps, grids and, for a photograph, overlays. */
async function camFiles(stem: string, { cams }: ExplainedImage, row: SheetRow | null) {
  const files: Record<string, Uint8Array> = {};
  for (const [k, { column, grid, map }] of cams.entries()) {
    const base = `${stem}.${column.method}`;
    files[`${base}.npy`] = writeMap(map);
    files[`${base}.grid.npy`] = writeMap(grid);
    const drawn = row?.overlays[k];
    if (drawn !== undefined) files[`${base}.png`] = await encodePng(drawn.data, drawn.width, drawn.height);
  }
  return files;
}

export const camCommand = command({
  usage: "cam <model> <images..>",
  describe: "class activation maps: Extended-CAM, Grad-CAM, Grad-CAM++",
  positionals: modelAndImages,
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
    subject.network.remarks.forEach(voice.note);
    const layer = chosenLayer(subject, given.layer, gridFrom(given));
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

    await writableFolder(given.out);
    const names = stems(sources.map(({ name }) => name));
    const rows: SheetRow[] = [];
    const results: CamResult[] = [];
    const skipped: SkippedImage[] = [];
    const classIndex = given.class === undefined ? undefined : classIndexOf(given.class, subject.classNames);
    await withProgress("drawing", given.quiet, async (update) => {
      let done = 0;
      for await (const image of explainAll({ subject, layer, classIndex, columns, sources, preprocessing })) {
        const stem = names[done] ?? fileName(image.name);
        update(++done, sources.length, image.name);
        if ("reason" in image) {
          skipped.push(image);
          continue;
        }
        const row = sheetRow(image);
        if (given.sheet && row !== null) rows.push(row);
        results.push(resultOf(image, await writeAll(given.out, await camFiles(stem, image, row))));
      }
    });
    const [firstSkipped] = skipped;
    if (results.length === 0 && firstSkipped !== undefined) throw noImageUsed(sources.length, firstSkipped);
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
