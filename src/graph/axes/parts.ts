import type { Sampling } from "../window.ts";
import {
  along,
  axisOf,
  extentOf,
  isSpatial,
  joinedPlacement,
  meaningOf,
  other,
  outOfOrder,
  productOf,
  sampledAt,
  type Axis,
  type AxisMeaning,
  type Factor,
  type Placement,
} from "./axis.ts";

const placementOf = (meaning: AxisMeaning): Placement | null =>
  meaning.counts === "rows" || meaning.counts === "columns" ? (meaning.placement ?? null) : null;

/**
 * The same axis at other positions: sampled, strided, padded or cropped. Null where it is unknown which.
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

/** Positions `start` to `start + extent` of an axis: tokens may lose what is put before and after the grid. */
export function cut(axis: Axis, start: number, extent: number): Axis {
  const whole = extentOf(axis);
  const before = axis.before - start;
  const after = axis.after - (whole - start - extent);
  const keepsGrid = meaningOf(axis).counts === "cells" && before >= 0 && after >= 0;
  return keepsGrid ? { ...axis, before, after } : resized(axis, extent, { start, step: 1 });
}

/** Axes end to end: parts of a direction are that direction, tokens before and after a grid are counted. */
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
  return { ...grid, before: ahead, after: extent - ahead - productOf(grid.factors) };
}

/** Whether a factor counts on where a slower one ends. */
const continues = (slower: Factor, faster: Factor): boolean =>
  slower.of === "other" || faster.of === "other"
    ? slower.of === faster.of
    : slower.of === faster.of &&
      slower.whole === faster.whole &&
      slower.stride === faster.stride * faster.extent;

/** Neighbors that count on in the same direction are one factor. */
function merged(factors: readonly Factor[]): readonly Factor[] {
  const result: Factor[] = [];
  for (const factor of factors) {
    const last = result.at(-1);
    if (last !== undefined && continues(last, factor))
      result[result.length - 1] = { ...factor, extent: last.extent * factor.extent };
    else result.push(factor);
  }
  return result;
}

/** The slower part of a factor, of that extent, and the faster rest. */
function divided(factor: Factor, extent: number): readonly [Factor, Factor] {
  const rest = factor.extent / extent;
  if (factor.of === "other")
    return [
      { of: "other", extent },
      { of: "other", extent: rest },
    ];
  return [
    { ...factor, extent, stride: factor.stride * rest },
    { ...factor, extent: rest },
  ];
}

const isSingle = (next: Axis | Factor | undefined): next is Factor =>
  next !== undefined && "of" in next && next.extent === 1;

/** The axes of a tensor that is read in another shape; undefined where an axis would be cut unevenly. */
export function regrouped(axes: readonly Axis[], shape: readonly number[]): readonly Axis[] | undefined {
  const left = axes.flatMap((axis): (Axis | Factor)[] =>
    axis.before + axis.after > 0 ? [axis] : [...axis.factors],
  );
  const result: Axis[] = [];
  for (const extent of shape) {
    const factors: Factor[] = [];
    let wanted = extent;
    let tokens: Axis | undefined;
    // A direction of one position is an axis of its own where there is one, else a part of the next.
    if (extent === 1 && isSingle(left[0])) factors.push(...left.splice(0, 1).filter(isSingle));
    while (wanted > 1 && tokens === undefined) {
      const next = left.shift();
      if (next === undefined) return undefined;
      if ("factors" in next) {
        if (factors.length > 0 || extentOf(next) !== wanted) return undefined;
        tokens = next;
      } else if (wanted % next.extent === 0) {
        factors.push(next);
        wanted /= next.extent;
      } else if (next.extent % wanted === 0) {
        const [slower, faster] = divided(next, wanted);
        factors.push(slower);
        left.unshift(faster);
        wanted = 1;
      } else return undefined;
    }
    result.push(tokens ?? axisOf(...merged(factors)));
  }
  return settled(result, left);
}

/** Directions of one position that are left at the end belong to the last axis, where that counts the other direction. */
function settled(axes: readonly Axis[], left: readonly (Axis | Factor)[]): readonly Axis[] | undefined {
  if (!left.every(isSingle)) return undefined;
  const last = axes.at(-1);
  if (left.length === 0 || last === undefined || !isSpatial(last)) return axes;
  return [...axes.slice(0, -1), { ...last, factors: [...last.factors, ...left] }];
}
