import { along, axisOf, extentOf, meaningOf, other, productOf, type Axis, type AxisMeaning } from "./axis.ts";
import { joinedPlacement, outOfOrder, sampledAt, type Placement, type Sampling } from "./placement.ts";

const placementOf = (meaning: AxisMeaning): Placement | null =>
  meaning.counts === "rows" || meaning.counts === "columns" ? (meaning.placement ?? null) : null;

/**
 * The same axis at other positions: sampled, strided, padded or cropped. Null where it cannot be told which.
 * Grids in row-major order do not survive that, but for one with a single row.
 */
export function resized(axis: Axis, extent: number, sampling: Sampling | null): Axis {
  if (extentOf(axis) === extent && sampling?.start === 0 && sampling.step === 1) return axis;
  const meaning = meaningOf(axis);
  if (meaning.counts === "rows" || meaning.counts === "columns")
    return along(meaning.counts, extent, sampling && sampledAt(placementOf(meaning), sampling));
  if (meaning.counts === "cells" && meaning.height === 1 && meaning.extent === meaning.width) {
    const [rows, columns] = meaning.placements ?? [null, null];
    return axisOf(
      ...along("rows", 1, rows).factors,
      ...along("columns", extent, sampling && sampledAt(columns, sampling)).factors,
    );
  }
  return extentOf(axis) === extent ? axis : other(extent);
}

/** The same positions in another order. Grids in row-major order do not survive that. */
export function shuffled(axis: Axis): Axis {
  const meaning = meaningOf(axis);
  return meaning.counts === "rows" || meaning.counts === "columns"
    ? along(meaning.counts, meaning.extent, outOfOrder(placementOf(meaning)))
    : other(meaning.extent);
}

/** Positions `start` to `start + extent` of an axis: tokens may lose what is put before and behind the grid. */
export function cut(axis: Axis, start: number, extent: number): Axis {
  const whole = extentOf(axis);
  const before = axis.before - start;
  const behind = axis.behind - (whole - start - extent);
  const keepsGrid = meaningOf(axis).counts === "cells" && before >= 0 && behind >= 0;
  return keepsGrid ? { ...axis, before, behind } : resized(axis, extent, { start, step: 1 });
}

/** Axes end to end: parts of a direction are that direction, tokens before and behind a grid are counted. */
export function joined(parts: readonly Axis[]): Axis {
  const extent = parts.reduce((sum, part) => sum + extentOf(part), 0);
  const meanings = parts.map(meaningOf);
  const kinds = new Set(meanings.map(({ counts }) => counts).filter((counts) => counts !== "other"));
  const [kind] = kinds;
  if (kind === undefined || kinds.size > 1) return other(extent);
  if (kind !== "cells")
    return along(
      kind,
      extent,
      joinedPlacement(
        meanings.map((meaning) => ({ extent: meaning.extent, placement: placementOf(meaning) })),
      ),
    );
  const position = meanings.findIndex(({ counts }) => counts === "cells");
  const grid = parts[position];
  if (grid === undefined || meanings.filter(({ counts }) => counts === "cells").length > 1)
    return other(extent);
  const ahead = parts.slice(0, position).reduce((sum, part) => sum + extentOf(part), grid.before);
  return { ...grid, before: ahead, behind: extent - ahead - productOf(grid.factors) };
}
