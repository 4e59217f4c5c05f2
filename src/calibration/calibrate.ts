import { createHash } from "node:crypto";
import { fitMap } from "../fit/fit.ts";
import { jackknife } from "../fit/jackknife.ts";
import type { FitChoice } from "../fit/options.ts";
import { photographWarnings } from "../fit/photograph-gates.ts";
import { viewsOf } from "../image/crops.ts";
import { loadViews } from "../image/stream.ts";
import { ErfitError } from "../math/error.ts";
import type { RealMap } from "../math/tensor.ts";
import { blockMaps, imagesIn } from "../probe/accumulator.ts";
import { erfMap, probe, type ProbeImage, type ProbeProgress } from "../probe/probe.ts";
import { shapeOf } from "../shape/shape.ts";
import { pointOf, targetWarnings, watchFit, type Watch } from "./convergence.ts";
import { expectedCentre } from "./expected-centre.ts";
import { provenance } from "./provenance.ts";
import type { ProbeRun } from "./probe-run.ts";
import { imagesRecord, imageWarnings, layerRecord, modelRecord, type Probed } from "./record.ts";
import type { Calibration } from "./schema.ts";

/** Everything a calibration says but what is made of the map. */
type Measurement = Omit<Calibration, "fit" | "comparison" | "convergence" | "shape">;

export interface MeasuredErf {
  /** The effective receptive field, H x W of the network's input; sum 1 (protocol `signed`: mean over images). */
  readonly map: RealMap;
  /** Un-normalised sums of the blocks that hold images. */
  readonly blocks: readonly RealMap[];
  readonly measurement: Measurement;
}

export interface CalibratedErf extends MeasuredErf {
  readonly calibration: Calibration;
}

/** The views as the probe takes them; `read` gets what identifies each (name and contents), nothing for one that was unreadable. */
async function* probeImages(
  { subject, photographs, crops, preprocessing }: ProbeRun,
  read: string[],
): AsyncGenerator<ProbeImage, void> {
  const indices = new Map(photographs.map((source, index) => [source, index]));
  const views = loadViews(viewsOf(photographs, crops), preprocessing, subject.network.input.layout);
  for await (const { view, input, problem } of views) {
    read.push(input === null ? "" : `${view.name}\0${input.sha256}\n`);
    yield {
      name: view.name,
      photograph: { index: indices.get(view.source) ?? 0, name: view.source.name },
      tensor: input?.tensor ?? null,
      ...(problem === undefined ? {} : { problem }),
    };
  }
}

/**
 * Probes the layer over the photographs: all of them, or until `watch` has seen enough.
 * @throws ErfitError where not a single one could be used
 */
async function probeAll(run: ProbeRun, watch?: Watch): Promise<Probed> {
  const { subject, layer, geometry, protocol, onProgress } = run;
  const views = viewsOf(run.photographs, run.crops);
  const count = views.length;
  const read: string[] = []; // of the views on their way through the engine
  const seen = createHash("sha256");
  let last: ProbeProgress | undefined;
  let [photographs, images] = [0, 0];
  const options = { layer, cell: geometry.cell, protocol, count };
  for await (const progress of probe(subject.network, probeImages(run, read), options)) {
    last = progress;
    seen.update(read.shift() ?? "");
    onProgress?.(progress, count, watch?.points.at(-1));
    if (views[progress.done - 1]?.source === views[progress.done]?.source) continue;
    if (imagesIn(progress.accumulator) > images) photographs++;
    images = imagesIn(progress.accumulator);
    if (watch?.look(progress.accumulator, photographs) === true) break;
  }
  if (last === undefined) throw new ErfitError("there are no images to probe with");
  const [firstSkipped] = last.skipped;
  if (imagesIn(last.accumulator) === 0 && firstSkipped !== undefined) throw noImageUsed(count, firstSkipped);
  return { progress: last, photographs, imagesSha256: seen.digest("hex") };
}

/** Nothing is left to measure or to explain. */
export const noImageUsed = (count: number, first: { readonly name: string; readonly reason: string }) =>
  new ErfitError(
    count === 1
      ? `${first.name} could not be used: ${first.reason}`
      : `not one of ${count} images could be used; the first, ${first.name}: ${first.reason}`,
  );

/** Probes the layer over the photographs: the map, and the record of how it was measured. */
export async function measure(run: ProbeRun, watch?: Watch): Promise<MeasuredErf> {
  const probed = await probeAll(run, watch);
  const { accumulator } = probed.progress;
  const images = imagesRecord(run, probed);
  return {
    map: erfMap(accumulator, run.protocol),
    blocks: blockMaps(accumulator),
    measurement: {
      format: "erfit-calibration",
      version: 1,
      model: modelRecord(run.subject),
      layer: layerRecord(run),
      protocol: run.protocol,
      images,
      preprocessing: { ...run.preprocessing },
      warnings: imageWarnings(images),
      provenance: provenance(run.subject.network.engine),
    },
  };
}

export interface CalibrationOptions {
  /** The surface that is fitted; the paper's by default. */
  readonly model: FitChoice;
  /** Stop once both sigmas' 95 % half-widths are at most this share of sigma; undefined: use all photographs. */
  readonly until: number | undefined;
}

/** probe -> fit -> calibration. The interval of each parameter is over photographs, by jackknife over blocks. */
export async function calibrate(
  run: ProbeRun,
  { model = "gaussian", until }: Partial<CalibrationOptions> = {},
): Promise<CalibratedErf> {
  const options = { model, theoreticalCentre: expectedCentre(run) };
  const watch = watchFit(run.protocol, until, options);
  const measured = await measure(run, watch);
  const { fit, warnings, comparison } = jackknife(measured.blocks, fitMap(measured.map, options), options);
  const { measurement } = measured;
  const last = pointOf(fit, measurement.images.photographs);
  const looks = watch.points.filter(({ photographs }) => photographs !== last?.photographs);
  return {
    ...measured,
    calibration: {
      ...measurement,
      fit,
      ...(comparison && { comparison }),
      shape: shapeOf(measured.map, run.geometry),
      convergence: last === undefined ? looks : [...looks, last],
      // The fit's own first: they say why there is none, and a figure has room for one.
      warnings: [
        ...warnings,
        ...photographWarnings(measurement.images),
        ...measurement.warnings,
        ...targetWarnings(last, until),
      ],
    },
  };
}
