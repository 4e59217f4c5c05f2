import { createHash } from "node:crypto";
import { fitMap } from "../fit/fit.ts";
import { jackknife } from "../fit/jackknife.ts";
import type { FitOptions } from "../fit/options.ts";
import type { Warning } from "../fit/result.ts";
import { viewsOf } from "../image/crops.ts";
import type { ImageSource } from "../image/listing.ts";
import type { Preprocessing } from "../image/preprocessing.ts";
import { loadViews } from "../image/stream.ts";
import type { Layer, LayerGeometry } from "../engine/layers.ts";
import { ErfitError } from "../math/error.ts";
import type { RealMap } from "../math/tensor.ts";
import { blockMaps, imagesIn } from "../probe/accumulator.ts";
import { erfMap, listed, probe, type ProbeImage, type ProbeProgress } from "../probe/probe.ts";
import type { ProtocolName } from "../probe/protocols.ts";
import { provenance } from "./provenance.ts";
import type { Calibration } from "./schema.ts";
import type { Subject } from "./subject.ts";

export interface ProbeRun {
  readonly subject: Subject;
  readonly layer: Layer;
  readonly geometry: LayerGeometry;
  readonly protocol: ProtocolName;
  readonly photographs: readonly ImageSource[];
  /** Views of each photograph; 1 is the evaluation crop alone. */
  readonly crops: number;
  readonly preprocessing: Preprocessing;
  readonly fitOptions?: Partial<FitOptions>;
  /** Called after each view. */
  readonly onProgress?: (progress: ProbeProgress, of: number) => void;
}

/** Everything a calibration says but the fit. */
export type Measurement = Omit<Calibration, "fit">;

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

async function* probeImages({
  subject,
  photographs,
  crops,
  preprocessing,
}: ProbeRun): AsyncGenerator<ProbeImage, void> {
  const numbers = new Map(photographs.map((source, number) => [source, number]));
  for await (const { view, input, problem } of loadViews(
    viewsOf(photographs, crops),
    preprocessing,
    subject.network.input.layout,
  )) {
    yield {
      name: view.name,
      photograph: numbers.get(view.source) ?? 0,
      tensor: input?.tensor ?? null,
      ...(problem === undefined ? {} : { problem }),
    };
  }
}

/** Probes the layer over all photographs. @throws ErfitError where not a single one could be used */
async function lastProgress(run: ProbeRun): Promise<ProbeProgress> {
  const { subject, layer, geometry, protocol, onProgress } = run;
  const views = viewsOf(run.photographs, run.crops);
  let last: ProbeProgress | undefined;
  for await (const progress of probe(subject.network, probeImages(run), {
    layer,
    cell: geometry.cell,
    protocol,
  })) {
    last = progress;
    onProgress?.(progress, views.length);
  }
  if (last === undefined) throw new ErfitError("there are no images to probe with");
  const [firstSkipped] = last.skipped;
  if (imagesIn(last.accumulator) === 0 && firstSkipped !== undefined) {
    throw noImageUsed(views.length, firstSkipped);
  }
  return last;
}

/** Nothing to draw or to fit is left. */
export const noImageUsed = (count: number, first: { readonly name: string; readonly reason: string }) =>
  new ErfitError(
    `not one of ${count} ${count === 1 ? "image" : "images"} could be used; the first, ${first.name}: ${first.reason}`,
  );

function imageWarnings({ skipped, accumulator }: ProbeProgress): readonly Warning[] {
  const used = imagesIn(accumulator);
  return skipped.length === 0
    ? []
    : [
        {
          code: "IMAGES_SKIPPED",
          message: `${skipped.length} of ${used + skipped.length} images were skipped: ${listed(skipped.map(({ name }) => name))}. The reasons are in images.skipped.`,
        },
      ];
}

/** Probes the layer over all photographs: the map, and the record of how it was measured. */
export async function measure(run: ProbeRun): Promise<MeasuredErf> {
  const { subject, layer, geometry, protocol, preprocessing } = run;
  const { network } = subject;
  const progress = await lastProgress(run);
  const views = viewsOf(run.photographs, run.crops);
  const skipped = new Set(progress.skipped.map(({ name }) => name));
  const used = views.filter(({ name }) => !skipped.has(name));
  const measurement: Measurement = {
    format: "erfit-calibration",
    version: 1,
    model: {
      file: subject.file,
      sha256: subject.sha256,
      input: { name: network.input.name, shape: [...network.input.shape], layout: network.input.layout },
    },
    layer: {
      name: layer.name,
      module: layer.module ?? null,
      shape: [...layer.shape],
      layout: layer.grid.layout,
      grid: [layer.grid.height, layer.grid.width],
      cell: [...geometry.cell],
      stride: [...geometry.stride],
      receptiveField: geometry.receptiveField,
    },
    protocol,
    images: {
      count: imagesIn(progress.accumulator),
      photographs: new Set(used.map(({ source }) => source)).size,
      cropsPerPhotograph: run.crops,
      skipped: progress.skipped.map(({ name, reason }) => ({ name, reason })),
      sha256: createHash("sha256")
        .update(views.map(({ name }) => name).join("\n"))
        .digest("hex"),
    },
    preprocessing: { ...preprocessing },
    warnings: [...imageWarnings(progress)],
    provenance: provenance(network.engine),
  };
  return {
    map: erfMap(progress.accumulator, protocol),
    blocks: blockMaps(progress.accumulator),
    measurement,
  };
}

/** probe -> fit -> calibration. The interval of each parameter is over photographs, by jackknife over blocks. */
export async function calibrate(run: ProbeRun): Promise<CalibratedErf> {
  const measured = await measure(run);
  const { fit, warnings } = jackknife(measured.blocks, fitMap(measured.map, run.fitOptions), run.fitOptions);
  const { measurement } = measured;
  return {
    ...measured,
    calibration: { ...measurement, fit, warnings: [...measurement.warnings, ...warnings] },
  };
}
