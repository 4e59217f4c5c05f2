/** The library: what `import ... from "erfit"` gives. */
export { ErfitError, type ErrorKind } from "./math/error.ts";
export type { DType, RealMap, Shape, Tensor } from "./math/tensor.ts";
export { readMap, readNpy, writeMap, writeNpy } from "./math/npy.ts";

export { openModel, type OpenedModel, type OpenOptions } from "./engine/open.ts";
export type {
  DifferentiationRequest,
  ForwardNetwork,
  ForwardRequest,
  Network,
  TensorInfo,
} from "./engine/network.ts";
export {
  defaultLayer,
  findLayer,
  geometryOf,
  layersOf,
  type Layer,
  type LayerGeometry,
} from "./engine/layers.ts";
export { cellAt, centralCell, featureGrid, type FeatureGrid } from "./engine/feature-grid.ts";
export { gridOf, type StatedGrid } from "./engine/tensor-grid.ts";
export type { AxisMeaning } from "./graph/axes/axis.ts";
export type { Cell, Objective } from "./autodiff/objective.ts";
export type { ReceptiveField } from "./autodiff/receptive-field/receptive-field.ts";

export { listImages, type ImageSource } from "./image/listing.ts";
export { loadInput, type Input } from "./image/load.ts";
export { resolvePreprocessing } from "./image/resolve.ts";
export type { Preprocessing } from "./image/preprocessing.ts";

export { erfMap, probe, type ProbeImage, type ProbeOptions, type ProbeProgress } from "./probe/probe.ts";
export type { Photograph } from "./probe/accumulator.ts";
export { protocols, type Protocol, type ProtocolName } from "./probe/protocols.ts";
export { fitMap } from "./fit/fit.ts";
export { fitChoices, type FitChoice, type FitOptions } from "./fit/options.ts";
export { fitBlocks, jackknife } from "./fit/jackknife.ts";
export { gaussianMap, residual } from "./fit/surface.ts";
export type { Comparison, Estimate, FitResult, GaussianFit, Warning } from "./fit/result.ts";

export { camGrid, camMap, removedShare } from "./cam/cam.ts";
export { columnKey, columnTitle, type CamColumn } from "./cam/column.ts";
export { controls, type ControlName } from "./cam/controls.ts";
export { openExplainer, type Explainer, type ExplainerOptions } from "./cam/explain.ts";
export type { Explanation } from "./cam/explanation.ts";
export { camMethods, type CamMethodName } from "./cam/methods.ts";
export { normalisations, type NormalisationName } from "./cam/normalisations.ts";
export { camOptions, defaultCamOptions, type CamOptions } from "./cam/options.ts";
export type { Explained, Questions } from "./cam/questions.ts";
export { upsample, upsamplerFor, upsamplers, type Upsampling } from "./cam/upsamplers.ts";

export {
  calibrate,
  measure,
  type CalibratedErf,
  type CalibrationOptions,
  type MeasuredErf,
} from "./calibration/calibrate.ts";
export {
  chosenCell,
  chosenLayer,
  chosenPreprocessing,
  openSubject,
  type Subject,
} from "./calibration/subject.ts";
export type { ProbeRun } from "./calibration/probe-run.ts";
export { fitFor, readCalibration } from "./calibration/read.ts";
export { spreadOf } from "./calibration/spread.ts";
export { calibrationJsonSchema, calibrationSchema, type Calibration } from "./calibration/schema.ts";
