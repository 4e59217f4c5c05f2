import type { EvaluatedColumn } from "../../evaluate/design.ts";
import { type Estimate, type Evaluation, type Measure } from "../../evaluate/evaluation.ts";
import { metricsOf } from "../../evaluate/metrics.ts";
import type { Photograph } from "../../evaluate/photograph.ts";
import { csv, type Field } from "../table-text.ts";
import { paperTables, tableNames, tableRows } from "./tables.ts";

const partsOf = ({ column }: EvaluatedColumn): readonly Field[] => [
  column.method,
  column.upsampling.by,
  column.control,
];

const bounds = (estimate: Estimate | undefined): readonly Field[] =>
  estimate === undefined ? [null, null, null] : [estimate.value, ...estimate.interval];

/** A line a photograph, map and mask: all that the means are of. */
export function perImageCsv(
  photographs: readonly Photograph[],
  columns: readonly EvaluatedColumn[],
  className: (index: number) => string,
): string {
  const head = [
    "image",
    "class_index",
    "class",
    "predicted_index",
    "partner",
    "column",
    "method",
    "upsampling",
    "control",
    "masking",
    "fill",
    "kept",
    "Y_probability",
    "O_probability",
    "Y_logit",
    "O_logit",
    "deletion",
    "insertion",
  ];
  const lines = photographs.flatMap((photograph) => {
    const { image, classIndex, predicted, partner, logit, probability } = photograph;
    return photograph.masked.flatMap((row) => {
      const column = columns.find(({ key }) => key === row.column);
      if (column === undefined) return [];
      const borrowed = column.column.control === "other-image" ? partner : null;
      const area = (name: string) =>
        photograph.curves.find((curve) => curve.column === row.column && curve.test === name)?.area ?? null;
      return [
        [
          ...[image, classIndex, className(classIndex), predicted, borrowed, row.column],
          ...partsOf(column),
          ...row.test.split("."),
          ...[row.kept, probability, row.probability, logit, row.logit],
          ...[area("deletion"), area("insertion")],
        ],
      ];
    });
  });
  return csv([head, ...lines]);
}

/** The paper's tables, a line a row; a row that stands in two tables has two lines. */
export function tablesCsv(
  evaluation: Evaluation,
  columns: readonly EvaluatedColumn[],
  fills: readonly string[],
  papers: boolean,
): string {
  const names: readonly Measure[] = metricsOf(evaluation.confidence);
  const head = [
    ...["table", "masking", "fill", "column", "method", "upsampling", "control"],
    ...names.flatMap((name) => [name, `${name}_low`, `${name}_high`]),
    ...["kept", "paper_drop", "paper_increase"],
  ];
  const lines = fills.flatMap((fill) =>
    tableNames.flatMap((table) =>
      tableRows(table, evaluation, columns, fill, papers).map(({ column, row, printed }) => [
        ...[table, paperTables[table].masking, fill, column.key],
        ...partsOf(column),
        ...names.flatMap((name) => bounds(row.measures[name])),
        ...[row.kept, printed?.drop ?? null, printed?.increase ?? null],
      ]),
    ),
  );
  return csv([head, ...lines]);
}

/** Every pair of rows of every test. */
export const differencesCsv = ({ differences }: Evaluation): string =>
  csv([
    ["test", "measure", "a", "b", "a_less_b", "low", "high", "separated"],
    ...differences.map(({ test, measure, a, b, value, interval, separated }) => [
      ...[test, measure, a, b, value],
      ...interval,
      String(separated),
    ]),
  ]);
