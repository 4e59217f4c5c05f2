import { imagesIn, loudnessOf, photographsIn, skippedIn } from "../erf/accumulator.ts";
import { effectiveNumber } from "../erf/loudness.ts";
import { copiesText } from "../input/duplicates.ts";
import { listed } from "../core/error.ts";
import type { ProbeRun } from "./probe-run.ts";
import { imagesDigest, type RunState } from "./run-state.ts";
import type { Calibration } from "./schema.ts";
import type { Subject } from "./subject.ts";

/** The parts of a calibration that say what was measured. */

export const modelRecord = ({ file, sha256, network: { input } }: Subject): Calibration["model"] => ({
  file,
  sha256,
  input: { name: input.name, shape: input.shape, layout: input.layout },
});

/** Which tensor the classes' scores were read from, and how they became probabilities. */
export const scoresRecord = ({
  network: { output, logits, probability },
}: Readonly<Record<"network", Subject["network"]>>) => ({
  output: output.name,
  logits: logits.name,
  probability,
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

export function imagesRecord({ record, accumulator, digests }: RunState): Calibration["images"] {
  const loudness = loudnessOf(accumulator);
  const { loudest, sum } = loudness;
  const skipped = skippedIn(accumulator);
  return {
    count: imagesIn(accumulator),
    photographs: photographsIn(accumulator),
    cropsPerPhotograph: record.crops,
    shuffled: record.shuffled,
    effectiveNumber: effectiveNumber(loudness),
    loudest: loudest === null || sum <= 0 ? null : { name: loudest.name, share: loudest.mass / sum },
    ...(record.copies === undefined ? {} : { copies: record.copies }),
    skippedCount: skipped.count,
    skipped: skipped.first.map(({ name, reason }) => ({ name, reason })),
    sha256: imagesDigest({ digests }),
  };
}

export const imageWarnings = (images: Calibration["images"]): Calibration["warnings"] => [
  ...skippedWarnings(images),
  ...copyWarnings(images),
];

function copyWarnings({ copies }: Calibration["images"]): Calibration["warnings"] {
  if (copies === undefined) return [];
  return [{ code: "DUPLICATE_PHOTOGRAPHS", message: copiesText(copies) }];
}

function skippedWarnings({ count, skipped, skippedCount }: Calibration["images"]): Calibration["warnings"] {
  if (skippedCount === 0) return [];
  const names = listed(
    skipped.map(({ name }) => name),
    5,
    skippedCount,
  );
  return [
    {
      code: "IMAGES_SKIPPED",
      message: `${skippedCount} of ${count + skippedCount} images were skipped: ${names}. The reasons are in images.skipped.`,
    },
  ];
}
