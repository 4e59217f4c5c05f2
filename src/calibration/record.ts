import { viewsOf } from "../image/crops.ts";
import { imagesIn } from "../probe/accumulator.ts";
import { listed, type ProbeProgress } from "../probe/probe.ts";
import type { ProbeRun } from "./probe-run.ts";
import type { Calibration } from "./schema.ts";
import type { Subject } from "./subject.ts";

/** The parts of a calibration that say what was measured. */

export const modelRecord = ({ file, sha256, network: { input } }: Subject): Calibration["model"] => ({
  file,
  sha256,
  input: { name: input.name, shape: input.shape, layout: input.layout },
});

export const layerRecord = ({
  layer: { name, module, shape, grid },
  geometry: { cell, stride, receptiveField },
}: Pick<ProbeRun, "layer" | "geometry">): Calibration["layer"] => ({
  name,
  module: module ?? null,
  shape,
  layout: grid.layout,
  grid: [grid.height, grid.width],
  cell,
  stride,
  receptiveField,
});

/** @param sha256 of the names and contents of the views that could be read */
export function imagesRecord(
  { photographs, crops }: Pick<ProbeRun, "photographs" | "crops">,
  { accumulator, skipped }: ProbeProgress,
  sha256: string,
): Calibration["images"] {
  const missing = new Set(skipped.map(({ name }) => name));
  const used = viewsOf(photographs, crops).filter(({ name }) => !missing.has(name));
  return {
    count: imagesIn(accumulator),
    photographs: new Set(used.map(({ source }) => source)).size,
    cropsPerPhotograph: crops,
    skipped: skipped.map(({ name, reason }) => ({ name, reason })),
    sha256,
  };
}

export function imageWarnings({ count, skipped }: Calibration["images"]): Calibration["warnings"] {
  if (skipped.length === 0) return [];
  const names = listed(skipped.map(({ name }) => name));
  return [
    {
      code: "IMAGES_SKIPPED",
      message: `${skipped.length} of ${count + skipped.length} images were skipped: ${names}. The reasons are in images.skipped.`,
    },
  ];
}
