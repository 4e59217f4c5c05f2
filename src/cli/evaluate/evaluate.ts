import { basename } from "node:path";
import { chosenPreprocessing, classifier, openSubject } from "../../calibration/subject.ts";
import { evaluatedColumns, type Design } from "../../evaluate/design.ts";
import { conclusionOf } from "../../evaluate/readings.ts";
import type { EvaluationRun } from "../../evaluate/run.ts";
import { chosenImages } from "../../api/images.ts";
import { isAssumed } from "../../input/resolve.ts";
import { ErfitError } from "../../core/error.ts";
import { sizeOf } from "../../core/tensor.ts";
import { camOptionsFrom } from "../cam/options.ts";
import { command } from "../command.ts";
import { evaluateOptions } from "./options.ts";
import { readLabels } from "../../api/labels.ts";
import { evaluationFiles, resultOf, type EvaluatedRun } from "./files.ts";
import { journalPath, measureFolder } from "./run.ts";
import { sweepFor } from "./sweep.ts";
import { evaluationText } from "./text.ts";
import { writableFolder, writeAll } from "../../io/files.ts";
import { interruptible } from "../interruption.ts";
import { whileLocked } from "../../io/lock.ts";
import { modelAndImages, openOptionsFrom, overridesFrom, wholeNumber } from "../options.ts";
import { camLayerFrom } from "../layer.ts";
import { resultFolder } from "../probe/probe.ts";
import { withProgress } from "../progress.ts";
import { noteOutput, noteProbability } from "../scores.ts";
import { gaussianFrom } from "../sigma.ts";

/** Percent to keep, as a share. */
function keepFrom(percent: number): number {
  if (percent > 0 && percent < 100) return percent / 100;
  throw new ErfitError(`--keep ${percent}: expected a percentage between 0 and 100`);
}

const unique = <T>(items: readonly T[]): readonly T[] => [...new Set(items)];

export const evaluateCommand = command({
  usage: "evaluate <model> <images..>",
  describe: "how well maps explain: Average Drop, % Increase and Gain of masked photographs, beside controls",
  positionals: modelAndImages,
  options: evaluateOptions,
  examples: [
    [
      "erfit evaluate net.onnx val/ -c calibration.json",
      "the paper's methods, bilinear and Gaussian, full and relative masking, with controls",
    ],
    [
      "erfit evaluate net.onnx val/ -c calibration.json --sigma-sweep 0.5x:2x:0.25x",
      "is the calibrated sigma the best?",
    ],
    [
      "erfit evaluate net.onnx val/ -m score-cam extended -u bilinear --labels truth.csv --fill black mean blur",
      "other methods, the true classes, three fills",
    ],
  ],
  async run(given, voice) {
    const limit = given.limit === undefined ? Infinity : wholeNumber("limit", given.limit, 1);
    const shuffle = given.shuffle === undefined ? undefined : wholeNumber("shuffle", given.shuffle, 0);
    const sources = await chosenImages(given.images.map(String), { limit, shuffle });
    const cam = camOptionsFrom(given);
    const subject = classifier(await openSubject(given.model, openOptionsFrom(given)), given.scoreFrom);
    subject.network.remarks.forEach(voice.note);
    noteOutput(subject, voice);
    noteProbability(subject, voice);
    const layer = camLayerFrom(given, subject, voice);
    const gaussian = await gaussianFrom(given, subject, layer);
    const columns = evaluatedColumns(given, gaussian);
    const sweep = sweepFor(given.sigmaSweep, gaussian);
    const added =
      sweep === null ? [] : sweep.columns.filter(({ key }) => !columns.some((one) => one.key === key));
    const design: Design = {
      columns: [...columns, ...added],
      maskings: unique(given.masking),
      fills: unique(given.fill),
      keep: keepFrom(given.keep),
      steps: wholeNumber("steps", given.steps, 1),
      resembles: sweep?.gradCam ?? null,
      cam,
    };
    const run: EvaluationRun = {
      network: subject.network,
      layer,
      preprocessing: chosenPreprocessing(subject, given.preprocessing, overridesFrom(given)),
      sources,
      labels:
        given.labels === undefined
          ? null
          : await readLabels(given.labels, sources, subject.classNames, sizeOf(subject.network.logits.shape)),
      score: given.score,
      confidence: given.confidence,
      design,
      seed: cam.seed,
    };
    voice.note(
      `${subject.file}: layer "${layer.name}", ${sources.length} images, ${columns.map(({ title }) => title).join("; ")}`,
    );
    if (isAssumed(run.preprocessing)) voice.note(`preprocessing is ${run.preprocessing.source}`);
    if (gaussian === undefined)
      voice.note("no calibration and no --sigma given: nothing is upsampled as a Gaussian");

    const folder = await writableFolder(resultFolder(given.out, subject.file, `${layer.name}.evaluation`));
    const kept = { folder, restart: given.restart };
    const measured = await whileLocked(journalPath(folder), voice.note, () =>
      interruptible((interruption) =>
        withProgress("evaluating", given.quiet, (update) =>
          measureFolder(run, subject.sha256, kept, update, interruption),
        ),
      ),
    );
    const resampling = { resamples: wholeNumber("resamples", given.resamples, 1), seed: cam.seed };
    const { evaluation, tests, reading } = conclusionOf(run, columns, measured.photographs, resampling);
    const evaluated: EvaluatedRun = {
      subject,
      run,
      columns,
      measured,
      evaluation,
      tests: tests.map(({ name }) => name),
      curves: unique(given.curve ?? []),
      resampling,
      reading,
      sweep: sweep?.of(measured.photographs, given.confidence, resampling) ?? null,
      calibration: given.calibration ?? null,
    };
    const files = await writeAll(folder, evaluationFiles(evaluated));
    await measured.finish();
    voice.result(
      `${evaluationText(evaluated)}\n-> ${folder}: ${files.map((path) => basename(path)).join(", ")}`,
      { ...resultOf(evaluated), files },
    );
  },
});
