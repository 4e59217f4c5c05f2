import { imagesIn, loudnessOf } from "../probe/accumulator.ts";
import { effectiveNumber } from "../probe/loudness.ts";
import { listed } from "../math/listed.ts";
import type { ProbeProgress } from "../probe/probe.ts";
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

/** What a run over photographs came to. */
export interface Probed {
  readonly progress: ProbeProgress;
  /** Photographs of which at least one view was used. */
  readonly photographs: number;
  /** SHA-256 of the names and contents of the views that could be read. */
  readonly imagesSha256: string;
}

export function imagesRecord(
  { crops, shuffled }: Pick<ProbeRun, "crops" | "shuffled">,
  { progress: { accumulator, skipped }, photographs, imagesSha256 }: Probed,
): Calibration["images"] {
  const loudness = loudnessOf(accumulator);
  const { loudest, sum } = loudness;
  return {
    count: imagesIn(accumulator),
    photographs,
    cropsPerPhotograph: crops,
    shuffled,
    effectiveNumber: effectiveNumber(loudness),
    loudest: loudest === null || sum <= 0 ? null : { name: loudest.name, share: loudest.mass / sum },
    skipped: skipped.map(({ name, reason }) => ({ name, reason })),
    sha256: imagesSha256,
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
