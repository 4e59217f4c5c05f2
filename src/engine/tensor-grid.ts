import type { AxisMeaning } from "../graph/axes/axis.ts";
import type { Shape } from "../math/tensor.ts";
import { featureGrid, plausible, type FeatureGrid, type FeatureLayout } from "./feature-grid.ts";
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

/**
 * The grid that the axes' meanings spell out. Null where they spell another thing (weights between tokens, windows, heads),
 * and for a strip that was cut off a map (windows are rolled by cutting and joining).
 */
function spelledGrid(axes: readonly AxisMeaning[], image: ImageInput): FeatureGrid | null {
  const layout = layouts[axes.map(({ counts }) => counts).join(" ")];
  if (layout === undefined || axes[0]?.extent !== 1) return null;
  const channels = axes.at(layout === "NCHW" || layout === "NCT" ? 1 : -1)?.extent ?? 1;
  const extent = (of: AxisMeaning["counts"]) => axes.find(({ counts }) => counts === of)?.extent ?? 1;
  const cells = axes.find((axis) => axis.counts === "cells");
  const grid: FeatureGrid =
    cells?.counts === "cells"
      ? { layout, height: cells.height, width: cells.width, channels, prefixTokens: cells.before }
      : { layout, height: extent("rows"), width: extent("columns"), channels, prefixTokens: 0 };
  return plausible(grid, image) ? grid : null;
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
  return axes !== undefined && countsCells(tensor) ? spelledGrid(axes, image) : featureGrid(shape, image);
}
