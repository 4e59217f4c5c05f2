import { join, relative } from "node:path";
import { calibrate } from "../calibration/calibrate.ts";
import { fitFor, type UsableFit } from "../calibration/read.ts";
import type { Calibration } from "../calibration/schema.ts";
import { calibrationFiles } from "../tasks/calibrate/files.ts";
import { writeSheet } from "../tasks/cam/files.ts";
import { command } from "./command.ts";
import { defaultStyle } from "../report/figure-style.ts";
import { overlayStyle } from "../report/overlay.ts";
import { writableFolder, writeAll } from "../io/files.ts";
import { summaryText } from "./fit-text.ts";
import { demoColumns, demoRows, demoRun, published } from "../tasks/demo.ts";
import { outWithDefault } from "./files-options.ts";
import { whileProbing } from "./probe.ts";
import { table } from "./text.ts";
import type { Reporter } from "./reporter.ts";

function besideTable1(fit: UsableFit, { images }: Calibration): string {
  const interval = ([low, high]: readonly [number, number]) => `${low.toFixed(1)} … ${high.toFixed(1)}`;
  const rows = published.map(({ what, sigmaX, sigmaY, rSquared }) => [
    what,
    String(sigmaX),
    "",
    String(sigmaY),
    "",
    String(rSquared),
  ]);
  const here = [
    `here, ${images.photographs} photographs x ${images.cropsPerPhotograph} crops`,
    fit.sigmaX.value.toFixed(4),
    interval(fit.sigmaX.interval95),
    fit.sigmaY.value.toFixed(4),
    interval(fit.sigmaY.interval95),
    fit.rSquared.toFixed(4),
  ];
  return [
    table(
      [["VGG-16, block5_conv3", "sigma_X", "95 %", "sigma_Y", "95 %", "R²"], ...rows, here],
      [1, 2, 3, 4, 5],
    ),
    `${images.photographs} photographs are very few: the interval says how little they pin sigma down. erfit over 125 ImageNet photographs gives 31.99, 32.40, R² 0.957.`,
  ].join("\n");
}

/** Figures as they are without options. */
const plainOutput = { style: defaultStyle, formats: ["svg", "png"] } as const;

async function runDemo(folder: string, quiet: boolean, reporter: Reporter): Promise<void> {
  reporter.info(
    "Calibrating the bundled VGG-16 (ImageNet convolutions, int8 weights) on the bundled photographs, as in Kim et al., Table 1.",
  );
  const run = await demoRun(reporter);
  await writableFolder(folder);
  const measured = await whileProbing(run, quiet, calibrate);
  const { calibration } = measured;
  const files = [
    ...(await writeAll(
      folder,
      await calibrationFiles(measured, { ...plainOutput, until: null, figureScale: "linear" }),
    )),
  ];
  const calibrationPath = join(folder, "calibration.json");
  const text = [summaryText(calibration)];
  if (calibration.fit !== null) {
    const { fit } = fitFor(calibration, calibrationPath, run);
    const columns = demoColumns(fit, calibration);
    files.push(
      ...(await writeSheet(
        folder,
        `${calibration.model.file}, ${calibration.layer.label}`,
        columns,
        await demoRows(run, columns),
        "own",
        { ...plainOutput, style: { ...defaultStyle, colorMap: overlayStyle.colorMap } },
      )),
    );
    text.push("", besideTable1(fit, calibration));
  }
  const shown = (name: string) => relative("", join(folder, name)) || name;
  text.push(
    "",
    `Pictures: ${shown("erf.png")} (the effective receptive field and its fit), ${shown("sheet.png")} (Grad-CAM, Grad-CAM++, Extended-CAM).`,
    `Calibration: ${shown("calibration.json")}. Next: erfit calibrate YOUR.onnx YOUR-PHOTOGRAPHS`,
  );
  reporter.result(text.join("\n"), { ...calibration, files });
}

export const demoCommand = command({
  usage: "demo",
  describe: "calibrate the bundled sample on the bundled photographs and draw Extended-CAM",
  positionals: {},
  options: outWithDefault("outputs/demo"),
  run: ({ out, quiet }, reporter) => runDemo(out, quiet, reporter),
});
