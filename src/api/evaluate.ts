import { z } from "zod";
import { type ControlName, controls } from "../cam/controls.ts";
import type { ScoreScale } from "../cam/scores.ts";
import type { UpsamplerName } from "../cam/upsamplers.ts";
import { noImageUsed } from "../calibration/probing.ts";
import { classifier } from "../calibration/subject.ts";
import { scoreSources, type ScoreSource } from "../runtime/outputs.ts";
import { defaultResampling } from "../evaluate/bootstrap.ts";
import { evaluatedColumns } from "../evaluate/columns.ts";
import { conclusionOf } from "../evaluate/conclusion.ts";
import { curves, defaultSteps, type CurveName } from "../evaluate/curves.ts";
import type { EvaluatedColumn } from "../evaluate/design.ts";
import type { Evaluation } from "../evaluate/evaluation.ts";
import { fills, type FillName } from "../evaluate/fills.ts";
import { maskings, type MaskingName } from "../evaluate/maskings.ts";
import { confidences, type ConfidenceName } from "../evaluate/metrics.ts";
import type { Photograph } from "../evaluate/photograph.ts";
import { measureAll, type EvaluationRun, type Skipped } from "../evaluate/run.ts";
import { keysOf } from "../core/required.ts";
import { sizeOf } from "../core/tensor.ts";
import { checked, type OptionChecks } from "./check.ts";
import { chosenImages, imageChecks, requireImages, type ImageOptions, type Images } from "./images.ts";
import { readLabels, type Labels } from "./labels.ts";
import { camLayerOf, layerChecks, type LayerOptions } from "./layer-options.ts";
import {
  camOptionsOf,
  controlCheck,
  listOf,
  methodCheck,
  methodOptionChecks,
  oneOrMore,
  requireSigma,
  upsamplerCheck,
  type MethodChoice,
  type MethodOptions,
  type OneOrMore,
} from "./method-options.ts";
import { requireModel, type Model, type ModelHandle } from "./model.ts";
import { runOf, type Run } from "./run.ts";
import { signalCheck, type Abortable } from "./signal.ts";
import { gaussianIn, spreadChecks, type SpreadOptions } from "./spread-options.ts";

/** Which maps are judged, and by which tests. */
export interface EvaluateOptions extends SpreadOptions, LayerOptions, ImageOptions, MethodOptions, Abortable {
  /** Methods to compare; Grad-CAM, Grad-CAM++ and Extended-CAM by default. */
  readonly methods?: OneOrMore<MethodChoice> | undefined;
  /** How their grids become pixels; `bilinear` by default, and `gaussian` where its sigma is known. */
  readonly upsampler?: OneOrMore<UpsamplerName> | undefined;
  /** Maps that do not know where the class is, made of the last method's; all by default, `[]` for none. */
  readonly controls?: OneOrMore<ControlName> | undefined;
  /** What the methods explain of a class: its `logit`, the default, or its `probability`. */
  readonly score?: ScoreScale | undefined;
  /** How scores become probabilities; by default as the network's output ends, and one score through a sigmoid. */
  readonly scoreFrom?: ScoreSource | undefined;
  /** Whether negative cells become zero; by default as each method has it. */
  readonly rectify?: boolean | undefined;
  /** The class of each image, which is then explained in place of the predicted one. */
  readonly labels?: Labels | undefined;
  /** How a map masks the photograph: `full` and `relative` by default. */
  readonly masking?: OneOrMore<MaskingName> | undefined;
  /** Percent of the pixels that relative masking keeps; 50 by default. */
  readonly keep?: number | undefined;
  /** What stands where the mask takes the photograph away; `black` by default. */
  readonly fill?: OneOrMore<FillName> | undefined;
  /** What Y and O are: the class's `probability`, the default, or its `logit`. */
  readonly confidence?: ConfidenceName | undefined;
  /** Also the area under these curves. */
  readonly curve?: OneOrMore<CurveName> | undefined;
  /** Steps of a curve; 28 by default. */
  readonly steps?: number | undefined;
  /** Bootstrap samples of the photographs, for the intervals; 4000 by default. */
  readonly resamples?: number | undefined;
}

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
  /** The result in words, from the numbers alone: a paragraph for each test, and one for the whole. */
  readonly reading: readonly string[];
  /** The kinds of maps, by the keys that the rows name. */
  readonly columns: readonly Pick<EvaluatedColumn, "key" | "title">[];
  /** Each photograph's confidences. */
  readonly photographs: readonly Photograph[];
  /** Those that could not be used. */
  readonly skipped: readonly { readonly image: string; readonly problem: string }[];
}

const maskingCheck = z.enum(keysOf(maskings));
const fillCheck = z.enum(keysOf(fills));
const curveCheck = z.enum(keysOf(curves));
const anyNumberOf = <T>(one: z.ZodType<T>) => z.union([one, z.array(one)]);

const checks: OptionChecks<EvaluateOptions> = {
  ...spreadChecks,
  ...layerChecks,
  ...imageChecks,
  ...methodOptionChecks,
  ...signalCheck,
  methods: oneOrMore(methodCheck).optional(),
  upsampler: oneOrMore(upsamplerCheck).optional(),
  controls: anyNumberOf(controlCheck).optional(),
  score: z.enum(["logit", "probability"]).optional(),
  scoreFrom: z.enum(scoreSources).optional(),
  rectify: z.boolean().optional(),
  labels: z.union([z.string(), z.record(z.string(), z.union([z.int().min(0), z.string()]))]).optional(),
  masking: oneOrMore(maskingCheck).optional(),
  keep: z.number().gt(0).lt(100).optional(),
  fill: oneOrMore(fillCheck).optional(),
  confidence: z.enum(keysOf(confidences)).optional(),
  curve: anyNumberOf(curveCheck).optional(),
  steps: z.int().min(1).optional(),
  resamples: z.int().min(1).optional(),
};

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
 * calibration is of another model or layer, or where not one photograph could be used
 * @example
 * ```ts
 * import { evaluate, openModel } from "erfit";
 *
 * const model = await openModel("models/vgg16-sample.onnx");
 * const { evaluation, reading } = await evaluate(model, "photos/", {
 *   methods: ["grad-cam", "extended"],
 *   controls: "shuffled",
 *   sigma: { sigmaX: 32, sigmaY: 32 },
 *   limit: 2,
 * });
 * for (const { column, test, measures } of evaluation.rows) console.log(column, test, measures.drop?.value);
 * console.log(reading.join("\n"));
 * await model.close();
 * ```
 */
export function evaluate(
  model: Model,
  images: Images,
  options: EvaluateOptions = {},
): Run<EvaluateStep, Evaluated> {
  const handle = requireModel("evaluate", model);
  const inputs = requireImages("evaluate", images);
  const given = checked("evaluate", checks, options);
  return runOf(() => evaluated(handle, inputs, given), { signal: given.signal, owner: handle });
}

async function* evaluated(
  model: ModelHandle,
  inputs: readonly string[],
  given: EvaluateOptions,
): AsyncGenerator<EvaluateStep, Evaluated, void> {
  const run = await evaluationRun(model, inputs, given);
  const { columns } = run.design;
  const photographs: Photograph[] = [];
  const skipped: Skipped[] = [];
  for await (const one of measureAll(run, new Set())) {
    if ("skipped" in one) skipped.push(one);
    else photographs.push(one);
    const done = photographs.length + skipped.length;
    yield { done, of: run.sources.length, image: one.image, problem: "skipped" in one ? one.skipped : null };
  }
  const [first] = skipped;
  if (photographs.length === 0 && first !== undefined)
    throw noImageUsed(run.sources.length, { name: first.image, reason: first.skipped });
  const resampling = { resamples: given.resamples ?? defaultResampling.resamples, seed: run.seed };
  const { evaluation, reading } = conclusionOf(run, columns, photographs, resampling);
  return {
    evaluation,
    reading,
    columns: columns.map(({ key, title }) => ({ key, title })),
    photographs,
    skipped: skipped.map(({ image, skipped: problem }) => ({ image, problem })),
  };
}

async function evaluationRun(
  model: ModelHandle,
  inputs: readonly string[],
  given: EvaluateOptions,
): Promise<EvaluationRun> {
  const { preprocessing } = model;
  const subject = classifier(model.subject, given.scoreFrom);
  const sources = await chosenImages(inputs, given);
  const layer = camLayerOf(subject, given);
  const gaussian = gaussianIn(given, { subject }, layer);
  const method = listOf(given.methods) ?? ["grad-cam", "grad-cam++", "extended"];
  const upsampling = listOf(given.upsampler);
  requireSigma("evaluate", [...method, ...(upsampling ?? [])], gaussian);
  const { logits } = subject.network;
  const cam = camOptionsOf(given);
  const kinds = {
    method,
    upsampling,
    control: listOf(given.controls) ?? keysOf(controls),
    relu: given.rectify,
    curve: listOf(given.curve),
  };
  return {
    network: subject.network,
    layer,
    preprocessing,
    sources,
    labels:
      given.labels === undefined
        ? null
        : await readLabels(given.labels, sources, subject.classNames, sizeOf(logits.shape)),
    score: given.score ?? "logit",
    confidence: given.confidence ?? "probability",
    design: {
      columns: evaluatedColumns(kinds, gaussian),
      maskings: unique(listOf(given.masking) ?? keysOf(maskings)),
      fills: unique(listOf(given.fill) ?? ["black"]),
      keep: (given.keep ?? 50) / 100,
      steps: given.steps ?? defaultSteps,
      resembles: null,
      cam,
    },
    seed: cam.seed,
  };
}

const unique = <T>(items: readonly T[]): readonly T[] => [...new Set(items)];
