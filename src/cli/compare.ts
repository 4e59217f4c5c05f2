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
import { figureFiles } from "../report/figure-files.ts";
import { leastWidth } from "../report/figure-style.ts";
import { at } from "../core/required.ts";
import { compared, compareOptions, comparisonRecord } from "../tasks/compare.ts";
import { oneOf, option } from "../tasks/option.ts";
import { figureOptions } from "../tasks/options/figures.ts";
import { erfOutput } from "./figures.ts";
import { outOption, outputs } from "./files-options.ts";
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
  async run({ calibrations, out, colors, ...options }, reporter) {
    const output = erfOutput(options, leastWidth.comparedMaps);
    const { comparison, erfs } = await compared(options, calibrations.map(String));
    if (options.labels !== undefined)
      reporter.info(
        `labels: ${comparison.compared.map(({ label, path }) => `${dirname(path)} = ${label}`).join(", ")}`,
      );
    const folder = await writableFolder(out ?? folderFor(calibrations.map(String)));
    const { svg } = await comparisonFigure(
      { erfs, scale: output.figureScale, sharedColors: colors === "shared" },
      output.style,
    );
    const growth =
      comparison.growth &&
      !options.mapOnly &&
      growthFigure(`${at(erfs, 0).calibration.model.file}: growth`, comparison.growth, output.style);
    const files = await writeAll(folder, {
      "compare.json": `${JSON.stringify(comparisonRecord(comparison), null, 2)}\n`,
      "compare.csv": comparisonCsv(comparison),
      "tests.csv": testsCsv(comparison),
      "compare.md": comparisonMarkdown(comparison),
      "compare.tex": comparisonLatex(comparison),
      "tests.tex": testsLatex(comparison),
      ...(await figureFiles("compare", svg, output)),
      ...(growth && (await figureFiles("growth", growth.svg, output))),
    });
    reporter.result(
      `${textOf(comparison)}\n\n-> ${folder}: ${files.map((path) => basename(path)).join(", ")}`,
      {
        ...comparisonRecord(comparison),
        files,
      },
    );
  },
});
