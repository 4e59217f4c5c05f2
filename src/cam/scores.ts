import type { ScoreScale as ObjectiveScale } from "../autodiff/objective.ts";
import type { ProbabilityRule } from "../runtime/network.ts";
import { ErfitError } from "../core/error.ts";

/** What a map explains: the class's logit, or its probability. */
export type ScoreScale = "logit" | "probability";

/** Softmax of the scores, in float64. */
export function softmax(scores: Float32Array | Float64Array): Float64Array {
  let top = -Infinity;
  for (const score of scores) top = Math.max(top, score);
  const powers = Float64Array.from(scores, (score) => Math.exp(score - top));
  const total = powers.reduce((sum, power) => sum + power, 0);
  return powers.map((power) => power / total);
}

type Scores = Float32Array | Float64Array;

const sigmoid = (score: number): number => 1 / (1 + Math.exp(-score));

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

/** Index of the largest score; the first of them on a tie, as the graph chooses it. */
export function largest(scores: Float32Array): number {
  let best = 0;
  scores.forEach((score, index) => {
    if (score > (scores[best] ?? -Infinity)) best = index;
  });
  return best;
}
