import { measures, type Estimate, type Measure } from "../../evaluate/evaluation.ts";
import { metricsOf } from "../../evaluate/metrics.ts";
import { testRows } from "../../report/evaluation/tables.ts";
import type { EvaluatedRun } from "./files.ts";
import { counted, prose, table } from "../text.ts";

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
