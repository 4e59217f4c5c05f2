import { basename } from "node:path";
import { command, modelAndImages } from "./command.ts";
import { outOption, restartOption, resultFolder } from "./files-options.ts";
import { withProgress } from "./progress.ts";
import { counted, prose, table } from "./text.ts";
import { measures, type Estimate, type Measure } from "../evaluate/evaluation.ts";
import { metricsOf } from "../evaluate/metrics.ts";
import { writableFolder, writeAll } from "../io/files.ts";
import { optionText } from "../core/error.ts";
import { keysOf } from "../core/required.ts";
import { interruptible } from "../io/interruption.ts";
import { withRunStore } from "../io/run-store.ts";
import { testRows } from "../report/evaluation/tables.ts";
import { unread } from "../tasks/cam/cam.ts";
import type { CheckedOptions } from "../tasks/option.ts";
import { concluded, evaluateOptions, evaluationPlan } from "../tasks/evaluate/evaluate.ts";
import { type EvaluatedRun, evaluationFiles, resultOf } from "../tasks/evaluate/files.ts";
import { journalPath, measureFolder } from "../tasks/evaluate/folder.ts";
import { calibrationName } from "../tasks/options/gaussian.ts";
import { drawingOptions, figureOutput, titleOption } from "../tasks/options/figures.ts";
import { openModelWith, openOptions } from "../tasks/options/model.ts";

const shown = (estimate: Estimate | undefined): string =>
  estimate === undefined
    ? ""
    : `${estimate.value.toFixed(1)} [${estimate.interval.map((end) => end.toFixed(1)).join(", ")}]`;

/** The result as people read it on a terminal: a table for each test, and what they mean. */
export function evaluationText({
  evaluation,
  columns,
  tests,
  measured,
  reading,
  sweep,
  curves,
}: EvaluatedRun): string {
  const names: readonly Measure[] = metricsOf(evaluation.confidence);
  const { skipped, resumed } = measured;
  const tables = tests.map((test) =>
    table(
      [
        [test.replace(".", " masking, "), ...names.map((name) => measures[name].title), "kept"],
        ...testRows(evaluation, columns, test, false).map(({ column, row }) => [
          column.title,
          ...names.map((name) => shown(row.measures[name])),
          row.kept?.toFixed(2) ?? "",
        ]),
      ],
      [1, 2, 3, 4],
    ),
  );
  const areas = curves.map((curve) =>
    table(
      [
        [curve, measures[curve].title],
        ...evaluation.rows
          .filter(({ test }) => test === curve)
          .map(({ column, measures: found }) => [
            columns.find(({ key }) => key === column)?.title ?? column,
            found[curve]?.value.toFixed(3) ?? "",
          ]),
      ],
      [1],
    ),
  );
  return [
    `${counted(evaluation.photographs, "photograph")}; means with 95 % intervals over photographs`,
    ...tables,
    ...areas,
    ...reading.map((paragraph) => prose(paragraph)),
    ...(sweep?.answers ?? []).map(({ claim, verdict, words }) => prose(`“${claim}”: ${verdict}. ${words}.`)),
    [
      ...skipped.map(({ image, skipped: reason }) => `skipped ${image}: ${reason}`),
      ...(resumed > 0 ? [`${counted(resumed, "photograph")} of these were measured before`] : []),
    ].join("\n"),
  ]
    .filter((part) => part !== "")
    .join("\n\n");
}

const drawing = { ...drawingOptions, ...titleOption };

/** @throws ErfitError for options of a figure without one */
function refuseUnreadDrawing(
  options: CheckedOptions<typeof drawing> & { readonly sigmaSweep?: unknown },
): void {
  if (options.sigmaSweep !== undefined) return;
  for (const key of keysOf(drawing))
    if (options[key] !== drawing[key].default) throw unread(key, optionText("sigmaSweep"));
}

export const evaluateCommand = command({
  usage: "evaluate <model> <photographs..>",
  describe: "how well maps explain: Average Drop, % Increase and Gain of masked photographs, beside controls",
  positionals: modelAndImages,
  options: {
    ...evaluateOptions,
    ...drawing,
    ...outOption("outputs/<model>.<layer>.evaluation"),
    ...restartOption,
    ...openOptions,
  },
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
  async run({ model: path, photographs, quiet, out, restart, ...options }, reporter) {
    refuseUnreadDrawing(options);
    const output = figureOutput(options);
    const opened = await openModelWith(path, options);
    const plan = await evaluationPlan(options, opened, photographs.map(String), reporter);
    const { model, run } = plan;
    const folder = await writableFolder(resultFolder(out, model.file, `${run.layer.label}.evaluation`));
    const place = { path: journalPath(folder), restart, note: reporter.info };
    const measured = await withRunStore(place, (store) =>
      interruptible((interruption) =>
        withProgress("evaluating", quiet, (update) =>
          measureFolder(run, model.sha256, store, { update, interruption, info: reporter.info }),
        ),
      ),
    );
    const { tests, ...conclusion } = concluded(plan, measured.photographs);
    const evaluated: EvaluatedRun = {
      ...plan,
      ...conclusion,
      measured,
      tests: tests.map(({ name }) => name),
      calibration: calibrationName(options.calibration),
    };
    const files = await writeAll(folder, await evaluationFiles(evaluated, output));
    await measured.finish();
    reporter.result(
      `${evaluationText(evaluated)}\n-> ${folder}: ${files.map((path) => basename(path)).join(", ")}`,
      { ...resultOf(evaluated), files },
    );
  },
});
