import { columnTitle, columnsFrom } from "../../cam/columns.ts";
import { provenance } from "../../calibration/provenance.ts";
import { chosenPreprocessing, classifier, openSubject } from "../../calibration/subject.ts";
import { listImages } from "../../input/listing.ts";
import { isAssumed } from "../../input/resolve.ts";
import { classChoiceFrom } from "../../cam/class-choice.ts";
import { explainFolder, journalPath } from "./folder.ts";
import { camCommandOptions, camOptionsFrom, refuseUnread, writingsFrom } from "./options.ts";
import { camRecord } from "./record.ts";
import { remarksOn } from "./remarks.ts";
import type { CamRun } from "../../api/explain-all.ts";
import { writeSheet } from "./sheet.ts";
import { outcomeText } from "./text.ts";
import { command } from "../command.ts";
import { writableFolder, writeAll } from "../../io/files.ts";
import { interruptible } from "../interruption.ts";
import { whileLocked } from "../../io/lock.ts";
import { gaussianFrom } from "../sigma.ts";
import { modelAndImages, openOptionsFrom, overridesFrom, wholeNumber } from "../options.ts";
import { camLayerFrom } from "../layer.ts";
import { withProgress } from "../progress.ts";
import { noteOutput, noteProbability } from "../scores.ts";

export const camCommand = command({
  usage: "cam <model> <images..>",
  describe: "class activation maps: Extended-CAM, Grad-CAM and eleven others, by any upsampling",
  positionals: modelAndImages,
  options: camCommandOptions,
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
  async run(given, voice) {
    const sources = await listImages(given.images.map(String));
    const options = camOptionsFrom(given);
    const kinds = writingsFrom(given.write);
    const subject = classifier(await openSubject(given.model, openOptionsFrom(given)), given.scoreFrom);
    subject.network.remarks.forEach(voice.note);
    noteOutput(subject, voice);
    noteProbability(subject, voice);
    const layer = camLayerFrom(given, subject, voice);
    const gaussian = await gaussianFrom(given, subject, layer);
    const columns = columnsFrom(given, gaussian);
    refuseUnread(given, columns);
    const run: CamRun = {
      subject,
      layer,
      columns,
      classes: classChoiceFrom(given.class ?? [], subject.classNames, subject.network.logits),
      score: given.score,
      options,
      normalization: given.normalize,
      sources,
      preprocessing: chosenPreprocessing(subject, given.preprocessing, overridesFrom(given)),
    };
    voice.note(`${subject.file}: layer "${layer.name}", ${columns.map(columnTitle).join("; ")}`);
    if (isAssumed(run.preprocessing)) voice.note(`preprocessing is ${run.preprocessing.source}`);
    if (gaussian === undefined && given.method.includes("extended") && given.upsampling === undefined)
      voice.note("no calibration given: Extended-CAM is upsampled bilinearly, not as the paper has it");
    if (gaussian !== undefined && !columns.some(({ upsampling }) => upsampling.by === "gaussian"))
      voice.note(`${given.calibration ?? "the calibration"} is not used: no column has Gaussian upsampling`);

    const folder = await writableFolder(given.out);
    const rows = given.sheet ? wholeNumber("sheet-rows", given.sheetRows, 1) : 0;
    const destination = { folder, kinds, sheetRows: rows, restart: given.restart };
    const outcome = await whileLocked(journalPath(folder), voice.note, () =>
      interruptible((interruption) =>
        withProgress("drawing", given.quiet, (update) =>
          explainFolder(run, destination, update, interruption),
        ),
      ),
    );
    const { images, skipped, sheet } = outcome;
    const sheetFiles =
      sheet.rows.length === 0
        ? []
        : await writeSheet(folder, `${subject.file}, ${layer.name}`, columns, sheet.rows, given.colorScale);
    const remarks = remarksOn({
      layer: layer.name,
      columns,
      images,
      classes: run.classes,
      score: given.score,
    });
    const record = {
      ...camRecord(run),
      calibration: given.calibration ?? null,
      images,
      skipped,
      sheet: { rows: sheet.rows.length, files: sheetFiles },
      remarks,
      provenance: provenance(subject.network.engine),
    };
    await writeAll(folder, { "cam.json": `${JSON.stringify(record, null, 2)}\n` });
    await outcome.finish();
    if (sheet.rows.length > 0 && sheet.of > sheet.rows.length)
      voice.note(`the sheet shows ${sheet.rows.length} of ${sheet.of} rows; --sheet-rows asks for more`);
    voice.result(
      `${outcomeText(outcome, remarks)}\n-> ${folder}: cam.json${sheetFiles.length > 0 ? ", sheet.png, sheet.svg" : ""}`,
      {
        folder,
        ...record,
      },
    );
  },
});
