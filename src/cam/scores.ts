import type { ScoreScale as ObjectiveScale } from "../autodiff/objective.ts";
import type { ProbabilityRule } from "../runtime/network.ts";
import { ErfitError } from "../core/error.ts";
import { sigmoid, softmax } from "../core/scores.ts";

/** What a map explains: the class's logit, or its probability. */
export type ScoreScale = "logit" | "probability";

type Scores = Float32Array | Float64Array;

const at = (scores: Scores, index: number): number => scores[index] ?? NaN;

/** The probability of a class, from the scores of all classes, and what is differentiated where it is explained. */
const rules: Readonly<
  Record<
    ProbabilityRule,
    { readonly of: (scores: Scores, index: number) => number; readonly objective: ObjectiveScale } | null
  >
> = {
  softmax: { of: (scores, index) => at(softmax(scores), index), objective: "softmax" },
  sigmoid: { of: (scores, index) => sigmoid(at(scores, index)), objective: "sigmoid" },
  identity: { of: at, objective: "score" },
  none: null,
};

/** The class's probability; null where scores have none. */
export const probabilityAt = (scores: Scores, index: number, rule: ProbabilityRule): number | null =>
  rules[rule]?.of(scores, index) ?? null;

/** The class's score. */
export const scoreAt = (scores: Scores, index: number, scale: ScoreScale, rule: ProbabilityRule): number =>
  scale === "logit" ? at(scores, index) : (probabilityAt(scores, index, rule) ?? NaN);

/** A scale of scores as an objective has it. @throws ErfitError where a probability is asked for and there is none */
export function objectiveScale(scale: ScoreScale, rule: ProbabilityRule): ObjectiveScale {
  if (scale === "logit") return "score";
  const known = rules[rule];
  if (known !== null) return known.objective;
  throw new ErfitError("the scores are read as they are, and have no probability that could be explained", {
    remedy: "explain the logit, or read the scores through a softmax or a sigmoid",
  });
}
