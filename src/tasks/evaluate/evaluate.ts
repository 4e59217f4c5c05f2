import { z } from "zod";
import { type LoadedModel } from "../../calibration/loaded-model.ts";
import { controls } from "../../cam/controls.ts";
import { latticeWarnings } from "../../cam/lattice.ts";
import { optionText } from "../../core/error.ts";
import { keysOf } from "../../core/required.ts";
import { sizeOf } from "../../core/tensor.ts";
import { defaultResampling, type Resampling } from "../../evaluate/bootstrap.ts";
import { evaluatedColumns } from "../../evaluate/design.ts";
import { conclusionOf } from "../../evaluate/readings.ts";
import type { Conclusion } from "../../evaluate/readings.ts";
import { curves, defaultSteps, type CurveName, confidences } from "../../evaluate/metrics.ts";
import type { EvaluatedColumn } from "../../evaluate/design.ts";
import { fills, maskings } from "../../evaluate/maskings.ts";
import type { Photograph } from "../../evaluate/photograph.ts";
import type { EvaluationRun } from "../../evaluate/run.ts";
import type { Answer } from "../../evaluate/sigma-claims.ts";
import type { SigmaSweep } from "../../evaluate/sigma-sweep.ts";
import type { Warning } from "../../fit/result.ts";
import type { Context } from "../context.ts";
import { oneOf, option, several, wholeNumber, withFacts, type CheckedOptions } from "../option.ts";
import { gaussianOptions, remarkWarnings } from "../options/gaussian.ts";
import { imageOptions, remarkPreprocessing } from "../options/images.ts";
import { layerText } from "../../runtime/layers.ts";
import { layerOptions } from "../options/layer.ts";
import {
  camOptionsOf,
  columnOptions,
  methodChoice,
  methodParameters,
  scoreOptions,
} from "../options/methods.ts";
import { explainedBy } from "../options/explained.ts";
import type { OpenModel } from "../options/model.ts";
import { readLabels, type Labels } from "./labels.ts";
import { sweepFor, sweepOptions, type Sweep } from "./sweep.ts";

const percentWords = "expected a percentage between 0 and 100";

const labels: z.ZodType<Labels> = z.union(
  [z.string(), z.record(z.string(), z.union([z.int().min(0), z.string()]))],
  "expected a file of lines image,class, the word folders, or the class of each photograph by its name",
);

export const evaluateOptions = {
  ...columnOptions,
  method: several(methodChoice, {
    group: "method",
    alias: "m",
    default: ["grad-cam", "grad-cam++", "extended"],
    describe: columnOptions.method.describe,
  }),
  upsampling: withFacts(columnOptions.upsampling, {
    otherwise: "bilinear, and gaussian where its sigma is known",
  }),
  control: several(oneOf(keysOf(controls)), {
    group: "method",
    default: keysOf(controls),
    mayBeEmpty: true,
    describe: "maps that do not know where the class is, made of the last method's and drawn as it is",
  }),
  ...gaussianOptions,
  ...sweepOptions,
  masking: several(oneOf(keysOf(maskings)), {
    group: "method",
    default: keysOf(maskings),
    describe: "how a map masks the photograph",
  }),
  keep: option(z.number(percentWords).gt(0, percentWords).lt(100, percentWords), {
    group: "method",
    default: 50,
    describe: "percent of the pixels that relative masking keeps",
  }),
  fill: several(oneOf(keysOf(fills)), {
    group: "method",
    default: ["black"],
    describe: "what replaces the photograph where the mask takes it away",
  }),
  labels: option(labels, {
    group: "input",
    describe:
      'explain the labeled class, not the predicted one: a file with lines "image,class" (index or label), or the word `folders` where the class is the name of the folder',
  }),
  ...scoreOptions,
  confidence: option(oneOf(keysOf(confidences)), {
    group: "method",
    default: "probability",
    describe: "what Y and O are: the class's probability, or its logit",
  }),
  curve: several(oneOf(keysOf(curves)), {
    group: "method",
    mayBeEmpty: true,
    describe: "also the area under these curves; each costs so many masked photographs as it has steps",
  }),
  steps: option(wholeNumber(1), {
    group: "advanced",
    default: defaultSteps,
    describe: "steps of a deletion or insertion curve",
  }),
  resamples: option(wholeNumber(1), {
    group: "advanced",
    default: defaultResampling.resamples,
    describe: "bootstrap samples of the photographs, for the intervals",
  }),
  ...methodParameters,
  ...layerOptions,
  ...imageOptions,
} as const;

/** An evaluation, decided in every part; `measureAll` carries it out. */
export interface EvaluationPlan {
  readonly model: LoadedModel;
  readonly run: EvaluationRun;
  /** The columns of the tables; those that a sweep adds are not among them. */
  readonly columns: readonly EvaluatedColumn[];
  readonly curves: readonly CurveName[];
  readonly resampling: Resampling;
  readonly sweep: Sweep | null;
  /** What to know before the numbers of the Gaussian are used. */
  readonly warnings: readonly Warning[];
}

/**
 * @throws ErfitError where the layer, a label or the images are not there, or the calibration is of another model, layer or
 * preprocessing
 */
export async function evaluationPlan(
  options: CheckedOptions<typeof evaluateOptions>,
  opened: OpenModel,
  images: readonly string[],
  context: Context,
): Promise<EvaluationPlan> {
  const { sources, model, layer, gaussian, ...explained } = await explainedBy(
    options,
    opened,
    images,
    context,
  );
  const columns = evaluatedColumns(options, gaussian);
  const sweep = sweepFor(options.sigmaSweep, gaussian);
  const added = (sweep?.columns ?? []).filter(({ key }) => !columns.some((one) => one.key === key));
  const { classNames, network } = model;
  const cam = camOptionsOf(options);
  const run: EvaluationRun = {
    network,
    layer,
    preprocessing: opened.preprocessing(),
    sources,
    labels:
      options.labels === undefined
        ? null
        : await readLabels(options.labels, sources, classNames, sizeOf(network.logits.shape)),
    score: options.score,
    confidence: options.confidence,
    design: {
      columns: [...columns, ...added],
      maskings: unique(options.masking),
      fills: unique(options.fill),
      keep: options.keep / 100,
      steps: options.steps,
      resembles: sweep?.gradCam ?? null,
      cam,
    },
    seed: cam.seed,
  };
  context.info(
    `${model.file}: layer ${layerText(layer)}, ${sources.length} ${sources.length === 1 ? "photograph" : "photographs"}, ${columns.map(({ title }) => title).join("; ")}`,
  );
  remarkPreprocessing(run.preprocessing, context);
  if (gaussian === undefined)
    context.info(`no calibration and no ${optionText("sigma")} given: nothing is upsampled as a Gaussian`);
  const upsamplings = run.design.columns.map(({ column }) => column.upsampling);
  const { height, width } = network.input;
  const warnings = [
    ...(upsamplings.some(({ by }) => by === "gaussian") ? explained.warnings : []),
    ...latticeWarnings(upsamplings, [layer.grid.height, layer.grid.width], [height, width]),
  ];
  remarkWarnings(warnings, context);
  const resampling = { resamples: options.resamples, seed: cam.seed };
  return { model, run, columns, curves: unique(options.curve ?? []), resampling, sweep, warnings };
}

/** What the measured photographs say, with the sweep's answers where one was asked for. */
export interface Concluded extends Conclusion {
  readonly sweep: { readonly sweep: SigmaSweep; readonly answers: readonly Answer[] } | null;
}

export const concluded = (
  { run, columns, resampling, sweep }: EvaluationPlan,
  photographs: readonly Photograph[],
): Concluded => ({
  ...conclusionOf(run, columns, photographs, resampling),
  sweep: sweep?.of(photographs, run.confidence, resampling) ?? null,
});

const unique = <T>(items: readonly T[]): readonly T[] => [...new Set(items)];
