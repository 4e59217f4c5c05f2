import { basename } from "node:path";
import { listed } from "../core/error.ts";
import { imagesIn, contributionsOf, photographsIn, skippedIn } from "../erf/accumulator.ts";
import { effectiveNumber } from "../erf/contribution.ts";
import { copiesText } from "../input/duplicates.ts";
import { erfitVersion } from "../io/version.ts";
import type { LayerGeometry } from "../runtime/geometry.ts";
import type { Layer } from "../runtime/layers.ts";
import type { LoadedModel } from "./loaded-model.ts";
import { imagesDigest, type RunState } from "./run-state.ts";
import type { Calibration } from "./schema.ts";

export const modelRecord = ({ file, sha256, network: { input } }: LoadedModel): Calibration["model"] => ({
  file,
  sha256,
  input: { name: input.name, shape: input.shape, layout: input.layout },
});

/** A layer by its names, as every record has it. */
export const layerIdentity = ({ label, name, module, shape }: Layer) => ({
  label,
  name,
  module: module ?? null,
  shape,
});

/** The same with the grid that it is read as. */
export const gridRecord = (layer: Layer) =>
  ({
    ...layerIdentity(layer),
    layout: layer.grid.layout,
    grid: [layer.grid.height, layer.grid.width],
  }) as const;

/** Which tensor the classes' scores were read from, and how they became probabilities. */
export const scoresRecord = ({
  network: { output, logits, probability },
}: Readonly<Record<"network", LoadedModel["network"]>>) => ({
  output: output.name,
  logits: logits.name,
  probability,
});

/** A layer with the geometry of its probed cell. */
interface ProbedLayer {
  readonly layer: Layer;
  readonly geometry: LayerGeometry;
}

export const layerRecord = ({
  layer,
  geometry: { cell, stride, receptiveField },
}: ProbedLayer): Calibration["layer"] => ({
  ...gridRecord(layer),
  cell,
  stride,
  receptiveField,
});

export function imagesRecord({ record, accumulator, digests }: RunState): Calibration["images"] {
  const contributions = contributionsOf(accumulator);
  const { greatest, sum } = contributions;
  const skipped = skippedIn(accumulator);
  return {
    views: imagesIn(accumulator),
    photographs: photographsIn(accumulator),
    cropsPerPhotograph: record.crops,
    shuffled: record.shuffled,
    effectiveNumber: effectiveNumber(contributions),
    largestContribution:
      greatest === null || sum <= 0 ? null : { name: greatest.name, share: greatest.mass / sum },
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

function skippedWarnings({ views, skipped, skippedCount }: Calibration["images"]): Calibration["warnings"] {
  if (skippedCount === 0) return [];
  const names = listed(
    skipped.map(({ name }) => name),
    5,
    skippedCount,
  );
  return [
    {
      code: "IMAGES_SKIPPED",
      message: `${skippedCount} of ${views + skippedCount} views were skipped: ${names}. The reasons are in images.skipped.`,
    },
  ];
}

/** The command line as it was given; that of a program that uses the library tells nothing of erfit. */
const commandLine = ([, script = "", ...words]: readonly string[]): string =>
  /^erfit(\.js)?$/.test(basename(script)) ? ["erfit", ...words].join(" ") : "erfit as a library";

/** What made a result: versions, platform, time, and the command line (paths as the user gave them). */
export const provenance = (engine: string): Calibration["provenance"] => ({
  erfit: erfitVersion,
  engine,
  node: process.versions.node,
  platform: `${process.platform}-${process.arch}`,
  date: new Date().toISOString(),
  command: commandLine(process.argv),
});
