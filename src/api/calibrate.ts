import type { NdArray } from "ndarray";
import { z } from "zod";
import { calibrating } from "../calibration/calibrate.ts";
import type { ProbingStep } from "../calibration/probing.ts";
import type { Calibration } from "../calibration/schema.ts";
import { fitChoices, type FitChoice } from "../fit/options.ts";
import { keysOf } from "../core/required.ts";
import { arrayOf } from "./arrays.ts";
import { checked, type OptionChecks } from "./check.ts";
import { requireImages, type Images } from "./images.ts";
import { requireModel, type Model, type ModelHandle } from "./model.ts";
import { probeChecks, probeRun, probeStep, type ProbeOptions, type ProbeStep } from "./probing-options.ts";
import { retold, runOf, type Run } from "./run.ts";

/** What `probe` takes, and what is fitted. */
export interface CalibrateOptions extends ProbeOptions {
  /** What is fitted, as in `fitGaussian`; the paper's Gaussian by default. */
  readonly model?: FitChoice | undefined;
  /**
   * Stop once the 95 % half-widths of both sigmas are at most this share of sigma: 0.01 for 1 %. The images are then taken in
   * a random order (`shuffle: 0`) unless another is asked for: the first of a folder ordered by class say nothing of the rest.
   */
  readonly until?: number | undefined;
}

/** A calibration, with the map that it was made of. */
export interface Calibrated {
  /** The effective receptive field `[height, width]`, as `probe` gives it. */
  readonly map: NdArray<Float64Array>;
  /** What `calibration.json` holds: the fit with its uncertainty, the layer, the model's hash, the images, the warnings. */
  readonly calibration: Calibration;
}

const checks: OptionChecks<CalibrateOptions> = {
  ...probeChecks,
  model: z.enum(keysOf(fitChoices)).optional(),
  until: z.number().gt(0).lt(1).optional(),
};

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
export function calibrate(
  model: Model,
  images: Images,
  options: CalibrateOptions = {},
): Run<ProbeStep, Calibrated> {
  const handle = requireModel("calibrate", model);
  const inputs = requireImages("calibrate", images);
  const given = checked("calibrate", checks, options);
  return runOf(() => retold(calibrated(handle, inputs, given), probeStep), {
    signal: given.signal,
    owner: handle,
  });
}

async function* calibrated(
  model: ModelHandle,
  inputs: readonly string[],
  { model: fitted, until, ...options }: CalibrateOptions,
): AsyncGenerator<ProbingStep, Calibrated, void> {
  const shuffle = options.shuffle ?? (until === undefined ? undefined : 0);
  const run = await probeRun(model, inputs, { ...options, shuffle });
  const { map, calibration } = yield* calibrating(run, { model: fitted ?? "gaussian", until });
  return { map: arrayOf(map), calibration };
}
