import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import type { CamColumn } from "../cam/columns.ts";
import { defaultCamOptions } from "../cam/options.ts";
import { calibrate } from "../calibration/calibrate.ts";
import { fitFor, type UsableFit } from "../calibration/read.ts";
import { spreadOf } from "../calibration/gaussian.ts";
import { chosenPreprocessing } from "../calibration/loaded-model.ts";
import type { ProbeRun } from "../calibration/probe-run.ts";
import type { Calibration } from "../calibration/schema.ts";
import type { SheetRow } from "../report/sheet/sheet.ts";
import { calibrationFiles } from "./calibrate/files.ts";
import { explainAll } from "../tasks/cam/explain-all.ts";
import { sheetRows, writeSheet } from "./cam/sheet.ts";
import { command } from "./command.ts";
import { writableFolder, writeAll } from "../io/files.ts";
import { outcomeText } from "./fit/table.ts";
import { defaultsOf } from "../tasks/option.ts";
import { openModelWith, openOptions } from "../tasks/options/model.ts";
import { probeOptions, probeRun } from "../tasks/probe/probe.ts";
import { outWithDefault } from "./files-options.ts";
import { whileProbing } from "./probe/run.ts";
import { table } from "./text.ts";
import type { Reporter } from "./reporter.ts";

const bundled = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));

/** Views of each bundled photograph. */
const crops = 8;

/** Kim et al. 2023, Table 1, VGG-16; and its protocol run in PyTorch over 859 ImageNet photographs, float32 weights. */
const published = [
  { what: "paper, Table 1", sigmaX: 31.7797, sigmaY: 33.3606, rSquared: 0.9905 },
  {
    what: "same protocol, PyTorch, 859 ImageNet photographs",
    sigmaX: 31.759,
    sigmaY: 33.26,
    rSquared: 0.9923,
  },
] as const;

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

/** The three columns of the paper's figure 4. */
const columnsOf = (fit: UsableFit, { layer }: Calibration): readonly CamColumn[] => [
  { method: "grad-cam", control: null, upsampling: { by: "bilinear" }, rectify: true },
  { method: "grad-cam++", control: null, upsampling: { by: "bilinear" }, rectify: true },
  {
    method: "extended",
    control: null,
    upsampling: { by: "gaussian", ...spreadOf(fit, layer, "paper", false) },
    rectify: false,
  },
];

/** The photographs explained with the sample's own preprocessing, whatever they were probed with. */
async function rowsOf({ model: subject, layer, photographs }: ProbeRun, columns: readonly CamColumn[]) {
  const rows: SheetRow[] = [];
  const images = explainAll({
    subject,
    layer,
    classes: { given: [], top: 1 },
    score: "logit",
    columns,
    options: defaultCamOptions,
    normalization: "none",
    sources: photographs,
    preprocessing: chosenPreprocessing(subject, undefined, {}),
  });
  for await (const image of images) if (!("reason" in image)) rows.push(...sheetRows(image));
  return rows;
}

async function runDemo(folder: string, quiet: boolean, reporter: Reporter): Promise<void> {
  reporter.info(
    "Calibrating the bundled VGG-16 (ImageNet convolutions, int8 weights) on the bundled photographs, as in Kim et al., Table 1.",
  );
  const options = { ...defaultsOf(openOptions), preprocessing: "caffe" } as const;
  const model = await openModelWith(bundled("models/vgg16-sample.onnx"), options);
  const run = await probeRun({ ...defaultsOf(probeOptions), crops }, model, [bundled("photos")], reporter);
  await writableFolder(folder);
  const measured = await whileProbing(run, quiet, calibrate);
  const { calibration } = measured;
  const files = [...(await writeAll(folder, await calibrationFiles(measured)))];
  const calibrationPath = join(folder, "calibration.json");
  const text = [outcomeText(calibration, measured.map, calibration.images)];
  if (calibration.fit !== null) {
    const fit = fitFor(calibration, calibrationPath, run.model, run.layer);
    const columns = columnsOf(fit, calibration);
    files.push(
      ...(await writeSheet(
        folder,
        `${calibration.model.file}, ${calibration.layer.name}`,
        columns,
        await rowsOf(run, columns),
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
