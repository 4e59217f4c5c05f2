import { cellAt } from "../runtime/feature-grid.ts";
import { layerPlacements } from "../runtime/geometry.ts";
import type { FitOptions } from "../fit/options.ts";
import type { Placement } from "../graph/axes/axis.ts";
import type { ProbeRun } from "./probe-run.ts";

/** One axis of the input: where cells lie where that is known, else a field's center and that of the neighboring cell's. */
interface Axis {
  readonly placement: Placement | null;
  readonly here: number;
  readonly neighbor: number;
  readonly cell: number;
  readonly cells: number;
  readonly pixels: number;
}

/**
 * Where the effective receptive field should be centered, in pixels: at the cell's own place, as its strides and padding have
 * it; where they are not known, in the middle of the theoretical field; null where neither is. Attention, and pooling over the
 * image or a window, give all cells that they mix one and the same field, whose middle says nothing of a cell: there its
 * place is that of one of the grid's cells that tile the image.
 */
export function expectedCenter({
  subject: { network },
  layer,
  geometry: {
    cell: [row, column],
  },
}: Pick<ProbeRun, "subject" | "layer" | "geometry">): FitOptions["theoreticalCenter"] {
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

/** A field follows its cell where it moves by about the grid's spacing: not at all or by a whole window is mixing. */
function along({ placement, here, neighbor, cell, cells, pixels }: Axis): number {
  if (placement !== null && placement.first !== null) return placement.first + placement.stride * cell;
  const spacing = pixels / cells;
  const step = Math.abs(here - neighbor) / spacing;
  return step > 0.5 && step < 2 ? here : (cell + 0.5) * spacing - 0.5;
}
