import { columnTitle } from "../../cam/columns.ts";
import type { EvaluatedColumn } from "../../evaluate/design.ts";
import { measures, type Estimate, type Evaluation, type Measure } from "../../evaluate/evaluation.ts";
import { metricsOf, curves, type CurveName } from "../../evaluate/metrics.ts";
import type { Answer } from "../../evaluate/sigma-claims.ts";
import { markdownDocument, markdownTable } from "../table-text.ts";
import { paperTables, tableNames, tableRows, testRows, type TableRow } from "./tables.ts";

/** What a report of an evaluation tells. */
export interface EvaluationReport {
  readonly title: string;
  /** How it was measured, a line each. */
  readonly setUp: readonly string[];
  readonly evaluation: Evaluation;
  readonly columns: readonly EvaluatedColumn[];
  /** Tests in the order of the tables. */
  readonly maskedTests: readonly string[];
  readonly fills: readonly string[];
  readonly curves: readonly CurveName[];
  /** Whether the paper's numbers may stand beside these. */
  readonly papers: boolean;
  readonly reading: readonly string[];
  readonly answers: readonly Answer[];
  readonly figure: string | null;
}

/** The report as Markdown: what it means, the paper's tables, every row, and the differences from the lowest. */
export const evaluationMarkdown = (report: EvaluationReport): string =>
  markdownDocument(
    [
      `# ${report.title}`,
      report.setUp.map((line) => `- ${line}`).join("\n"),
      ...report.reading,
      ...sweepSection(report),
      "Means over photographs with 95 % bootstrap intervals; the paper's numbers, where there are any, are of other photographs and weights. “Kept” is the mean of the masks.",
      ...report.fills.flatMap((fill) => tableNames.flatMap((name) => paperTable(report, name, fill))),
      ...report.maskedTests.flatMap((test) => wholeTest(report, test)),
      ...curvesTable(report),
    ].filter((part) => part !== ""),
  );

const sweepSection = ({ answers, figure }: EvaluationReport): readonly string[] =>
  answers.length === 0
    ? []
    : [
        "## What sigma does",
        ...(figure === null ? [] : [`![metrics against sigma](${figure})`]),
        answers.map(({ claim, verdict, words }) => `- “${claim}”: **${verdict}**. ${words}.`).join("\n"),
      ];

const shown = (estimate: Estimate | undefined, digits = 1): string => {
  if (estimate === undefined) return "";
  const { value, interval } = estimate;
  return `${value.toFixed(digits)} [${interval.map((end) => end.toFixed(digits)).join(", ")}]`;
};

const printed = ({ printed: numbers }: TableRow): string =>
  numbers === null ? "" : `${numbers.drop.toFixed(2)} / ${numbers.increase.toFixed(2)}`;

const anyPrinted = (rows: readonly TableRow[]): boolean => rows.some((row) => row.printed !== null);

function paperTable(
  report: EvaluationReport,
  name: (typeof tableNames)[number],
  fill: string,
): readonly string[] {
  const { evaluation, columns, papers, fills } = report;
  const rows = tableRows(name, evaluation, columns, fill, papers);
  if (rows.length === 0) return [];
  const { title, crossed } = paperTables[name];
  const heading = `## Table ${name}: ${title}${fills.length > 1 ? `, ${fill} fill` : ""}`;
  return [heading, markdownTable(crossed ? crossedRows(rows) : plainRows(report, rows))];
}

function plainRows({ evaluation: { confidence } }: EvaluationReport, rows: readonly TableRow[]) {
  const names: readonly Measure[] = metricsOf(confidence);
  const withPaper = anyPrinted(rows);
  return [
    ["map", ...names.map((name) => measures[name].title), "kept", ...(withPaper ? [paperHeading] : [])],
    ...rows.map((row) => [
      row.column.title,
      ...names.map((name) => shown(row.row.measures[name])),
      row.row.kept?.toFixed(2) ?? "",
      ...(withPaper ? [printed(row)] : []),
    ]),
  ];
}

const paperHeading = "paper: Drop / Increase";

/** Upsamplings beside one another: a row is what they have in common. */
function crossedRows(rows: readonly TableRow[]) {
  const nameOf = ({ column: { column } }: TableRow) =>
    columnTitle({ ...column, upsampling: { by: "bilinear" } }).replace(/, bilinear$/, "");
  const upsamplings = [...new Set(rows.map(({ column }) => column.column.upsampling.by))];
  const withPaper = anyPrinted(rows);
  return [
    [
      "map",
      ...upsamplings.flatMap((by) => [
        `${by}: ${measures.drop.title}`,
        `${by}: ${measures.increase.title}`,
        ...(withPaper ? [`${by}, ${paperHeading}`] : []),
      ]),
    ],
    ...[...new Set(rows.map(nameOf))].map((name) => [
      name,
      ...upsamplings.flatMap((by) => {
        const row = rows.find((one) => nameOf(one) === name && one.column.column.upsampling.by === by);
        return [
          shown(row?.row.measures.drop),
          shown(row?.row.measures.increase),
          ...(withPaper ? [row === undefined ? "" : printed(row)] : []),
        ];
      }),
    ]),
  ];
}

/** Every row of a test, and its paired difference from the method with the lowest Drop. */
function wholeTest(report: EvaluationReport, test: string): readonly string[] {
  const { evaluation, columns, papers } = report;
  const rows = testRows(evaluation, columns, test, papers);
  const [lowest] = rows
    .filter(({ column }) => column.column.control === null)
    .toSorted((a, b) => dropOf(a) - dropOf(b));
  const [head = [], ...body] = plainRows(report, rows);
  const less = `Drop less that of ${lowest?.column.title ?? "the lowest"}`;
  return [
    `## All rows: ${test.replace(".", " masking, ")} fill`,
    markdownTable([
      [...head, less],
      ...body.map((line, k) => [...line, lessLowest(evaluation, test, rows[k], lowest)]),
    ]),
  ];
}

const dropOf = ({ row }: TableRow): number => row.measures.drop?.value ?? Number.NaN;

function lessLowest(
  { differences }: Evaluation,
  test: string,
  one: TableRow | undefined,
  lowest: TableRow | undefined,
): string {
  const [a, b] = [one?.column.key, lowest?.column.key];
  const found = differences.find(
    (each) =>
      each.test === test &&
      each.measure === "drop" &&
      ((each.a === a && each.b === b) || (each.a === b && each.b === a)),
  );
  if (found === undefined) return a === b ? "the lowest" : "";
  const [low, high] = found.interval;
  const turned: Estimate = found.a === a ? found : { value: -found.value, interval: [-high, -low] };
  return `${shown(turned)}${found.separated ? "" : " not separated"}`;
}

function curvesTable({ evaluation, columns, curves: names }: EvaluationReport): readonly string[] {
  if (names.length === 0) return [];
  const of = (key: string, name: CurveName) =>
    evaluation.rows.find(({ column, test }) => column === key && test === name)?.measures[name];
  return [
    "## Deletion and insertion",
    markdownTable([
      ["map", ...names.map((name) => `${curves[name].title} (${curves[name].better} is better)`)],
      ...columns.map(({ key, title }) => [title, ...names.map((name) => shown(of(key, name), 3))]),
    ]),
  ];
}
