import type { EvaluatedColumn } from "./design.ts";
import type { Difference, Estimate, Evaluation, Measure } from "./evaluation.ts";
import type { MaskingName } from "./maskings.ts";

/** An evaluation as one asks it queries; every answer is about Average Drop, where less is better. */
export interface Findings {
  readonly evaluation: Evaluation;
  /** Share of the pixels that relative masking keeps. */
  readonly keep: number;
  /** Columns without a control, and with one. */
  readonly methods: readonly EvaluatedColumn[];
  readonly controls: readonly EvaluatedColumn[];
  /** Tests by masking, in the tables' order. */
  readonly tests: readonly { readonly name: string; readonly masking: MaskingName }[];
}

const measure: Measure = "drop";

export function dropOf({ evaluation }: Findings, test: string, { key }: EvaluatedColumn): Estimate {
  const row = evaluation.rows.find((one) => one.test === test && one.column === key);
  return row?.measures[measure] ?? { value: Number.NaN, interval: [Number.NaN, Number.NaN] };
}

/** Drop of `a` less that of `b`, photograph by photograph: below 0 where `a` is better. */
export function differenceOf(
  { evaluation }: Findings,
  test: string,
  { key: a }: EvaluatedColumn,
  { key: b }: EvaluatedColumn,
): Difference | null {
  const found = evaluation.differences.find(
    (one) =>
      one.test === test &&
      one.measure === measure &&
      ((one.a === a && one.b === b) || (one.a === b && one.b === a)),
  );
  if (found === undefined) return null;
  return found.a === a ? found : reversed(found);
}

const reversed = (difference: Difference): Difference => {
  const [low, high] = difference.interval;
  const { a, b, value } = difference;
  return { ...difference, a: b, b: a, value: -value, interval: [-high, -low] };
};

/** Whether `a` drops less than `b`, and the interval of the difference leaves out zero. */
export function beats(findings: Findings, test: string, a: EvaluatedColumn, b: EvaluatedColumn): boolean {
  const difference = differenceOf(findings, test, a, b);
  return difference !== null && difference.separated && difference.value < 0;
}

/** The method with the lowest Drop, and the methods that its interval does not tell it from. */
export function lowestOf(
  findings: Findings,
  test: string,
): { readonly lowest: EvaluatedColumn; readonly alike: readonly EvaluatedColumn[] } | null {
  const drop = (column: EvaluatedColumn) => dropOf(findings, test, column).value;
  const [lowest, ...others] = findings.methods.toSorted((a, b) => drop(a) - drop(b));
  if (lowest === undefined) return null;
  return { lowest, alike: others.filter((other) => !beats(findings, test, lowest, other)) };
}

/** The controls that are drawn as the column is: what its content must beat. */
export const controlsLike = (
  { controls }: Findings,
  { column }: EvaluatedColumn,
): readonly EvaluatedColumn[] =>
  controls.filter((control) => control.column.upsampling.by === column.upsampling.by);
