import type { ReceptiveField } from "../autodiff/receptive-field/receptive-field.ts";
import type { Placement } from "../graph/axes/axis.ts";
import { cellAt, centralCell, placementsOf, spelledGrid, type Placements } from "./feature-grid.ts";
import type { Layer } from "./layers.ts";
import type { Network } from "./network.ts";

/** What the geometry alone determines of a layer's central cell. */
export interface LayerGeometry {
  readonly cell: readonly [row: number, column: number];
  /** Pixels between the receptive fields of neighboring cells, [vertical, horizontal]. */
  readonly stride: readonly [number, number];
  /** Theoretical receptive field of the cell; null where it is unknown. */
  readonly receptiveField: ReceptiveField | null;
}

/** First and last pixel of a receptive field along one axis. */
type Reach = readonly [first: number, last: number];

const reachY = ({ centerY, height }: ReceptiveField): Reach => [
  centerY - (height - 1) / 2,
  centerY + (height - 1) / 2,
];
const reachX = ({ centerX, width }: ReceptiveField): Reach => [
  centerX - (width - 1) / 2,
  centerX + (width - 1) / 2,
];

/** One axis of the image and of a layer's grid. */
interface Axis {
  readonly placement: Placement | null;
  readonly cells: number;
  readonly pixels: number;
}

/** Pixels per cell by which both ends of the field move from the first cell to the last, on average. */
const travelOf = (first: Reach, last: Reach, cells: number): Reach => [
  (last[0] - first[0]) / (cells - 1),
  (last[1] - first[1]) / (cells - 1),
];

/** Whether a field that starts at `first` has moved by `travel` with each cell: cells that share a field (areas) jump. */
const movesEvenly = (first: Reach, reach: Reach, index: number, travel: Reach): boolean =>
  travel[0] > 0 && travel[0] === travel[1] && Math.abs(reach[0] - first[0] - index * travel[0]) < 1e-6;

/** The stride along one axis. `travel` is null where the fields do not tell. */
const strideOf = ({ placement, cells, pixels }: Axis, travel: number | null): number =>
  placement?.stride ?? travel ?? pixels / cells;

/**
 * A cell that sees the whole image by a path that all cells share (global pooling, attention): its field ends where the image
 * does. Where the field moves with the cell, padding is part of it.
 */
function settled(reach: Reach, travel: Reach, stride: number, pixels: number): Reach {
  const moves = Math.min(...travel) > stride / 2;
  return moves || reach[0] > 0 || reach[1] < pixels - 1 ? reach : [0, pixels - 1];
}

/** Where the cells of a layer lie on the image, as far as its axes tell. */
export function layerPlacements({ axes, grid }: Layer): Placements {
  const spelled = axes === undefined ? null : spelledGrid(axes);
  return spelled?.height === grid.height && spelled.width === grid.width ? placementsOf(axes) : [null, null];
}

/** Geometry of one cell of a layer (the central one by default). */
export function geometryOf(
  network: Network,
  layer: Layer,
  cell = centralCell(layer.grid, network.input),
): LayerGeometry {
  const { grid } = layer;
  const fieldAt = (row: number, column: number) =>
    network.receptiveField(layer.name, cellAt(grid, row, column));
  const here = fieldAt(...cell);
  const [first, last] = [fieldAt(0, 0), fieldAt(grid.height - 1, grid.width - 1)];
  const [rows, columns] = layerPlacements(layer);
  const vertical: Axis = { placement: rows, cells: grid.height, pixels: network.input.height };
  const horizontal: Axis = { placement: columns, cells: grid.width, pixels: network.input.width };
  if (here === null || first === null || last === null)
    return { cell, stride: [strideOf(vertical, null), strideOf(horizontal, null)], receptiveField: here };

  const along = (axis: Axis, index: number, reachOf: (field: ReceptiveField) => Reach) => {
    const reach = reachOf(here);
    if (axis.cells === 1) return { reach, stride: strideOf(axis, null) };
    const travel = travelOf(reachOf(first), reachOf(last), axis.cells);
    const evenly = movesEvenly(reachOf(first), reach, index, travel);
    const stride = strideOf(axis, evenly ? travel[0] : null);
    return { reach: settled(reach, travel, stride, axis.pixels), stride };
  };
  const [y, x] = [along(vertical, cell[0], reachY), along(horizontal, cell[1], reachX)];
  return {
    cell,
    stride: [y.stride, x.stride],
    receptiveField: {
      height: y.reach[1] - y.reach[0] + 1,
      width: x.reach[1] - x.reach[0] + 1,
      centerY: (y.reach[0] + y.reach[1]) / 2,
      centerX: (x.reach[0] + x.reach[1]) / 2,
    },
  };
}
