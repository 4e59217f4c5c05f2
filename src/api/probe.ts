import type { NdArray } from "ndarray";
import { measuring, type MeasuredErf } from "../calibration/calibrate.ts";
import type { ProbingStep } from "../calibration/probe-run.ts";
import type { ConvergencePoint } from "../calibration/schema.ts";
import { arrayOf } from "../tasks/arrays.ts";
import type { CheckedOptions, GivenOptions } from "../tasks/option.ts";
import { probeOptions, probeRun } from "../tasks/probe/probe.ts";
import { modelRun, silent, type Abortable, type Images } from "./call.ts";
import type { Model, ModelHandle } from "./model.ts";
import { mapped, type Run } from "./run.ts";

/** What is probed, how, and with which images. */
export interface ProbeOptions extends GivenOptions<typeof probeOptions>, Abortable {}

/** An image that is done. */
export interface ProbeStep {
  /** Views of photographs that are done, of how many. */
  readonly done: number;
  readonly of: number;
  /** The one just done: the file's name; a further crop carries its number, `cat.jpg#3`. */
  readonly image: string;
  /** Why it could not be used; null where it was. */
  readonly problem: string | null;
  /** The latest sigma and its 95 % half-width; null before the first fit, and where nothing is fitted. */
  readonly estimate: ConvergencePoint | null;
}

/** A step as a user sees it. */
export const probeStep = ({ done, of, name, problem, estimate }: ProbingStep): ProbeStep => ({
  done,
  of,
  image: name,
  problem,
  estimate,
});

/** A measured effective receptive field, and the record of how it was measured. */
export interface Probed extends Pick<
  MeasuredErf["measurement"],
  "layer" | "protocol" | "images" | "preprocessing" | "warnings"
> {
  /** The effective receptive field `[height, width]` of the network's input; sum 1 (protocol `signed`: a mean over images). */
  readonly map: NdArray<Float64Array>;
  /** Un-normalized sums over the blocks of photographs: what `fitGaussian` makes intervals over photographs of. */
  readonly blocks: readonly NdArray<Float64Array>[];
}

/**
 * Measures the effective receptive field of a cell of a layer: the gradients of the cell by the image, over photographs, as
 * one map. An image that cannot be read is skipped, counted and named.
 *
 * Source: Luo et al. 2016; the protocols and their papers are in `protocols`.
 *
 * @returns a run: `await` it for the map, loop over it for one step an image
 * @throws ErfitError at once for wrong arguments; when used, where the layer, the cell or the images are not there, where
 * there is no gradient, or where not one image could be used
 * @example
 * ```ts
 * import { openModel, probe } from "erfit";
 *
 * const model = await openModel("models/vgg16-sample.onnx", { preprocessing: "caffe" });
 * const run = probe(model, "photos/", { layer: "block3_conv3", limit: 2 });
 * for await (const { done, of, image } of run) console.log(`${done} of ${of}: ${image}`);
 * const { map, images } = await run;
 * console.log(map.shape, map.get(111, 111), images.views);
 * await model.close();
 * ```
 */
export const probe = (model: Model, images: Images, options: ProbeOptions = {}): Run<ProbeStep, Probed> =>
  modelRun("probe", probeOptions, [model, images, options], (handle, inputs, checked) =>
    mapped(probed(handle, inputs, checked), probeStep),
  );

async function* probed(
  model: ModelHandle,
  images: readonly string[],
  options: CheckedOptions<typeof probeOptions>,
): AsyncGenerator<ProbingStep, Probed, void> {
  const run = await probeRun(options, model.opened, images, silent);
  const { map, blocks, measurement } = yield* measuring(run);
  const { layer, protocol, images: used, preprocessing, warnings } = measurement;
  return {
    map: arrayOf(map),
    blocks: blocks.map(arrayOf),
    layer,
    protocol,
    images: used,
    preprocessing,
    warnings,
  };
}
