/**
 * The library: what `import ... from "erfit"` gives. Maps are `ndarray`s, rows first: `map.get(y, x)`. Long work is a `Run`, or a
 * loop: awaited, iterated, aborted by a signal. A wrong argument throws an `ErfitError` that names it.
 *
 * @module erfit
 */
export { calibrate, type Calibrated, type CalibrateOptions } from "./api/calibrate.ts";
export { readCalibration, writeCalibration } from "./api/files.ts";
export { cam, type CamOfImage, type CamOptions } from "./api/cam.ts";
export {
  compare,
  type Compared,
  type CompareOptions,
  type ComparisonRecord,
  type LabeledCalibration,
} from "./api/compare.ts";
export { evaluate, type Evaluated, type EvaluateOptions, type EvaluateStep } from "./api/evaluate.ts";
export {
  exportCam,
  exportErf,
  type ExportCamOptions,
  type ExportedOnnx,
  type ExportErfOptions,
} from "./api/export.ts";
export { fitGaussian, type FitGaussianOptions } from "./api/fit-gaussian.ts";
export { gradient, type GradientOptions } from "./api/gradient.ts";
export { readMap, writeMap } from "./api/files.ts";
export { merge, type MergeOptions } from "./api/merge.ts";
export { openModel, type OpenModelOptions } from "./api/model.ts";
export { probe, type Probed, type ProbeOptions, type ProbeStep } from "./api/probe.ts";
export { report, type Report } from "./api/report.ts";
export { sample } from "./api/sample.ts";
export { upsample, type UpsampleOptions } from "./api/upsample.ts";

export type { MapLike, RealArray } from "./tasks/arrays.ts";
export type { Images } from "./api/call.ts";
export type { FeatureMap, Model } from "./api/model.ts";
export type { FittedMap } from "./tasks/fit.ts";
export type { Run } from "./api/run.ts";
export type { Labels } from "./tasks/evaluate/labels.ts";
export type { OneOrMore } from "./tasks/option.ts";
export type { Sigmas } from "./tasks/options/gaussian.ts";
export type { MethodChoice } from "./tasks/options/methods.ts";

export { calibrationJsonSchema, type Calibration, type ConvergencePoint } from "./calibration/schema.ts";
export type { Comparison, Estimate, FitResult, GaussianFit, Warning } from "./fit/result.ts";
export type { Preprocessing } from "./input/preprocessing.ts";
export type { Difference, EvaluatedRow, Evaluation } from "./evaluate/evaluation.ts";
export type { Photograph } from "./evaluate/photograph.ts";
export type { CurveName } from "./evaluate/metrics.ts";
export type { FillName } from "./evaluate/maskings.ts";
export type { MaskingName } from "./evaluate/maskings.ts";
export { ErfitError, type ErrorKind } from "./core/error.ts";

export {
  camMethods,
  cellPositions,
  controls,
  curves,
  fills,
  fitChoices,
  maskings,
  normalizations,
  presets,
  protocols,
  upsamplers,
} from "./api/tables.ts";
export type { ReceptiveField } from "./autodiff/receptive-field/receptive-field.ts";
export type { FeatureGrid } from "./runtime/feature-grid.ts";
export type { ImageInput } from "./runtime/network.ts";
export type { ControlName } from "./cam/controls.ts";
export type { CamMethodName } from "./cam/methods.ts";
export type { NormalizationName } from "./cam/normalizations.ts";
export type { CellPositionName } from "./cam/axis-weights.ts";
export type { UpsamplerName } from "./cam/upsamplers.ts";
export type { FitChoice } from "./fit/result.ts";
export type { PresetName } from "./input/resolve.ts";
export type { ProtocolName } from "./erf/protocols.ts";
