import { basename } from "node:path";
import { provenance } from "../calibration/record.ts";
import { command, modelAndImages } from "./command.ts";
import { outOption, restartOption, resultFolder } from "./files-options.ts";
import { withProgress } from "./progress.ts";
import { counted, prose, short } from "./text.ts";
import { optionText } from "../core/error.ts";
import { keysOf } from "../core/required.ts";
import { writableFolder, writeAll } from "../io/files.ts";
import { interruptible } from "../io/interruption.ts";
import { withRunStore } from "../io/run-store.ts";
import { colorScales } from "../report/color.ts";
import { overlayStyle } from "../report/overlay.ts";
import { camOptions, camRun, unread } from "../tasks/cam/cam.ts";
import { writings, writingsFrom, writeSheet } from "../tasks/cam/files.ts";
import { type FolderOutcome, explainFolder, journalPath } from "../tasks/cam/folder.ts";
import { camRecord } from "../tasks/cam/record.ts";
import { remarksOn } from "../tasks/cam/remarks.ts";
import { flag, oneOf, option, several, wholeNumber, type CheckedOptions } from "../tasks/option.ts";
import { colorMapSchema, drawingOptions, figureOutput } from "../tasks/options/figures.ts";
import { calibrationName } from "../tasks/options/gaussian.ts";
import { openModelWith, openOptions } from "../tasks/options/model.ts";

/** Images that are named on the terminal; all of them are in cam.json. */
const mostLines = 20;

/** What a run came to, for the terminal. */
export function outcomeText({ images, skipped, resumed }: FolderOutcome, remarks: readonly string[]): string {
  const lines = images.flatMap(({ image, classes }) =>
    classes.map(
      ({ class: name, score, probability }) =>
        `${image}: ${name}, score ${short(score, 4)}${probability === null ? "" : `, probability ${short(probability, 4)}`}`,
    ),
  );
  const omitted = lines.length - mostLines;
  return [
    ...lines.slice(0, mostLines),
    ...(omitted > 0 ? [`and ${counted(omitted, "more map")} in cam.json`] : []),
    ...skipped.slice(0, mostLines).map(({ name, reason }) => `skipped ${name}: ${reason}`),
    ...(skipped.length > mostLines ? [`and ${skipped.length - mostLines} more skipped, in cam.json`] : []),
    ...(resumed > 0 ? [`${counted(resumed, "photograph")} of these were done before`] : []),
    ...remarks.map((remark) => prose(remark)),
  ].join("\n");
}

export const camFiles = {
  ...outOption("outputs/<model>.<layer>.cam"),
  write: several(oneOf([...keysOf(writings), "none"]), {
    group: "output",
    default: keysOf(writings),
    describe: `what to write of each photograph: ${keysOf(writings)
      .map((kind) => `${kind} (${writings[kind].what})`)
      .join(", ")}`,
  }),
  sheet: option(flag, {
    group: "output",
    default: false,
    describe: "also one sheet of photographs and methods",
  }),
  sheetRows: option(wholeNumber(1), {
    group: "output",
    default: 12,
    describe: "rows of the sheet at most; the photographs after them are not on it",
  }),
  colorScale: option(oneOf(keysOf(colorScales)), {
    group: "output",
    default: "own",
    describe: "which maps of the sheet share the values at the ends of their colors",
  }),
  ...drawingOptions,
  colorMap: option(colorMapSchema, {
    group: "output",
    default: overlayStyle.colorMap,
    describe: "colors of the sheet's maps",
  }),
  ...restartOption,
} as const;

/** @throws ErfitError for options of a sheet without one */
export function refuseUnreadFiles({ sheet, ...options }: CheckedOptions<typeof camFiles>): void {
  if (sheet) return;
  for (const key of ["sheetRows", "colorScale", "format", "width", "fontSize", "colorMap"] as const)
    if (options[key] !== camFiles[key].default) throw unread(key, optionText("sheet"));
}

export const camCommand = command({
  usage: "cam <model> <photographs..>",
  describe: "class activation maps: Extended-CAM, Grad-CAM and eleven others, by any upsampling",
  positionals: modelAndImages,
  options: { ...camOptions, ...camFiles, ...openOptions },
  examples: [
    ["erfit cam net.onnx cat.jpg -c calibration.json", "Extended-CAM, sprayed as the fitted Gaussian"],
    [
      "erfit cam net.onnx photos/ -m grad-cam grad-cam++ extended -c calibration.json --sheet",
      "methods side by side",
    ],
    [
      "erfit cam net.onnx photos/ -m grad-cam:bilinear extended:gaussian -c calibration.json --class top3",
      "the three most probable classes, each method by an upsampling of its own",
    ],
  ],
  async run({ model: path, photographs: inputs, quiet, out, sheet: wanted, ...options }, reporter) {
    refuseUnreadFiles({ sheet: wanted, out, ...options });
    const kinds = writingsFrom(options.write);
    const run = await camRun(options, await openModelWith(path, options), inputs.map(String), reporter);
    const { model, layer, columns } = run;
    const { leastSheetWidth } = await import("../report/sheet/sheet.ts");
    const output = figureOutput(options, leastSheetWidth(columns.length));
    const folder = await writableFolder(resultFolder(out, model.file, `${layer.label}.cam`));
    const destination = { folder, kinds, sheetRows: wanted ? options.sheetRows : 0 };
    const place = { path: journalPath(folder), restart: options.restart, note: reporter.info };
    const outcome = await withRunStore(place, (store) =>
      interruptible((interruption) =>
        withProgress("drawing", quiet, (update) =>
          explainFolder(run, destination, store, { update, interruption, info: reporter.info }),
        ),
      ),
    );
    const { images, skipped, sheet } = outcome;
    const sheetFiles =
      sheet.rows.length === 0
        ? []
        : await writeSheet(
            folder,
            `${model.file}, ${layer.label}`,
            columns,
            sheet.rows,
            options.colorScale,
            output,
          );
    const { classes, score } = run;
    const remarks = remarksOn({ layer: layer.label, columns, images, classes, score });
    const record = {
      ...camRecord(run),
      calibration: calibrationName(options.calibration),
      images,
      skipped,
      sheet: { rows: sheet.rows.length, files: sheetFiles },
      remarks,
      provenance: provenance(model.network.engine),
    };
    await writeAll(folder, { "cam.json": `${JSON.stringify(record, null, 2)}\n` });
    await outcome.finish();
    if (sheet.rows.length > 0 && sheet.of > sheet.rows.length)
      reporter.info(
        `the sheet shows ${sheet.rows.length} of ${sheet.of} rows; ${optionText("sheetRows")} sets how many`,
      );
    reporter.result(
      `${outcomeText(outcome, remarks)}\n-> ${folder}: cam.json${sheetFiles.map((path) => `, ${basename(path)}`).join("")}`,
      { folder, ...record },
    );
  },
});
