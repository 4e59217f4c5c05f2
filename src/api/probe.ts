import type { NdArray } from "ndarray";
import { measuring, type MeasuredErf } from "../calibration/calibrate.ts";
import type { ProbingStep } from "../calibration/probe-run.ts";
import { arrayOf } from "./arrays.ts";
import { checked } from "./check.ts";
import { requireImages, type Images } from "./images.ts";
import { requireModel, type Model } from "./model.ts";
import { probeChecks, probeRun, probeStep, type ProbeOptions, type ProbeStep } from "./probing-options.ts";
import { retold, runOf, type Run } from "./run.ts";

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
 * console.log(map.shape, map.get(111, 111), images.count);
 * await model.close();
 * ```
 */
export function probe(model: Model, images: Images, options: ProbeOptions = {}): Run<ProbeStep, Probed> {
  const handle = requireModel("probe", model);
  const inputs = requireImages("probe", images);
  const given = checked("probe", probeChecks, options);
  return runOf(() => retold(probed(handle, inputs, given), probeStep), {
    signal: given.signal,
    owner: handle,
  });
}

async function* probed(...of: Parameters<typeof probeRun>): AsyncGenerator<ProbingStep, Probed, void> {
  const { map, blocks, measurement } = yield* measuring(await probeRun(...of));
  const { layer, protocol, images, preprocessing, warnings } = measurement;
  return { map: arrayOf(map), blocks: blocks.map(arrayOf), layer, protocol, images, preprocessing, warnings };
}
