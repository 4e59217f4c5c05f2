import { copiesIn, copiesText } from "../input/duplicates.ts";
import type { Resampling } from "./bootstrap.ts";
import { maskingTest, type EvaluatedColumn, type TestName } from "./design.ts";
import { evaluationOf, type Evaluation } from "./evaluation.ts";
import type { MaskingName } from "./maskings.ts";
import type { Photograph } from "./photograph.ts";
import { readingOf } from "./readings.ts";
import type { EvaluationRun } from "./run.ts";

/** What the measured photographs say. */
export interface Conclusion {
  readonly evaluation: Evaluation;
  /** Maskings by fills, in the tables' order. */
  readonly tests: readonly { readonly name: TestName; readonly masking: MaskingName }[];
  /** The result in words, a paragraph each. */
  readonly reading: readonly string[];
}

/** @param columns those that the tables are of: a sweep's are measured beside them */
export function conclusionOf(
  { design, confidence, sources }: Pick<EvaluationRun, "design" | "confidence" | "sources">,
  columns: readonly EvaluatedColumn[],
  photographs: readonly Photograph[],
  resampling: Resampling,
): Conclusion {
  const keys = new Set(columns.map(({ key }) => key));
  const evaluation = evaluationOf(photographs, keys, confidence, resampling);
  const tests = design.maskings.flatMap((masking) =>
    design.fills.map((fill) => ({ name: maskingTest(masking, fill), masking })),
  );
  const reading = readingOf({
    evaluation,
    keep: design.keep,
    methods: columns.filter(({ column }) => column.control === null),
    controls: columns.filter(({ column }) => column.control !== null),
    tests,
  });
  const copies = copiesIn(sources);
  return { evaluation, tests, reading: copies.count === 0 ? reading : [copiesText(copies), ...reading] };
}
