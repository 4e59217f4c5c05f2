import { columnKey, columnTitle, type CamColumn } from "../../src/cam/columns.ts";
import type { ControlName } from "../../src/cam/controls.ts";
import type { CamMethodName } from "../../src/cam/methods.ts";
import type { Upsampling } from "../../src/cam/upsamplers.ts";
import type { EvaluatedColumn } from "../../src/evaluate/design.ts";
import { evaluationOf, type Evaluation } from "../../src/evaluate/evaluation.ts";
import type { Findings } from "../../src/evaluate/findings.ts";
import type { MaskingName } from "../../src/evaluate/maskings.ts";
import type { Photograph } from "../../src/evaluate/photograph.ts";
import { random } from "../../src/core/random.ts";

const axis = { cell: 7, center: 119.5, stride: 16 };
const gaussian: Upsampling = {
  by: "gaussian",
  sigmaX: 32,
  sigmaY: 33,
  position: "paper",
  normalize: false,
  anchor: { x: axis, y: axis },
};

/** A column as the command makes it. */
export function column(
  method: CamMethodName,
  by: "bilinear" | "gaussian",
  control: ControlName | null = null,
): EvaluatedColumn {
  const made: CamColumn = {
    method,
    control,
    upsampling: by === "gaussian" ? gaussian : { by },
    rectify: method !== "extended",
  };
  return { key: columnKey(made), title: columnTitle(made), column: made, curves: [] };
}

/** What a row of a made-up table holds: each photograph's O, where every Y is 0.8. */
export interface MadeUp {
  readonly column: EvaluatedColumn;
  readonly test: string;
  readonly O: readonly number[];
  readonly kept?: number;
}

const wholeY = 0.8;

/** Photographs as they would have been measured for the rows. */
export const photographsOf = (rows: readonly MadeUp[]): readonly Photograph[] =>
  (rows[0]?.O ?? []).map((_, k) => ({
    image: `${k}.jpg`,
    classIndex: 1,
    predicted: 1,
    logit: 2,
    probability: wholeY,
    partner: null,
    masked: rows.map(({ column: { key }, test, O, kept = 0.5 }) => ({
      column: key,
      test,
      logit: O[k] ?? NaN,
      probability: O[k] ?? NaN,
      kept,
    })),
    curves: [],
    likeness: [],
  }));

export const resampling = { resamples: 400, seed: 1 };

export const evaluated = (rows: readonly MadeUp[]): Evaluation =>
  evaluationOf(photographsOf(rows), new Set(rows.map((row) => row.column.key)), "probability", resampling);

/** O of so many photographs whose Drop is that many percent on average, each a little different. */
export function dropping(percent: number, photographs = 60, seed = 0): readonly number[] {
  const next = random(seed + Math.round(1000 * percent));
  return Array.from({ length: photographs }, () => wholeY * (1 - (percent + 4 * (next() - 0.5)) / 100));
}

export function findingsOf(rows: readonly MadeUp[], keep = 0.5): Findings {
  const columns = [...new Map(rows.map((row) => [row.column.key, row.column])).values()];
  const masking = (test: string): MaskingName => (test.startsWith("full") ? "full" : "relative");
  return {
    evaluation: evaluated(rows),
    keep,
    methods: columns.filter((one) => one.column.control === null),
    controls: columns.filter((one) => one.column.control !== null),
    tests: [...new Set(rows.map(({ test }) => test))].map((name) => ({ name, masking: masking(name) })),
  };
}
