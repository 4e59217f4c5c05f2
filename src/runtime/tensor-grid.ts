import type { AxisMeaning } from "../graph/axes/axis.ts";
import type { Placement } from "../graph/axes/axis.ts";
import type { Shape } from "../core/tensor.ts";
import { featureGrid, plausible, tiles, type FeatureGrid, type FeatureLayout } from "./feature-grid.ts";
import type { ImageInput } from "./network.ts";

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

/** The tensor's tokens as the stated grid; the tokens in front of it are fewer than its cells. */
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
