import type { Cell } from "../autodiff/objective.ts";
import type { Shape } from "../core/tensor.ts";
import type { AxisMeaning } from "../graph/axes/axis.ts";
import type { Placement } from "../graph/axes/axis.ts";
import type { ImageInput } from "./network.ts";

/**
 * How a feature map's axes are ordered: convolutional (NCHW), channels last (NHWC: Swin, TF.js), tokens (NTC), or tokens
 * after their channels (NCT: mixing over positions).
 */
export type FeatureLayout = "NCHW" | "NHWC" | "NTC" | "NCT";

/** A feature map read as a grid of cells over the image. */
export interface FeatureGrid {
  readonly layout: FeatureLayout;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  /** Class, distillation and register tokens before the grid's (NTC and NCT only, else 0). */
  readonly prefixTokens: number;
}

type Extents = Pick<ImageInput, "height" | "width">;

/** How far a grid's aspect ratio is from the image's, as a ratio's logarithm. */
const distortion = (height: number, width: number, image: Extents): number =>
  Math.abs(Math.log(height / width / (image.height / image.width)));

/**
 * Whether cells could tile an image of that aspect: grids are rounded, and lose borders where nothing is padded. 61 x 53
 * pixels can become 7 x 4 cells, a large grid keeps the image's aspect; 64 heads of 49 positions are no 64 x 49 cells.
 */
function tiles({ height, width }: Extents, image: Extents): boolean {
  const cellsOff = Math.abs(height * image.width - width * image.height) / (image.height + image.width);
  return cellsOff <= 2 || distortion(height, width, image) <= Math.log(1.2);
}

/** The same, and no cell is smaller than a pixel. */
const plausible = (grid: Extents, image: Extents): boolean =>
  tiles(grid, image) && grid.height <= image.height && grid.width <= image.width;

/** Most networks put one to five tokens first: class, distillation, up to four registers, and a little room. */
const mostPrefixTokens = 9;

/** Whether there are numbers greater than both lower bounds and less than both upper ones. */
const overlap = (a: readonly [number, number], b: readonly [number, number]): boolean =>
  Math.max(a[0], b[0]) < Math.min(a[1], b[1]);

/** Whether one stride gives both sides, a rest of a cell dropped on both or filled up on both. */
const rounded = (rows: number, columns: number, { height, width }: ImageInput): boolean =>
  overlap([height / (rows + 1), height / rows], [width / (columns + 1), width / columns]) ||
  overlap([height / rows, height / (rows - 1)], [width / columns, width / (columns - 1)]);

const sameAspect = (rows: number, columns: number, image: ImageInput): boolean =>
  distortion(rows, columns, image) < 0.01;

/** The first number of prefix tokens that leaves a grid of the image's aspect ratio: exactly, else but for rounding. */
function tokenGrid([, tokens = 0, channels = 0]: Shape, image: ImageInput): FeatureGrid | null {
  for (const fits of [sameAspect, rounded]) {
    for (let prefixTokens = 0; prefixTokens <= Math.min(mostPrefixTokens, tokens - 4); prefixTokens++) {
      const cells = tokens - prefixTokens;
      const nearest = Math.round(Math.sqrt((cells * image.height) / image.width));
      for (const height of [nearest, nearest - 1, nearest + 1]) {
        const width = cells / height;
        if (height >= 2 && width >= 2 && Number.isInteger(width) && fits(height, width, image))
          return { layout: "NTC", height, width, channels, prefixTokens };
      }
    }
  }
  return null;
}

/**
 * Reads a tensor's shape as a grid of cells, judging by the image's aspect ratio; null where it cannot be one.
 * Grids of a single cell count: they are feature maps, if hardly interesting ones.
 */
export function featureGrid(shape: Shape, image: ImageInput): FeatureGrid | null {
  const [batch, a = 0, b = 0, c = 0] = shape;
  if (batch !== 1) return null;
  if (shape.length === 3) return tokenGrid(shape, image);
  if (shape.length !== 4) return null;
  const first: FeatureGrid = { layout: "NCHW", height: b, width: c, channels: a, prefixTokens: 0 };
  const last: FeatureGrid = { layout: "NHWC", height: a, width: b, channels: c, prefixTokens: 0 };
  const candidates = image.layout === "NCHW" ? [first, last] : [last, first];
  return (
    candidates
      .filter((grid) => plausible(grid, image))
      .map((grid) => ({ grid, off: distortion(grid.height, grid.width, image) }))
      .sort((a, b) => a.off - b.off)[0]?.grid ?? null
  );
}

/** The cell at a row and column of the grid, as indices on the tensor's axes. */
export function cellAt({ layout, width, prefixTokens }: FeatureGrid, row: number, column: number): Cell {
  switch (layout) {
    case "NCHW":
      return [0, null, row, column];
    case "NHWC":
      return [0, row, column, null];
    case "NTC":
      return [0, prefixTokens + row * width + column, null];
    case "NCT":
      return [0, null, prefixTokens + row * width + column];
  }
}

/**
 * The central cell as OpenERF counts it: [H/2, W/2] rounded down for the maps of convolutional networks; the upper left
 * of the four central cells on an even grid for patch-embedding networks (tokens, and channels-last maps in a network
 * whose image is channels-first: Swin and kin). 14 x 14 tokens give index 90, 7 x 7 give 24.
 */
export function centralCell(
  { layout, height, width }: FeatureGrid,
  image: ImageInput,
): readonly [row: number, column: number] {
  const patchEmbedding = layout !== image.layout;
  const center = (extent: number) => (patchEmbedding ? Math.floor((extent - 1) / 2) : Math.floor(extent / 2));
  return [center(height), center(width)];
}

/** A grid of tokens as the user states it. */
export type StatedGrid = readonly [rows: number, columns: number];

/** A tensor as far as its grid goes: the shape, and what its axes count where the engine can tell. */
interface Described {
  readonly shape: Shape;
  readonly axes?: readonly AxisMeaning[] | undefined;
}

/** Layouts by what their axes count; "other" stands for the batch of one and for the channels. */
const layouts: Readonly<Record<string, FeatureLayout>> = {
  "other other rows columns": "NCHW",
  "other rows columns other": "NHWC",
  "other cells other": "NTC",
  "other other cells": "NCT",
};

/** Where a tensor's rows and columns lie on the image; null where its axes do not tell. */
export type Placements = readonly [rows: Placement | null, columns: Placement | null];

export function placementsOf(axes: readonly AxisMeaning[] = []): Placements {
  const cells = axes.find((axis) => axis.counts === "cells");
  if (cells?.counts === "cells") return cells.placements ?? [null, null];
  const along = (direction: "rows" | "columns"): Placement | null => {
    const axis = axes.find(({ counts }) => counts === direction);
    return axis?.counts === direction ? (axis.placement ?? null) : null;
  };
  return [along("rows"), along("columns")];
}

/**
 * Whether a grid's cells lie all over the image, in cells as far apart as they are; windows without padding may lose up to
 * half of an axis. A strip that was cut off a map does not (windows are rolled by cutting and joining).
 */
function covers(grid: FeatureGrid, [rows, columns]: Placements, image: ImageInput): boolean {
  if (rows === null && columns === null) return plausible(grid, image);
  const { height, width } = grid;
  // An axis whose cells lie at irregular distances is taken to cover the image.
  const inCells = {
    height: rows === null ? height : image.height / rows.stride,
    width: columns === null ? width : image.width / columns.stride,
  };
  return tiles(grid, inCells) || (height > inCells.height / 2 && width > inCells.width / 2);
}

/** The grid that the axes' meanings spell out; null where they spell another thing (weights between tokens, windows, heads). */
export function spelledGrid(axes: readonly AxisMeaning[]): FeatureGrid | null {
  const layout = layouts[axes.map(({ counts }) => counts).join(" ")];
  if (layout === undefined || axes[0]?.extent !== 1) return null;
  const channels = axes.at(layout === "NCHW" || layout === "NCT" ? 1 : -1)?.extent ?? 1;
  const extent = (of: AxisMeaning["counts"]) => axes.find(({ counts }) => counts === of)?.extent ?? 1;
  const cells = axes.find((axis) => axis.counts === "cells");
  return cells?.counts === "cells"
    ? { layout, height: cells.height, width: cells.width, channels, prefixTokens: cells.before }
    : { layout, height: extent("rows"), width: extent("columns"), channels, prefixTokens: 0 };
}

/** The tensor's tokens as the stated grid; the tokens before it are fewer than its cells. */
function statedGrid({ shape, axes }: Described, [height, width]: StatedGrid): FeatureGrid | null {
  if (shape.length !== 3 || shape[0] !== 1) return null;
  const layout = axes?.[2]?.counts === "cells" ? "NCT" : "NTC";
  const [, a = 0, b = 0] = shape;
  const [tokens, channels] = layout === "NTC" ? [a, b] : [b, a];
  const prefixTokens = tokens - height * width;
  return prefixTokens >= 0 && prefixTokens < height * width
    ? { layout, height, width, channels, prefixTokens }
    : null;
}

/** False where the engine followed the axes, and none of them counts rows, columns or cells: mixed beyond recognition. */
export const countsCells = ({ axes }: Described): boolean =>
  axes === undefined || axes.some(({ counts }) => counts !== "other");

/**
 * A tensor as a grid of cells: as its axes are known to count the image's rows and columns, else as its shape suggests;
 * tokens as `stated`, where that is given and their number allows it. Null where it is no grid.
 */
export function gridOf(tensor: Described, image: ImageInput, stated?: StatedGrid): FeatureGrid | null {
  const asStated = stated === undefined ? null : statedGrid(tensor, stated);
  if (asStated !== null) return asStated;
  const { shape, axes } = tensor;
  if (axes === undefined || !countsCells(tensor)) return featureGrid(shape, image);
  const spelled = spelledGrid(axes);
  return spelled !== null && covers(spelled, placementsOf(axes), image) ? spelled : null;
}
