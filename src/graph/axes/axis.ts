/** Positions along the image, in steps of `stride` of the `whole` extent that they had before axes were split; or anything else. */
type Factor =
  | { readonly of: "other"; readonly extent: number }
  | {
      readonly of: Direction;
      readonly extent: number;
      readonly stride: number;
      readonly whole: number;
    };

type Direction = "rows" | "columns";

/**
 * An axis as a product of factors, the slowest first. Tokens that stand for no position (class, registers) may be put before
 * and behind the product.
 */
export interface Axis {
  readonly factors: readonly Factor[];
  readonly before: number;
  readonly behind: number;
}

/** What an axis of a tensor counts: positions of a grid over the image, or something else (channels, heads, a batch). */
export type AxisMeaning =
  | { readonly counts: Direction | "other"; readonly extent: number }
  | {
      /** Cells of a grid in row-major order, behind `before` other tokens. */
      readonly counts: "cells";
      readonly extent: number;
      readonly height: number;
      readonly width: number;
      readonly before: number;
    };

const productOf = (factors: readonly Factor[]): number =>
  factors.reduce((product, { extent }) => product * extent, 1);

export const extentOf = ({ factors, before, behind }: Axis): number => before + productOf(factors) + behind;

const axisOf = (...factors: readonly Factor[]): Axis => ({
  factors: factors.filter(({ extent }) => extent !== 1),
  before: 0,
  behind: 0,
});

/** An axis that counts nothing of the image. */
export const other = (extent: number): Axis => axisOf({ of: "other", extent });

/** All rows, or all columns, of a grid over the image. */
export const along = (of: Direction, extent: number): Axis =>
  axisOf({ of, extent, stride: 1, whole: extent });

/** Splits a leading run of factors that covers a direction from its first position to its last, and what it is divided into. */
function leading(
  factors: readonly Factor[],
  of: Direction,
): readonly [extent: number, rest: readonly Factor[]] | null {
  const [first, ...rest] = factors;
  if (first?.of !== of || first.stride * first.extent !== first.whole) return null;
  const finer = rest.findIndex((factor) => factor.of !== "other");
  const end = finer < 0 ? rest.length : finer;
  return [first.extent * productOf(rest.slice(0, end)), rest.slice(end)];
}

export function meaningOf(axis: Axis): AxisMeaning {
  const { factors, before } = axis;
  const extent = extentOf(axis);
  const rows = leading(factors, "rows");
  const columns = leading(rows?.[1] ?? factors, "columns");
  if (columns !== null && columns[1].length > 0) return { counts: "other", extent };
  if (rows !== null && columns !== null)
    return { counts: "cells", extent, height: rows[0], width: columns[0], before };
  if (extent !== productOf(factors)) return { counts: "other", extent };
  if (rows?.[1].length === 0) return { counts: "rows", extent };
  return { counts: columns === null ? "other" : "columns", extent };
}

/** The same axis at another extent: sampled, strided, padded or cropped. Grids in row-major order do not survive that. */
export function resized(axis: Axis, extent: number): Axis {
  if (extentOf(axis) === extent) return axis;
  const { counts } = meaningOf(axis);
  return counts === "rows" || counts === "columns" ? along(counts, extent) : other(extent);
}

/** Positions `start` to `start + extent` of an axis: tokens may lose what is put before and behind the grid. */
export function cut(axis: Axis, start: number, extent: number): Axis {
  const whole = extentOf(axis);
  const before = axis.before - start;
  const behind = axis.behind - (whole - start - extent);
  const keepsGrid = meaningOf(axis).counts === "cells" && before >= 0 && behind >= 0;
  return keepsGrid ? { ...axis, before, behind } : resized(axis, extent);
}

/** Axes end to end: parts of a direction are that direction, tokens before and behind a grid are counted. */
export function joined(parts: readonly Axis[]): Axis {
  const extent = parts.reduce((sum, part) => sum + extentOf(part), 0);
  const meanings = parts.map(meaningOf);
  const kinds = new Set(meanings.map(({ counts }) => counts).filter((counts) => counts !== "other"));
  const [kind] = kinds;
  if (kind === undefined || kinds.size > 1) return other(extent);
  if (kind !== "cells") return along(kind, extent);
  const position = meanings.findIndex(({ counts }) => counts === "cells");
  const grid = parts[position];
  if (grid === undefined || meanings.filter(({ counts }) => counts === "cells").length > 1)
    return other(extent);
  const ahead = parts.slice(0, position).reduce((sum, part) => sum + extentOf(part), grid.before);
  return { ...grid, before: ahead, behind: extent - ahead - productOf(grid.factors) };
}

/** Neighbours that count on in the same direction are one factor. */
function merged(factors: readonly Factor[]): readonly Factor[] {
  const result: Factor[] = [];
  for (const factor of factors) {
    const last = result.at(-1);
    const extent = (last?.extent ?? 1) * factor.extent;
    if (last?.of === "other" && factor.of === "other") {
      result[result.length - 1] = { of: "other", extent };
    } else if (
      last !== undefined &&
      last.of !== "other" &&
      last.of === factor.of &&
      last.whole === factor.whole &&
      last.stride === factor.stride * factor.extent
    ) {
      result[result.length - 1] = { ...factor, extent };
    } else result.push(factor);
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

/** The axes of a tensor that is read in another shape; undefined where an axis would be cut unevenly. */
export function regrouped(axes: readonly Axis[], shape: readonly number[]): readonly Axis[] | undefined {
  const left = axes.flatMap((axis): (Axis | Factor)[] =>
    axis.before + axis.behind > 0 ? [axis] : [...axis.factors],
  );
  const result: Axis[] = [];
  for (const extent of shape) {
    const factors: Factor[] = [];
    let wanted = extent;
    let tokens: Axis | undefined;
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
  return left.length === 0 ? result : undefined;
}
