import type { NdArray } from "ndarray";
import { calibrating } from "../calibration/calibrate.ts";
import type { ProbingStep } from "../calibration/probe-run.ts";
import type { Calibration } from "../calibration/schema.ts";
import { arrayOf } from "../tasks/arrays.ts";
import type { CheckedOptions, GivenOptions } from "../tasks/option.ts";
import { calibrateOptions, probeRun, shuffledUntil } from "../tasks/probe/probe.ts";
import { modelRun, silent, type Abortable, type Images } from "./call.ts";
import type { Model, ModelHandle } from "./model.ts";
import { probeStep, type ProbeStep } from "./probe.ts";
import { mapped, type Run } from "./run.ts";

/** What `probe` takes, what is fitted, and until when. */
export interface CalibrateOptions extends GivenOptions<typeof calibrateOptions>, Abortable {}

/** A calibration, with the map that it was made of. */
export interface Calibrated {
  /** The effective receptive field `[height, width]`, as `probe` gives it. */
  readonly map: NdArray<Float64Array>;
  /** What `calibration.json` holds: the fit with its uncertainty, the layer, the model's hash, the images, the warnings. */
  readonly calibration: Calibration;
}

/**
 * Measures the effective receptive field of a layer and fits a Gaussian to it: `probe`, then `fitGaussian`, with 95 %
 * intervals over photographs (a jackknife over 20 blocks of them). `calibration.fit` is null where no Gaussian can honestly be
 * reported. Sigmas and centers are in pixels of the network's input.
 *
 * Source: Kim et al. 2021, _Extending Class Activation Mapping Using Gaussian Receptive Field_, Table 1; OpenERF.
 *
 * @returns a run: `await` it for the calibration, loop over it for one step an image
 * @throws ErfitError as `probe` does
 * @example
 * ```ts
 * import { calibrate, openModel, writeCalibration } from "erfit";
 *
 * const model = await openModel("models/vgg16-sample.onnx", { preprocessing: "caffe" });
 * const { map, calibration } = await calibrate(model, "photos/", { layer: "block2_conv2" });
 * const { fit, warnings } = calibration;
 * console.log(fit?.sigmaX.value, fit?.sigmaX.interval95, warnings.map(({ code }) => code));
 * console.log(map.shape);
 * await writeCalibration("outputs/example/calibration.json", calibration);
 * await model.close();
 * ```
 */
export const calibrate = (
  model: Model,
  images: Images,
  options: CalibrateOptions = {},
): Run<ProbeStep, Calibrated> =>
  modelRun("calibrate", calibrateOptions, [model, images, options], (handle, inputs, checked) =>
    mapped(calibrated(handle, inputs, checked), probeStep),
  );

async function* calibrated(
  model: ModelHandle,
  images: readonly string[],
  options: CheckedOptions<typeof calibrateOptions>,
): AsyncGenerator<ProbingStep, Calibrated, void> {
  const run = await probeRun(shuffledUntil(options), model.opened, images, silent);
  const { map, calibration } = yield* calibrating(run, { model: options.fitModel, until: options.until });
  return { map: arrayOf(map), calibration };
}
