import { createHash } from "node:crypto";
import type { ProbeProgress } from "../erf/probe.ts";
import type { ProtocolName } from "../erf/protocols.ts";
import type { Shard } from "../erf/shard.ts";
import type { FitOptions, FitChoice } from "../fit/result.ts";
import type { Placement } from "../graph/axes/axis.ts";
import { viewsOf } from "../input/crops.ts";
import { copiesIn } from "../input/duplicates.ts";
import type { ImageSource } from "../input/listing.ts";
import type { Preprocessing } from "../input/preprocessing.ts";
import type { SharedReader } from "../input/stream.ts";
import { erfitVersion } from "../io/version.ts";
import { cellAt } from "../runtime/feature-grid.ts";
import { layerPlacements, type LayerGeometry } from "../runtime/geometry.ts";
import type { Layer } from "../runtime/layers.ts";
import type { Checkpoints } from "./checkpoints.ts";
import type { LoadedModel } from "./loaded-model.ts";
import { layerRecord, modelRecord } from "./record.ts";
import type { RunRecord } from "./run-state.ts";
import type { ConvergencePoint } from "./schema.ts";

/** One measurement, with every setting decided. */
export interface ProbeRun {
  readonly model: LoadedModel;
  readonly layer: Layer;
  readonly geometry: LayerGeometry;
  readonly protocol: ProtocolName;
  readonly photographs: readonly ImageSource[];
  /** Views of each photograph; 1 is the evaluation crop alone. */
  readonly crops: number;
  readonly preprocessing: Preprocessing;
  /** Seed of the random order that the photographs were put in; null: the order of the list. */
  readonly shuffled: number | null;
  /** The part of the run that is to be measured here; all of it by default. */
  readonly shard?: Shard | null;
  /** What decodes the photographs, where other runs read the same ones; `programs` is how many runs there are. */
  readonly shared?: { readonly reader: SharedReader; readonly programs: number };
  /** Where the run's state is saved; by default it is lost with the process. */
  readonly checkpoints?: Checkpoints;
  /** Called with each view that is done, where the run is awaited to its end. */
  readonly onProgress?: (step: ProbingStep) => void;
}

/** A view that is done. */
export interface ProbingStep extends ProbeProgress {
  /** Views of the whole run, or of its shard; `done` includes those of the interrupted run that it resumes. */
  readonly of: number;
  /** The latest estimate of the fit that is followed. */
  readonly estimate: ConvergencePoint | null;
}

const listHash = (photographs: readonly ImageSource[]): string =>
  photographs
    .reduce((hash, { kind, name }) => hash.update(`${kind}\0${name}\n`), createHash("sha256"))
    .digest("hex");

const copiesOf = (photographs: readonly ImageSource[]): Pick<RunRecord, "copies"> => {
  const copies = copiesIn(photographs);
  return copies.count === 0 ? {} : { copies };
};

export const runRecord = (
  run: ProbeRun,
  following: { readonly model: FitChoice; readonly until: number | null } | null,
): RunRecord => ({
  model: modelRecord(run.model),
  layer: layerRecord(run),
  protocol: run.protocol,
  preprocessing: { ...run.preprocessing },
  crops: run.crops,
  shuffled: run.shuffled,
  photographs: run.photographs.length,
  ...copiesOf(run.photographs),
  views: viewsOf(run.photographs, run.crops).length,
  list: listHash(run.photographs),
  expectedCenter: expectedCenter(run),
  following,
  engine: run.model.network.engine,
  erfit: erfitVersion,
});

/**
 * Where the effective receptive field should be centered, in pixels: at the cell's own place, as its strides and padding have
 * it; where they are not known, in the middle of the theoretical field; null where neither is. Attention, and pooling over the
 * image or a window, give all cells that they mix one and the same field, whose middle tells nothing of a cell: there its
 * place is that of one of the grid's cells that tile the image.
 */
export function expectedCenter({
  model: { network },
  layer,
  geometry: {
    cell: [row, column],
  },
}: Pick<ProbeRun, "model" | "layer" | "geometry">): FitOptions["theoreticalCenter"] {
  const { name, grid } = layer;
  const inwards = (index: number, cells: number) => (index > 0 ? index - 1 : Math.min(index + 1, cells - 1));
  const fieldAt = (r: number, c: number) => network.receptiveField(name, cellAt(grid, r, c));
  const here = fieldAt(row, column);
  const below = fieldAt(inwards(row, grid.height), column);
  const beside = fieldAt(row, inwards(column, grid.width));
  if (here === null || below === null || beside === null) return null;
  const [rows, columns] = layerPlacements(layer);
  const { height, width } = network.input;
  return {
    x: along({
      placement: columns,
      here: here.centerX,
      neighbor: beside.centerX,
      cell: column,
      cells: grid.width,
      pixels: width,
    }),
    y: along({
      placement: rows,
      here: here.centerY,
      neighbor: below.centerY,
      cell: row,
      cells: grid.height,
      pixels: height,
    }),
  };
}

/** One axis of the input: where cells lie where that is known, else a field's center and that of the neighboring cell's. */
interface Axis {
  readonly placement: Placement | null;
  readonly here: number;
  readonly neighbor: number;
  readonly cell: number;
  readonly cells: number;
  readonly pixels: number;
}

/** A field follows its cell where it moves by about the grid's spacing: not at all or by a whole window is mixing. */
function along({ placement, here, neighbor, cell, cells, pixels }: Axis): number {
  if (placement !== null && placement.first !== null) return placement.first + placement.stride * cell;
  const spacing = pixels / cells;
  const step = Math.abs(here - neighbor) / spacing;
  return step > 0.5 && step < 2 ? here : (cell + 0.5) * spacing - 0.5;
}
