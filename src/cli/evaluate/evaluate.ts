import { basename } from "node:path";
import { writableFolder, writeAll } from "../../io/files.ts";
import { withRunStore } from "../../io/run-store.ts";
import { concluded, evaluateOptions, evaluationPlan } from "../../tasks/evaluate/evaluate.ts";
import { calibrationName } from "../../tasks/options/gaussian.ts";
import { openModelWith, openOptions } from "../../tasks/options/model.ts";
import { command, modelAndImages } from "../command.ts";
import { outOption, restartOption, resultFolder } from "../files-options.ts";
import { interruptible } from "../interruption.ts";
import { withProgress } from "../progress.ts";
import { evaluationFiles, resultOf, type EvaluatedRun } from "./files.ts";
import { journalPath, measureFolder } from "./run.ts";
import { evaluationText } from "./text.ts";

export const evaluateCommand = command({
  usage: "evaluate <model> <images..>",
  describe: "how well maps explain: Average Drop, % Increase and Gain of masked photographs, beside controls",
  positionals: modelAndImages,
  options: {
    ...evaluateOptions,
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
  async run({ model, images, quiet, out, restart, ...options }, reporter) {
    const opened = await openModelWith(model, options);
    const plan = await evaluationPlan(options, opened, images.map(String), reporter);
    const { subject, run } = plan;
    const folder = await writableFolder(resultFolder(out, subject.file, `${run.layer.name}.evaluation`));
    const place = { path: journalPath(folder), restart, note: reporter.info };
    const measured = await withRunStore(place, (store) =>
      interruptible((interruption) =>
        withProgress("evaluating", quiet, (update) =>
          measureFolder(run, subject.sha256, store, update, interruption),
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
    const files = await writeAll(folder, evaluationFiles(evaluated));
    await measured.finish();
    reporter.result(
      `${evaluationText(evaluated)}\n-> ${folder}: ${files.map((path) => basename(path)).join(", ")}`,
      { ...resultOf(evaluated), files },
    );
  },
});
