import { createHash, type Hash } from "node:crypto";
import { fitMap } from "../fit/fit.ts";
import { jackknife } from "../fit/jackknife.ts";
import { viewsOf } from "../image/crops.ts";
import { loadViews } from "../image/stream.ts";
import { ErfitError } from "../math/error.ts";
import type { RealMap } from "../math/tensor.ts";
import { blockMaps, imagesIn } from "../probe/accumulator.ts";
import { erfMap, probe, type ProbeImage, type ProbeProgress } from "../probe/probe.ts";
import { provenance } from "./provenance.ts";
import type { ProbeRun } from "./probe-run.ts";
import { imagesRecord, imageWarnings, layerRecord, modelRecord } from "./record.ts";
import type { Calibration } from "./schema.ts";

/** Everything a calibration says but the fit. */
type Measurement = Omit<Calibration, "fit">;

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

/** The views as the probe takes them; `seen` collects the names and contents of those that could be read, in order. */
async function* probeImages(
  { subject, photographs, crops, preprocessing }: ProbeRun,
  seen: Hash,
): AsyncGenerator<ProbeImage, void> {
  const numbers = new Map(photographs.map((source, number) => [source, number]));
  const views = loadViews(viewsOf(photographs, crops), preprocessing, subject.network.input.layout);
  for await (const { view, input, problem } of views) {
    if (input !== null) seen.update(`${view.name}\0${input.sha256}\n`);
    yield {
      name: view.name,
      photograph: numbers.get(view.source) ?? 0,
      tensor: input?.tensor ?? null,
      ...(problem === undefined ? {} : { problem }),
    };
  }
}

interface Probed {
  readonly progress: ProbeProgress;
  readonly imagesSha256: string;
}

/** Probes the layer over all photographs. @throws ErfitError where not a single one could be used */
async function probeAll(run: ProbeRun): Promise<Probed> {
  const { subject, layer, geometry, protocol, onProgress } = run;
  const count = viewsOf(run.photographs, run.crops).length;
  const seen = createHash("sha256");
  let last: ProbeProgress | undefined;
  const options = { layer, cell: geometry.cell, protocol, count };
  const steps = probe(subject.network, probeImages(run, seen), options);
  for await (const progress of steps) {
    last = progress;
    onProgress?.(progress, count);
  }
  if (last === undefined) throw new ErfitError("there are no images to probe with");
  const [firstSkipped] = last.skipped;
  if (imagesIn(last.accumulator) === 0 && firstSkipped !== undefined) throw noImageUsed(count, firstSkipped);
  return { progress: last, imagesSha256: seen.digest("hex") };
}

/** Nothing is left to measure or to explain. */
export const noImageUsed = (count: number, first: { readonly name: string; readonly reason: string }) =>
  new ErfitError(
    count === 1
      ? `${first.name} could not be used: ${first.reason}`
      : `not one of ${count} images could be used; the first, ${first.name}: ${first.reason}`,
  );

/** Probes the layer over all photographs: the map, and the record of how it was measured. */
export async function measure(run: ProbeRun): Promise<MeasuredErf> {
  const { progress, imagesSha256 } = await probeAll(run);
  const images = imagesRecord(run, progress, imagesSha256);
  return {
    map: erfMap(progress.accumulator, run.protocol),
    blocks: blockMaps(progress.accumulator),
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

/** probe -> fit -> calibration. The interval of each parameter is over photographs, by jackknife over blocks. */
export async function calibrate(run: ProbeRun): Promise<CalibratedErf> {
  const measured = await measure(run);
  const { fit, warnings } = jackknife(measured.blocks, fitMap(measured.map));
  const { measurement } = measured;
  return {
    ...measured,
    calibration: { ...measurement, fit, warnings: [...measurement.warnings, ...warnings] },
  };
}
