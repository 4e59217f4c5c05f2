import { strideWarnings } from "../cam/lattice.ts";
import type { RealMap } from "../core/tensor.ts";
import { blockMaps } from "../erf/accumulator.ts";
import { isNoise, type Cancellation } from "../erf/cancellation.ts";
import { erfMap } from "../erf/probe.ts";
import { protocols } from "../erf/protocols.ts";
import { shapeOf } from "../erf/shape/shape.ts";
import { agreementWarnings, photographWarnings } from "../fit/diagnostics.ts";
import { fitMap } from "../fit/fit.ts";
import { jackknife } from "../fit/jackknife.ts";
import type { FitResult, FitChoice } from "../fit/result.ts";
import { layerText } from "../runtime/layers.ts";
import { historyOf, pointOf, targetWarnings } from "./convergence.ts";
import type { MergedRun } from "./merge.ts";
import type { ProbeRun, ProbingStep } from "./probe-run.ts";
import { finished, probing, refuseUnused } from "./probing.ts";
import { provenance, imagesRecord, imageWarnings } from "./record.ts";
import type { RunState } from "./run-state.ts";
import type { Calibration, ConvergencePoint } from "./schema.ts";

/** A calibration without what is computed from its map. */
type Measurement = Omit<Calibration, "fit" | "comparison" | "convergence" | "shape">;

export interface MeasuredErf {
  /** The effective receptive field, H x W of the network's input; sum 1 (protocol `signed`: mean over images). */
  readonly map: RealMap;
  /** Un-normalized sums of the blocks that hold images. */
  readonly blocks: readonly RealMap[];
  readonly measurement: Measurement;
  /** Why the map is rounding noise, where it is. */
  readonly noise: string | undefined;
}

export interface CalibratedErf extends MeasuredErf {
  readonly calibration: Calibration;
}

/** The map of a run, and the record of how it was measured. */
function measured(state: RunState): MeasuredErf {
  const { record, accumulator } = state;
  const { model, layer, protocol, preprocessing } = record;
  const images = imagesRecord(state);
  const map = erfMap(accumulator, protocol);
  const noise = noiseReason(
    state,
    map.data.reduce((sum, value) => sum + Math.abs(value), 0),
  );
  return {
    map,
    noise,
    blocks: blockMaps(accumulator),
    measurement: {
      format: "erfit-calibration",
      version: 2,
      model,
      layer,
      protocol,
      images,
      preprocessing,
      warnings: [...(noise === undefined ? [] : noFitOfNoise(noise).warnings), ...imageWarnings(images)],
      provenance: provenance(record.engine),
    },
  };
}

/** Probes the layer over the photographs, step by step: the map, and the record of how it was measured. */
export async function* measuring(run: ProbeRun): AsyncGenerator<ProbingStep, MeasuredErf, void> {
  return measured(yield* probing(run, null));
}

/** The same, run to its end. */
export const measure = (run: ProbeRun): Promise<MeasuredErf> => finished(measuring(run), run);

/** Probes the layer over the photographs of a shard: a part that `merged` joins with the others. */
export const measureShard = (run: ProbeRun): Promise<RunState> => finished(probing(run, null), run);

export interface CalibrationOptions {
  /** The surface that is fitted; the paper's by default. */
  readonly model: FitChoice;
  /** Stop once both sigmas' 95 % half-widths are at most this share of sigma; undefined: use all photographs. */
  readonly until: number | undefined;
}

/** probe -> fit -> calibration. The interval of each parameter is over photographs, by jackknife over blocks. */
export async function* calibrating(
  run: ProbeRun,
  { model = "gaussian", until }: Partial<CalibrationOptions> = {},
): AsyncGenerator<ProbingStep, CalibratedErf, void> {
  const state = yield* probing(run, { model, until: until ?? null });
  return calibrated(state, state.history?.points ?? [], { model, until });
}

/** The same, run to its end. */
export const calibrate = (run: ProbeRun, options: Partial<CalibrationOptions> = {}): Promise<CalibratedErf> =>
  finished(calibrating(run, options), run);

/** The calibration of the shards of a run: but for its provenance, that of the run undivided. */
export function calibrateMerged(
  { state, looks }: MergedRun,
  { model = "gaussian" }: Partial<Pick<CalibrationOptions, "model">> = {},
): CalibratedErf {
  refuseUnused(state);
  const { protocol, expectedCenter: theoreticalCenter } = state.record;
  const history = historyOf(looks, protocol, { model, theoreticalCenter });
  return calibrated(state, history, { model, until: undefined });
}

/** @param earlier estimates of the fit as photographs came in */
function calibrated(
  state: RunState,
  earlier: readonly ConvergencePoint[],
  { model, until }: CalibrationOptions,
): CalibratedErf {
  const { layer, expectedCenter: theoreticalCenter } = state.record;
  const options = { model, theoreticalCenter };
  const result = measured(state);
  const { map, blocks, measurement, noise } = result;
  const { fit, warnings, comparison } =
    noise === undefined ? jackknife(blocks, fitMap(map, options), options) : noFitOfNoise(noise);
  const last = pointOf(fit, measurement.images.photographs);
  const before = (noise === undefined ? earlier : []).filter(
    ({ photographs }) => photographs !== last?.photographs,
  );
  return {
    ...result,
    calibration: {
      ...measurement,
      fit,
      ...(comparison && { comparison }),
      shape: shapeOf(
        map,
        { receptiveField: layer.receptiveField, cellCenter: theoreticalCenter },
        noise === undefined ? undefined : "the map is rounding noise",
      ),
      convergence: last === undefined ? before : [...before, last],
      // The fit's own first: they explain why there is none, and a figure has room for one.
      warnings: [
        ...warnings,
        ...(fit === null
          ? []
          : strideWarnings({ sigmaX: fit.sigmaX.value, sigmaY: fit.sigmaY.value }, layer.stride)),
        ...photographWarnings({ ...measurement.images, greatest: measurement.images.largestContribution }),
        ...(fit === null ? [] : agreementWarnings(blocks)),
        ...imageWarnings(measurement.images),
        ...targetWarnings(last, until),
      ],
    },
  };
}

/** The scalar of the channels that a protocol differentiates, by its objective. */
const scalars = { "channel-mean": "mean", "rectified-sum": "sum of the positive parts" } as const;

/** Why a run's map is rounding noise; undefined where it is a receptive field, or zero everywhere. */
function noiseReason({ cancellation, record }: RunState, mass: number): string | undefined {
  if (cancellation === null || !isNoise(cancellation) || mass === 0) return undefined;
  const { layer, protocol } = record;
  const scalar = scalars[protocols[protocol].objective([]).kind];
  return (
    `The map is rounding noise: the ${scalar} of the channels of ${layerText(layer)} is the same for every image${shareLeft(cancellation)}. ` +
    "A softmax and a normalization without a scale make it so. Choose a layer before that one."
  );
}

const shareLeft = ({ left }: Cancellation): string =>
  left === null || left === 0 ? "" : `, and its gradient is ${left.toExponential(0)} of the channels' own`;

/** The result of rounding noise: no fit, and the reason. */
const noFitOfNoise = (message: string): FitResult => ({
  fit: null,
  warnings: [{ code: "ROUNDING_NOISE", message }],
});
