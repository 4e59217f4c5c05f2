import { noImageUsed } from "../calibration/probing.ts";
import type { EvaluatedColumn } from "../evaluate/design.ts";
import type { Evaluation } from "../evaluate/evaluation.ts";
import type { Photograph } from "../evaluate/photograph.ts";
import { measureAll, type Skipped } from "../evaluate/run.ts";
import type { Answer } from "../evaluate/sigma-claims.ts";
import type { SigmaSweep } from "../evaluate/sigma-sweep.ts";
import type { Warning } from "../fit/result.ts";
import { concluded, evaluateOptions, evaluationPlan } from "../tasks/evaluate/evaluate.ts";
import type { CheckedOptions, GivenOptions } from "../tasks/option.ts";
import { modelRun, silent, type Abortable, type Images } from "./call.ts";
import type { Model, ModelHandle } from "./model.ts";
import type { Run } from "./run.ts";

/** Which maps are evaluated, and by which tests. */
export interface EvaluateOptions extends GivenOptions<typeof evaluateOptions>, Abortable {}

/** A photograph that is done. */
export interface EvaluateStep {
  /** Photographs that are done, of how many. */
  readonly done: number;
  readonly of: number;
  /** The one just done. */
  readonly image: string;
  /** Why it could not be used; null where it was. */
  readonly problem: string | null;
}

/** An evaluation, with what it was made of. */
export interface Evaluated {
  /** Means with 95 % intervals over photographs, and the paired differences of all rows. */
  readonly evaluation: Evaluation;
  /** What the numbers mean, written from them: a paragraph for each test, and one for the whole. */
  readonly reading: readonly string[];
  /** The kinds of maps, by the keys that the rows name. */
  readonly columns: readonly Pick<EvaluatedColumn, "key" | "title">[];
  /** Each photograph's confidences. */
  readonly photographs: readonly Photograph[];
  /** Extended-CAM by other sigmas, and what they answer; null without `sigmaSweep`. */
  readonly sigmaSweep: (SigmaSweep & { readonly answers: readonly Answer[] }) | null;
  /** What to know of the Gaussian's sigma: `OTHER_PREPROCESSING`, `OTHER_CALIBRATION`, `SIGMA_BELOW_STRIDE`. */
  readonly warnings: readonly Warning[];
  /** Those that could not be used. */
  readonly skipped: readonly { readonly image: string; readonly problem: string }[];
}

/**
 * How well maps explain: the confidence in the explained class once a photograph is masked by its map, as Average Drop, % Increase
 * and Average Gain, in percent, and as areas under deletion and insertion curves. Intervals are over photographs, by bootstrap;
 * differences are paired. The controls say what a merely smooth map would score.
 *
 * Source: Chattopadhay et al. 2018 (full masking), Kim et al. 2021 (relative masking), Petsiuk et al. 2018 (curves);
 * `docs/evaluate.md` for what the numbers can claim.
 *
 * @returns a run: `await` it for the evaluation, loop over it for one step a photograph
 * @throws ErfitError at once for wrong arguments; when used, where the layer, a label or the images are not there, where the
 * calibration is of another model, layer or preprocessing, or where not one photograph could be used
 * @example
 * ```ts
 * import { evaluate, openModel } from "erfit";
 *
 * const model = await openModel("models/vgg16-sample.onnx");
 * const { evaluation, reading } = await evaluate(model, "photos/", {
 *   method: ["grad-cam", "extended"],
 *   control: "shuffled",
 *   sigma: { sigmaX: 32, sigmaY: 32 },
 *   limit: 2,
 * });
 * for (const { column, test, measures } of evaluation.rows) console.log(column, test, measures.drop?.value);
 * console.log(reading.join("\n"));
 * await model.close();
 * ```
 */
export const evaluate = (
  model: Model,
  images: Images,
  options: EvaluateOptions = {},
): Run<EvaluateStep, Evaluated> => modelRun("evaluate", evaluateOptions, [model, images, options], evaluated);

async function* evaluated(
  model: ModelHandle,
  images: readonly string[],
  options: CheckedOptions<typeof evaluateOptions>,
  isStopping: () => boolean,
): AsyncGenerator<EvaluateStep, Evaluated, void> {
  const plan = await evaluationPlan(options, model.opened, images, silent);
  const { run } = plan;
  const photographs: Photograph[] = [];
  const skipped: Skipped[] = [];
  for await (const one of measureAll(run, new Set(), { isStopping })) {
    if ("skipped" in one) skipped.push(one);
    else photographs.push(one);
    const done = photographs.length + skipped.length;
    yield { done, of: run.sources.length, image: one.image, problem: "skipped" in one ? one.skipped : null };
  }
  const [first] = skipped;
  if (photographs.length === 0 && first !== undefined)
    throw noImageUsed(run.sources.length, { name: first.image, reason: first.skipped });
  const { evaluation, reading, sweep } = concluded(plan, photographs);
  return {
    evaluation,
    reading,
    columns: plan.columns.map(({ key, title }) => ({ key, title })),
    photographs,
    sigmaSweep: sweep && { ...sweep.sweep, answers: sweep.answers },
    warnings: plan.warnings,
    skipped: skipped.map(({ image, skipped: problem }) => ({ image, problem })),
  };
}
