import { basename, dirname, join, resolve } from "node:path";
import {
  comparisonCsv,
  comparisonLatex,
  comparisonMarkdown,
  testsCsv,
  testsLatex,
} from "../report/comparison/files.ts";
import { comparisonFigure } from "../report/comparison/figure.ts";
import {
  type Comparison,
  growthWords,
  sigmaRows,
  testRows,
  testWords,
  warningLines,
  type Rows,
} from "../report/comparison/tables.ts";
import { growthFigure } from "../report/comparison/growth-figure.ts";
import { pngOf } from "../report/png.ts";
import { compared, compareOptions } from "../tasks/compare.ts";
import { oneOf, option } from "../tasks/option.ts";
import { figureOptions, outOption, outputs } from "./files-options.ts";
import { command } from "./command.ts";
import { fileName, writableFolder, writeAll } from "../io/files.ts";
import { prose, table } from "./text.ts";

/** All columns are numbers but the first and the warnings. */
const numbers = (rows: Rows): string =>
  table(
    rows,
    rows[0]?.flatMap((head, column) => (column === 0 || head === "warnings" ? [] : [column])),
  );

const textOf = (comparison: Comparison): string =>
  [
    ...comparison.remarks.map((remark) => prose(`warning: ${remark}`, "  ")),
    numbers(sigmaRows(comparison.compared)),
    ...warningLines(comparison.compared).map((line) => prose(`warning ${line}`, "  ")),
    "",
    numbers(testRows(comparison.tests)),
    ...testWords(comparison).map((line) => prose(line, "  ")),
    ...growthWords(comparison).map((line) => prose(line, "  ")),
  ].join("\n");

/** What a program reads: NaN is null in JSON. */
const documentOf = ({ compared, tests, growth, remarks }: Comparison) => ({
  format: "erfit-comparison",
  version: 1,
  remarks,
  calibrations: compared.map(({ label, path, calibration, fit }) => ({
    label,
    path,
    model: calibration.model,
    layer: calibration.layer,
    protocol: calibration.protocol,
    photographs: calibration.images.photographs,
    sigmaX: fit.sigmaX,
    sigmaY: fit.sigmaY,
    rSquared: fit.rSquared,
    intervalSource: fit.intervalSource,
    warnings: calibration.warnings,
  })),
  tests: tests.map(({ first, second, ...test }) => ({ first: first.label, second: second.label, ...test })),
  growth,
});

/** Named in the folder's name; of more the number. */
const mostNamed = 3;

/** Where a comparison goes by default: named after the folders of what is compared. */
function folderFor(calibrations: readonly string[]): string {
  const names = calibrations.map((path) => {
    const folder = resolve(path.replace(/[/\\]?calibration\.json$/, "") || ".");
    return basename(folder);
  });
  const named =
    names.length > mostNamed
      ? [...names.slice(0, mostNamed - 1), `${names.length - mostNamed + 1} more`]
      : names;
  return join(outputs, fileName(`${named.join("+").replaceAll(" ", "-")}.comparison`));
}

export const compareCommand = command({
  usage: "compare <calibrations..>",
  describe: "effective receptive fields side by side: maps on one scale, sigmas, a test of their differences",
  positionals: {
    calibrations: {
      type: "string",
      array: true,
      demandOption: true,
      describe: "folders of `erfit calibrate` (of one layer, or of several), or their calibration.json",
    },
  },
  options: {
    ...compareOptions,
    colors: option(oneOf(["own", "shared"]), {
      group: "output",
      default: "own",
      describe: "own: each map's colors end at its greatest value; shared: equal colors are equal values",
    }),
    ...figureOptions,
    ...outOption("outputs/<calibrations>.comparison"),
  },
  examples: [
    ["erfit compare outputs/resnet50.relu outputs/convnext.last", "two models"],
    [
      "erfit compare outputs/*/ --labels resnet50.relu=ResNet-50,convnext.last=ConvNeXt-T",
      "called by names of your own, in whatever order the shell lists the folders",
    ],
    [
      "erfit compare outputs/resnet50.layers",
      "the layers of `erfit calibrate --layer a,b,c`: growth with depth",
    ],
  ],
  async run({ calibrations, out, colors, figureScale, ...options }, reporter) {
    const { comparison, erfs } = await compared(options, calibrations.map(String));
    if (options.labels !== undefined)
      reporter.info(
        `labels: ${comparison.compared.map(({ label, path }) => `${dirname(path)} = ${label}`).join(", ")}`,
      );
    const folder = await writableFolder(out ?? folderFor(calibrations.map(String)));
    const { svg } = await comparisonFigure({ erfs, scale: figureScale, sharedColors: colors === "shared" });
    const growth =
      comparison.growth &&
      growthFigure(`${erfs[0]?.calibration.model.file ?? ""}: growth`, comparison.growth);
    const files = await writeAll(folder, {
      "compare.json": `${JSON.stringify(documentOf(comparison), null, 2)}\n`,
      "compare.csv": comparisonCsv(comparison),
      "tests.csv": testsCsv(comparison),
      "compare.md": comparisonMarkdown(comparison),
      "compare.tex": comparisonLatex(comparison),
      "tests.tex": testsLatex(comparison),
      "compare.svg": svg,
      "compare.png": pngOf(svg),
      ...(growth && { "growth.svg": growth.svg, "growth.png": pngOf(growth.svg) }),
    });
    reporter.result(
      `${textOf(comparison)}\n\n-> ${folder}: ${files.map((path) => basename(path)).join(", ")}`,
      {
        ...documentOf(comparison),
        files,
      },
    );
  },
});
