import { axes, inputSide, sigmaNames } from "../../calibration/comparison/compared.ts";
import {
  type Comparison,
  growthWords,
  type Rows,
  sigmaRows,
  testRows,
  testWarnings,
  testWords,
  warningLines,
} from "./tables.ts";
import { latexTable, scientificP } from "../latex.ts";
import { csv, type Field, markdownDocument, markdownTable } from "../table-text.ts";

const number = (value: number): number | null => (Number.isFinite(value) ? value : null);

/** A line for each calibration: what a plot of one's own needs. */
export const comparisonCsv = ({ compared }: Comparison): string =>
  csv([
    [
      ...["label", "model", "layer", "protocol", "photographs", "input_width", "input_height"],
      ...["theoretical_width", "theoretical_height"],
      ...axes.flatMap((axis) => ["", "_low", "_high"].map((end) => `sigma_${axis}${end}`)),
      ...["r_squared", "interval_over", "warnings", "path"],
    ],
    ...compared.map(({ label, path, calibration, fit }): readonly Field[] => [
      label,
      calibration.model.file,
      calibration.layer.label,
      calibration.protocol,
      calibration.images.photographs,
      inputSide(calibration, "x"),
      inputSide(calibration, "y"),
      calibration.layer.receptiveField?.width ?? null,
      calibration.layer.receptiveField?.height ?? null,
      ...axes.flatMap((axis) => {
        const { value, interval95 } = fit[sigmaNames[axis]];
        return [value, ...interval95];
      }),
      fit.rSquared,
      fit.intervalSource,
      calibration.warnings.map(({ code }) => code).join(" "),
      path,
    ]),
  ]);

/** A line for each test of a difference. */
export const testsCsv = ({ tests }: Comparison): string =>
  csv([
    [
      ...["first", "second", "sigma", "unit", "method", "difference", "low", "high", "standard_error"],
      ...["degrees_of_freedom", "t", "p", "p_holm", "warnings"],
    ],
    ...tests.map((test): readonly Field[] => [
      test.first.label,
      test.second.label,
      test.axis,
      test.measure === "pixels" ? "px" : "share of the input",
      test.method,
      ...[test.difference, ...test.interval95, test.standardError].map(number),
      ...[test.degreesOfFreedom, test.t, test.p, test.adjustedP].map(number),
      testWarnings(test),
    ]),
  ]);

const list = (lines: readonly string[]): string => lines.map((line) => `- ${line}`).join("\n");

const intervalWords = "± and intervals: 95 % over photographs, by jackknife over blocks of them.";

/** The rows without the columns of these headings, whose content stands below the table or is the same in each row. */
function without(rows: Rows, headings: readonly string[]): Rows {
  const left = rows[0]?.map((heading) => headings.includes(heading)) ?? [];
  return rows.map((row) => row.filter((_, column) => left[column] !== true));
}

/** The sigmas as a table for a paper, warnings below it. */
export const comparisonLatex = ({ compared, remarks }: Comparison): string =>
  latexTable({
    rows: without(sigmaRows(compared), ["warnings"]),
    caption: "Effective receptive fields compared.",
    notes: [...remarks, intervalWords, ...warningLines(compared)],
  });

/** The tests of the differences as a table for a paper. */
export const testsLatex = (comparison: Comparison): string =>
  latexTable({
    rows: without(
      testRows(comparison.tests, scientificP),
      new Set(comparison.tests.map(({ method }) => method)).size === 1 ? ["test"] : [],
    ),
    caption: "Differences of sigma.",
    textColumns: ["", "test", "warnings"],
    notes: testWords(comparison),
  });

/** The comparison as Markdown, its pictures beside it. */
export const comparisonMarkdown = (comparison: Comparison): string =>
  markdownDocument([
    "# Effective receptive fields compared",
    ...comparison.remarks.map((remark) => `> **${remark}**`),
    "![the maps on one scale, and their profiles](compare.svg)",
    markdownTable(sigmaRows(comparison.compared)),
    intervalWords,
    ...(warningLines(comparison.compared).length > 0 ? [list(warningLines(comparison.compared))] : []),
    markdownTable(testRows(comparison.tests)),
    list(testWords(comparison)),
    ...(comparison.growth === null
      ? []
      : [
          "## Growth with depth",
          "![sigma against the theoretical field](growth.svg)",
          ...growthWords(comparison),
        ]),
  ]);
