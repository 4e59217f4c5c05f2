import ndarray, { type NdArray } from "ndarray";
import { columnKey, columnTitle } from "../cam/columns.ts";
import type { ControlName } from "../cam/controls.ts";
import type { CamMethodName } from "../cam/methods.ts";
import type { UpsamplerName } from "../cam/upsamplers.ts";
import { ErfitError } from "../core/error.ts";
import { at } from "../core/required.ts";
import type { Warning } from "../fit/result.ts";
import { arrayOf } from "../tasks/arrays.ts";
import { camOptions, camRun } from "../tasks/cam/cam.ts";
import { explainAll, type ExplainedImage } from "../tasks/cam/explain-all.ts";
import type { CheckedOptions, GivenOptions } from "../tasks/option.ts";
import { optionsOf, requireImages, silent, type Abortable, type Images } from "./call.ts";
import { requireModel, type Model, type ModelHandle } from "./model.ts";
import { runOf } from "./run.ts";

interface Skipping extends Abortable {
  /** Called with each image that could not be used. Without it, the first such image ends the loop with its error. */
  readonly onSkipped?: ((image: string, reason: string) => void) | undefined;
}

/** Which maps are drawn, of which classes, and how. */
export interface CamOptions extends GivenOptions<typeof camOptions>, Skipping {}

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
  readonly upsampling: UpsamplerName;
  /** Name of this kind of map in files and tables: `extended.gaussian`. */
  readonly key: string;
  /** Its title: `Extended-CAM, Gaussian`. */
  readonly title: string;
  /** Signed map `[rows, columns]` at the layer's resolution, before any ReLU. */
  readonly grid: NdArray<Float64Array>;
  /** The map `[height, width]` at the size of the network's input: ReLU where the method has one, then upsampled. */
  readonly map: NdArray<Float64Array>;
  /** What the network saw, `[height, width, 3]`, RGB; null for a ready tensor. */
  readonly photograph: NdArray<Uint8Array> | null;
  /** Of a map of Gaussians, what to know of its sigma: `OTHER_PREPROCESSING`, `OTHER_CALIBRATION`, `SIGMA_BELOW_STRIDE`. */
  readonly warnings: readonly Warning[];
}

/**
 * Class activation maps of images: where a class is seen. Maps come image by image, of each image class by class, of each class
 * in the order of the methods; a map takes memory only while the loop holds it. Leaving the loop closes what was open.
 *
 * Source: Kim et al. 2021, Eq. 8 and 4, for Extended-CAM; each method's paper is in `camMethods`.
 *
 * @returns maps to loop over, once; the work begins with the loop
 * @throws ErfitError at once for wrong arguments; in the loop, where the layer, a class or the images are not there, where the
 * calibration is of another model, layer or preprocessing, where a method cannot be applied, or where an image cannot be used and there is no
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
  const given = optionsOf<typeof camOptions, Skipping>("cam", camOptions, options, ["signal", "onSkipped"]);
  const { signal } = given.own;
  const run = runOf((isStopping) => cams(handle, inputs, given, isStopping), { signal, owner: handle });
  return { [Symbol.asyncIterator]: () => run[Symbol.asyncIterator]() };
}

/** The options of `cam`, checked. */
interface CheckedCam {
  readonly options: CheckedOptions<typeof camOptions>;
  readonly own: Skipping;
}

async function* cams(
  model: ModelHandle,
  inputs: readonly string[],
  { options, own: { onSkipped } }: CheckedCam,
  isStopping: () => boolean,
): AsyncGenerator<CamOfImage, void, void> {
  const run = await camRun(options, model.opened, inputs, silent);
  for await (const image of explainAll(run, run.sources, { isStopping })) {
    if ("classes" in image) yield* camsOf(image, run.warnings);
    else if (onSkipped === undefined) throw image.thrown ?? new ErfitError(image.reason);
    else onSkipped(image.name, image.reason);
  }
}

function* camsOf(
  { source, input, classes }: ExplainedImage,
  warnings: readonly Warning[],
): Generator<CamOfImage, void> {
  const { rgb, height, width } = input;
  const photograph = rgb === null ? null : ndarray(rgb, [height, width, 3]);
  for (const { explanation, className, cams } of classes) {
    const { classIndex, logits, probability } = explanation;
    for (const { column, grid, map } of cams)
      yield {
        image: source.name,
        classIndex,
        className,
        score: at(logits, classIndex, "class"),
        probability,
        method: column.method,
        control: column.control,
        upsampling: column.upsampling.by,
        key: columnKey(column),
        title: columnTitle(column),
        grid: arrayOf(grid),
        map: arrayOf(map),
        photograph,
        warnings: column.upsampling.by === "gaussian" ? warnings : [],
      };
  }
}
