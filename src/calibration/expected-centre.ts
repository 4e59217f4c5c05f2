import { cellAt } from "../engine/feature-grid.ts";
import type { FitOptions } from "../fit/options.ts";
import type { ProbeRun } from "./probe-run.ts";

/** One axis of the input: a field's centre, that of the neighbouring cell's, and how the cells lie. */
interface Axis {
  readonly here: number;
  readonly neighbour: number;
  readonly cell: number;
  readonly cells: number;
  readonly pixels: number;
}

/**
 * Where the effective receptive field should be centred, in pixels: in the middle of the theoretical one; null where that
 * is not known. Attention, and pooling over the image or a window, give all cells that they mix one and the same field,
 * whose middle says nothing of a cell: there it is the cell's own place on the image, as if the grid's cells tiled it.
 */
export function expectedCentre({
  subject: { network },
  layer: { name, grid },
  geometry: {
    cell: [row, column],
    receptiveField: here,
  },
}: Pick<ProbeRun, "subject" | "layer" | "geometry">): FitOptions["theoreticalCentre"] {
  const inwards = (index: number) => (index > 0 ? index - 1 : index + 1);
  const fieldAt = (r: number, c: number) =>
    r < grid.height && c < grid.width ? network.receptiveField(name, cellAt(grid, r, c)) : here;
  const [below, beside] = [fieldAt(inwards(row), column), fieldAt(row, inwards(column))];
  if (here === null || below === null || beside === null) return null;
  const { height, width } = network.input;
  return {
    x: along({
      here: here.centreX,
      neighbour: beside.centreX,
      cell: column,
      cells: grid.width,
      pixels: width,
    }),
    y: along({
      here: here.centreY,
      neighbour: below.centreY,
      cell: row,
      cells: grid.height,
      pixels: height,
    }),
  };
}

/** A field follows its cell where it moves by about the grid's spacing: not at all or by a whole window is mixing. */
function along({ here, neighbour, cell, cells, pixels }: Axis): number {
  const spacing = pixels / cells;
  const step = Math.abs(here - neighbour) / spacing;
  return step > 0.5 && step < 2 ? here : (cell + 0.5) * spacing - 0.5;
}
