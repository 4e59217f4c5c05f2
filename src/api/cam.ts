import ndarray, { type NdArray } from "ndarray";
import { z } from "zod";
import { classChoiceFrom } from "../cam/class-choice.ts";
import { columnKey, columnTitle } from "../cam/column.ts";
import type { ControlName } from "../cam/controls.ts";
import { type CamMethodName } from "../cam/methods.ts";
import { normalizations, type NormalizationName } from "../cam/normalizations.ts";
import type { ScoreScale } from "../cam/scores.ts";
import type { UpsamplerName } from "../cam/upsamplers.ts";
import { classifier } from "../calibration/subject.ts";
import { scoreSources, type ScoreSource } from "../runtime/outputs.ts";
import { ErfitError } from "../core/error.ts";
import { keysOf } from "../core/required.ts";
import { arrayOf } from "./arrays.ts";
import { checked, type OptionChecks } from "./check.ts";
import { explainAll, type CamRun, type ExplainedImage } from "./explain-all.ts";
import { chosenImages, imageChecks, requireImages, type ImageOptions, type Images } from "./images.ts";
import { camLayerOf, layerChecks, type LayerOptions } from "./layer-options.ts";
import {
  camOptionsOf,
  columnsOf,
  controlCheck,
  listOf,
  methodCheck,
  methodOptionChecks,
  oneOrMore,
  upsamplerCheck,
  type MethodChoice,
  type MethodOptions,
  type OneOrMore,
} from "./method-options.ts";
import { requireModel, type Model, type ModelHandle } from "./model.ts";
import { runOf } from "./run.ts";
import { signalCheck, type Abortable } from "./signal.ts";
import { gaussianIn, spreadChecks, type SpreadOptions } from "./spread-options.ts";

/** Which maps are drawn, of which classes, and how. */
export interface CamOptions extends SpreadOptions, LayerOptions, ImageOptions, MethodOptions, Abortable {
  /** Method, or several; `extended`, Extended-CAM, by default. */
  readonly method?: OneOrMore<MethodChoice> | undefined;
  /** How the grid becomes pixels; of several, each. By default `gaussian` for Extended-CAM where its sigma is known, else `bilinear`. */
  readonly upsampler?: OneOrMore<UpsamplerName> | undefined;
  /** Maps behind each method's that do not know where the class is. */
  readonly control?: OneOrMore<ControlName> | undefined;
  /** Classes to explain, by index or label; `top5` for the five highest scores. By default the predicted one. */
  readonly classes?: OneOrMore<number | string> | undefined;
  /** What the methods explain of a class: its `logit`, the default, or its `probability`. */
  readonly score?: ScoreScale | undefined;
  /** How scores become probabilities; by default as the network's output ends, and one score through a sigmoid. */
  readonly scoreFrom?: ScoreSource | undefined;
  /** Whether negative cells become zero; by default as each method has it. */
  readonly rectify?: boolean | undefined;
  /** How the values of the maps are scaled; by default they are left in the unit of the score. */
  readonly normalize?: NormalizationName | undefined;
  /** Told of each image that could not be used. Without it, the first such image ends the loop with its error. */
  readonly onSkipped?: ((image: string, reason: string) => void) | undefined;
}

/** One map of one class of one image. */
export interface CamOfImage {
  /** The file's name, unique among the images. */
  readonly image: string;
  readonly classIndex: number;
  /** The class's label; `class 17` where the model names none. */
  readonly className: string;
  /** The class's logit. */
  readonly score: number;
  /** Its probability, by the softmax or the sigmoid of the scores; null where `scoreFrom` leaves none. */
  readonly probability: number | null;
  readonly method: CamMethodName;
  /** The control in the method's place; null for the method itself. */
  readonly control: ControlName | null;
  readonly upsampler: UpsamplerName;
  /** Name of this kind of map in files and tables: `extended.gaussian`. */
  readonly key: string;
  /** And in words: `Extended-CAM, Gaussian`. */
  readonly title: string;
  /** Signed map `[rows, columns]` at the layer's resolution, before any ReLU. */
  readonly grid: NdArray<Float64Array>;
  /** The map `[height, width]` at the size of the network's input: ReLU where the method has one, then upsampled. */
  readonly map: NdArray<Float64Array>;
  /** What the network saw, `[height, width, 3]`, RGB; null for a ready tensor. */
  readonly photograph: NdArray<Uint8Array> | null;
}

const checks: OptionChecks<CamOptions> = {
  ...spreadChecks,
  ...layerChecks,
  ...imageChecks,
  ...methodOptionChecks,
  ...signalCheck,
  method: oneOrMore(methodCheck).optional(),
  upsampler: oneOrMore(upsamplerCheck).optional(),
  control: oneOrMore(controlCheck).optional(),
  classes: oneOrMore(z.union([z.int().min(0), z.string()])).optional(),
  score: z.enum(["logit", "probability"]).optional(),
  scoreFrom: z.enum(scoreSources).optional(),
  rectify: z.boolean().optional(),
  normalize: z.enum(keysOf(normalizations)).optional(),
  onSkipped: z
    .custom<CamOptions["onSkipped"]>((given) => typeof given === "function", "expected a function")
    .optional(),
};

/**
 * Class activation maps of images: where a class is seen. Maps come image by image, of each image class by class, of each class
 * in the order of the methods; a map takes memory only while the loop holds it. Leaving the loop closes what was open.
 *
 * Source: Kim et al. 2021, Eq. 8 and 4, for Extended-CAM; each method's paper is in `camMethods`.
 *
 * @returns maps to loop over, once; the work begins with the loop
 * @throws ErfitError at once for wrong arguments; in the loop, where the layer, a class or the images are not there, where the
 * calibration is of another model or layer, where a method cannot be applied, or where an image cannot be used and there is no
 * `onSkipped`
 * @example
 * ```ts
 * import { cam, openModel } from "erfit";
 *
 * const model = await openModel("models/vgg16-sample.onnx");
 * const options = { method: ["grad-cam", "extended"], sigma: { sigmaX: 32, sigmaY: 32 } } as const;
 * for await (const { image, className, probability, title, grid, map } of cam(model, "photos/cat.jpg", options))
 *   console.log(image, className, probability, title, grid.shape, map.shape);
 * await model.close();
 * ```
 */
export function cam(model: Model, images: Images, options: CamOptions = {}): AsyncIterable<CamOfImage> {
  const handle = requireModel("cam", model);
  const inputs = requireImages("cam", images);
  const given = checked("cam", checks, options);
  const run = runOf(() => cams(handle, inputs, given), { signal: given.signal, owner: handle });
  return { [Symbol.asyncIterator]: () => run[Symbol.asyncIterator]() };
}

async function* cams(
  model: ModelHandle,
  inputs: readonly string[],
  given: CamOptions,
): AsyncGenerator<CamOfImage, void, void> {
  const sources = await chosenImages(inputs, given);
  for await (const image of explainAll({ ...camRun(model, given), sources })) {
    if ("classes" in image) yield* camsOf(image);
    else if (given.onSkipped === undefined) throw image.thrown ?? new ErfitError(image.reason);
    else given.onSkipped(image.name, image.reason);
  }
}

function camRun(model: ModelHandle, given: CamOptions): Omit<CamRun, "sources"> {
  const { preprocessing } = model;
  const subject = classifier(model.subject, given.scoreFrom);
  const layer = camLayerOf(subject, given);
  const choice = {
    methods: listOf(given.method) ?? ["extended"],
    upsamplers: listOf(given.upsampler),
    controls: listOf(given.control) ?? [],
    rectify: given.rectify,
  };
  return {
    subject,
    layer,
    columns: columnsOf("cam", choice, gaussianIn(given, { subject }, layer)),
    classes: classChoiceFrom(
      (listOf(given.classes) ?? []).map(String),
      subject.classNames,
      subject.network.logits,
    ),
    score: given.score ?? "logit",
    options: camOptionsOf(given),
    normalization: given.normalize ?? "none",
    preprocessing,
  };
}

function* camsOf({ source, input, classes }: ExplainedImage): Generator<CamOfImage, void> {
  const { rgb, height, width } = input;
  const photograph = rgb === null ? null : ndarray(rgb, [height, width, 3]);
  for (const { explanation, className, cams } of classes) {
    const { classIndex, logits, probability } = explanation;
    for (const { column, grid, map } of cams)
      yield {
        image: source.name,
        classIndex,
        className,
        score: logits[classIndex] ?? Number.NaN,
        probability,
        method: column.method,
        control: column.control,
        upsampler: column.upsampling.by,
        key: columnKey(column),
        title: columnTitle(column),
        grid: arrayOf(grid),
        map: arrayOf(map),
        photograph,
      };
  }
}
