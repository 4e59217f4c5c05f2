import { layerIdentity, modelRecord, provenance, scoresRecord } from "../../calibration/record.ts";
import type { LoadedModel } from "../../calibration/loaded-model.ts";
import type { Resampling } from "../../evaluate/bootstrap.ts";
import type { CurveName } from "../../evaluate/metrics.ts";
import type { EvaluatedColumn } from "../../evaluate/design.ts";
import type { Evaluation } from "../../evaluate/evaluation.ts";
import type { EvaluationRun } from "../../evaluate/run.ts";
import type { Answer } from "../../evaluate/sigma-claims.ts";
import type { SigmaSweep } from "../../evaluate/sigma-sweep.ts";
import type { Warning } from "../../fit/result.ts";
import { copiesIn } from "../../input/duplicates.ts";
import { differencesCsv, perImageCsv, tablesCsv } from "../../report/evaluation/csv.ts";
import { evaluationMarkdown } from "../../report/evaluation/markdown.ts";
import { isPapersSetUp, paperTables, tableNames, tableRows } from "../../report/evaluation/tables.ts";
import {
  figureFiles,
  figureFormats,
  type FigureFormat,
  type FigureOutput,
} from "../../report/figure-files.ts";
import { sigmaSweepFigure } from "../../report/evaluation/sigma-sweep-figure.ts";
import type { Measured } from "./folder.ts";

/** A finished evaluation, with all that its files tell. */
export interface EvaluatedRun {
  readonly model: LoadedModel;
  readonly run: EvaluationRun;
  /** The columns of the tables; a sweep's are not among them. */
  readonly columns: readonly EvaluatedColumn[];
  readonly measured: Measured;
  readonly evaluation: Evaluation;
  readonly tests: readonly string[];
  readonly curves: readonly CurveName[];
  readonly resampling: Resampling;
  readonly reading: readonly string[];
  readonly sweep: { readonly sweep: SigmaSweep; readonly answers: readonly Answer[] } | null;
  readonly calibration: string | null;
  readonly warnings: readonly Warning[];
}

const isPapers = ({ model, run }: EvaluatedRun): boolean =>
  isPapersSetUp({
    model: model.file,
    layer: run.layer.shape,
    input: model.network.input.shape,
    keep: run.design.keep,
    labeled: run.labels !== null,
    confidence: run.confidence,
  });

const titleOf = ({ model, run }: EvaluatedRun): string => `Evaluation of ${model.file}, ${run.layer.label}`;

/** How it was measured, for people. */
function setUpOf(evaluated: EvaluatedRun): readonly string[] {
  const { model, run, evaluation, measured, resampling, columns, warnings } = evaluated;
  const { design } = run;
  const gaussian = columns.map(({ column }) => column.upsampling).find(({ by }) => by === "gaussian");
  return [
    `${evaluation.photographs} photographs${measured.skipped.length > 0 ? `, ${measured.skipped.length} skipped` : ""}; seed ${run.seed}`,
    `the ${run.labels === null ? "predicted" : "labeled"} class is explained, by its ${run.score}; Y and O are its ${run.confidence}${run.confidence === "probability" && model.network.probability !== "softmax" ? ` (${model.network.probability})` : ""}`,
    `relative masking keeps ${100 * design.keep} % of the pixels; fill: ${design.fills.join(", ")}`,
    ...(gaussian?.by === "gaussian"
      ? [
          `Gaussian upsampling: sigma_X ${gaussian.sigmaX}, sigma_Y ${gaussian.sigmaY} pixels, position ${gaussian.position}, ${gaussian.normalize ? "normalized" : "not normalized"}`,
        ]
      : []),
    `${resampling.resamples} bootstrap samples of the photographs, percentile intervals`,
    ...warnings.map(({ code, message }) => `warning ${code}: ${message}`),
  ];
}

/** The document: how it was measured, the paper's tables, every row and difference, and what they mean. */
export function resultOf(evaluated: EvaluatedRun): Readonly<Record<string, unknown>> {
  const { model, run, columns, measured, evaluation, resampling, reading, sweep, calibration } = evaluated;
  const papers = isPapers(evaluated);
  const { design } = run;
  const tables = design.fills.flatMap((fill) =>
    tableNames.map((table) => ({
      table,
      title: paperTables[table].title,
      fill,
      rows: tableRows(table, evaluation, columns, fill, papers).map(({ row, printed }) => ({
        ...row,
        paper: printed,
      })),
    })),
  );
  return {
    format: "erfit-evaluation",
    version: 1,
    model: modelRecord(model),
    layer: layerIdentity(run.layer),
    calibration,
    photographs: evaluation.photographs,
    copies: copiesIn(run.sources),
    skipped: measured.skipped,
    target: run.labels === null ? "predicted" : "labeled",
    classNames: model.classNamesFrom,
    score: run.score,
    scores: scoresRecord(model),
    confidence: run.confidence,
    keep: design.keep,
    fills: design.fills,
    steps: design.steps,
    seed: run.seed,
    resampling,
    options: design.cam,
    preprocessing: run.preprocessing,
    columns: columns.map(({ key, title, column }) => ({ key, title, ...column })),
    warnings: evaluated.warnings,
    reading,
    tables: tables.filter(({ rows }) => rows.length > 0),
    rows: evaluation.rows,
    differences: evaluation.differences,
    withoutConfidence: evaluation.withoutConfidence,
    sigmaSweep: sweep === null ? null : { ...sweep.sweep, answers: sweep.answers },
    provenance: provenance(model.network.engine),
  };
}

/** What a page in Markdown shows of these: a browser draws no PDF within it. */
const shownFormat = (formats: readonly FigureFormat[]): FigureFormat =>
  figureFormats.find((format) => formats.includes(format)) ?? "svg";

/** The files by name. */
export async function evaluationFiles(
  evaluated: EvaluatedRun,
  output: FigureOutput,
): Promise<Record<string, Uint8Array | string>> {
  const { model, run, columns, measured, evaluation, tests, curves, reading, sweep } = evaluated;
  const papers = isPapers(evaluated);
  const { fills } = run.design;
  const figure = sweep === null ? null : sigmaSweepFigure(titleOf(evaluated), sweep.sweep, output.style).svg;
  const className = (index: number) => model.classNames?.[index] ?? `class ${index}`;
  return {
    "evaluation.md": evaluationMarkdown({
      title: titleOf(evaluated),
      setUp: setUpOf(evaluated),
      evaluation,
      columns,
      maskedTests: tests,
      fills,
      curves,
      papers,
      reading,
      answers: sweep?.answers ?? [],
      figure: figure === null ? null : `sigma-sweep.${shownFormat(output.formats)}`,
    }),
    "evaluation.json": `${JSON.stringify(resultOf(evaluated), null, 2)}\n`,
    "tables.csv": tablesCsv(evaluation, columns, fills, papers),
    "differences.csv": differencesCsv(evaluation),
    "per-image.csv": perImageCsv(measured.photographs, run.design.columns, className),
    ...(figure === null ? {} : await figureFiles("sigma-sweep", figure, output)),
  };
}
