import { camGrid, camMap, removedShare } from "./cam.ts";
import type { CamColumn } from "./column.ts";
import { controls } from "./controls.ts";
import type { CamMethodName } from "./methods.ts";
import type { NormalizationName } from "./normalizations.ts";
import type { CamOptions } from "./options.ts";
import type { Explained } from "./questions.ts";
import type { RealMap } from "../core/tensor.ts";

/** How maps are made of what the network says. */
export interface Drawing {
  readonly columns: readonly CamColumn[];
  readonly options: CamOptions;
  readonly normalization: NormalizationName;
}

/** One column's map of one class of one image. */
export interface DrawnCam {
  readonly column: CamColumn;
  /** Signed, before any ReLU. */
  readonly grid: RealMap;
  readonly map: RealMap;
  /** Share of the grid's absolute mass that a ReLU removes, or would remove. */
  readonly removedShare: number;
  /** Whether nothing is left behind the ReLU. */
  readonly empty: boolean;
}

/** What the maps of one class are made of. */
export interface DrawnFrom {
  readonly explained: Explained;
  /** The class on another image, for the control that borrows its map; null where no column has that control. */
  readonly other: Explained | null;
  /** Of the random controls. */
  readonly seed: number;
  /** Height and width of the network's input. */
  readonly size: readonly [height: number, width: number];
}

/** The maps of all columns, in their order; each method's grid is made once. */
export async function drawCams(
  { columns, options, normalization }: Drawing,
  { explained, other, seed, size }: DrawnFrom,
): Promise<readonly DrawnCam[]> {
  const gridOf = once((method) => camGrid(method, explained, options));
  const otherGridOf = once(async (method) => (other === null ? null : camGrid(method, other, options)));
  const cams: DrawnCam[] = [];
  for (const column of columns) {
    const own = await gridOf(column.method);
    const grid =
      column.control === null
        ? own
        : controls[column.control].grid({ own, other: await otherGridOf(column.method), seed });
    const map = camMap(column, grid, size, normalization);
    const empty = column.rectify && grid.data.every((value) => value <= 0);
    cams.push({ column, grid, map, removedShare: removedShare(grid), empty });
  }
  return cams;
}

/** A method's grid, made when it is first asked for. */
function once<Grid>(
  make: (method: CamMethodName) => Promise<Grid>,
): (method: CamMethodName) => Promise<Grid> {
  const made = new Map<CamMethodName, Promise<Grid>>();
  return (method) => {
    const grid = made.get(method) ?? make(method);
    made.set(method, grid);
    return grid;
  };
}
