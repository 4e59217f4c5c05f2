import { divisions } from "../resize.ts";
import type { Sampling } from "../window.ts";

/** Where the positions of an axis lie along one direction of the image, in pixels: position i at `first + stride * i`. */
export interface Placement {
  /** Null where positions are out of order, as on a rolled axis. */
  readonly first: number | null;
  readonly stride: number;
  /** Pixels of the image in this direction. */
  readonly image: number;
}

/** The pixels of the image themselves. */
export const pixels = (image: number): Placement => ({ first: 0, stride: 1, image });

/** Placement of an operator's output from that of its input. A reversed axis is out of order. */
export const sampledAt = (of: Placement | null, { start, step }: Sampling): Placement | null =>
  of && {
    ...of,
    first: of.first === null || step < 0 ? null : of.first + of.stride * start,
    stride: of.stride * Math.abs(step),
  };

/** How far so many positions are from covering the image exactly, as a ratio's logarithm; more where they are out of order. */
const mismatch = ({ first, stride, image }: Placement, extent: number): number =>
  Math.abs(Math.log((stride * extent) / image)) + (first === null ? 1 : 0);

/** The same positions in another order. */
export const outOfOrder = (of: Placement | null): Placement | null => of && { ...of, first: null };

/** Blocks of `size` positions, each as one position in its middle. */
export const blocks = (size: number): Sampling => ({ start: (size - 1) / 2, step: size });

/** One part of an axis that is put together: so many positions, and where they lie (null: they are none of the image's). */
interface Part {
  readonly extent: number;
  readonly placement: Placement | null;
}

/** Placement of parts end to end, which may have padding around them. Null where their strides differ or are unknown. */
export function joinedPlacement(parts: readonly Part[]): Placement | null {
  let start = 0;
  const placed: Placement[] = [];
  for (const { extent, placement } of parts) {
    if (placement !== null) placed.push(sampledAt(placement, { start: -start, step: 1 }) ?? placement);
    start += extent;
  }
  const [one, ...others] = placed;
  if (one === undefined || others.some(({ stride }) => stride !== one.stride)) return null;
  return others.every(({ first }) => first === one.first) ? one : outOfOrder(one);
}

/**
 * Positions along the image, in steps of `stride` of the `whole` extent that they had before axes were split; or anything else.
 * `placement` is that of the whole extent, null where it is unknown.
 */
export type Factor =
  | { readonly of: "other"; readonly extent: number }
  | {
      readonly of: Direction;
      readonly extent: number;
      readonly stride: number;
      readonly whole: number;
      readonly placement: Placement | null;
    };

export type Direction = "rows" | "columns";

/**
 * An axis as a product of factors, the slowest first. Tokens that stand for no position (class, registers) may be put before
 * and after the product.
 */
export interface Axis {
  readonly factors: readonly Factor[];
  readonly before: number;
  readonly after: number;
}

/** What an axis of a tensor counts: positions of a grid over the image, or something else (channels, heads, a batch). */
export type AxisMeaning =
  | { readonly counts: "other"; readonly extent: number }
  | {
      readonly counts: Direction;
      readonly extent: number;
      /** Where the positions lie on the image; null or absent where that is unknown. */
      readonly placement?: Placement | null;
    }
  | {
      /** Cells of a grid in row-major order, after `before` other tokens. */
      readonly counts: "cells";
      readonly extent: number;
      readonly height: number;
      readonly width: number;
      readonly before: number;
      /** Where the rows and the columns lie on the image. */
      readonly placements?: readonly [rows: Placement | null, columns: Placement | null];
    };

export const productOf = (factors: readonly Factor[]): number =>
  factors.reduce((product, { extent }) => product * extent, 1);

export const extentOf = ({ factors, before, after }: Axis): number => before + productOf(factors) + after;

/** Whether a factor tells nothing: a single one of many. A direction that has shrunk to one position is still that direction. */
const isTrivial = (factor: Factor): boolean =>
  factor.extent === 1 && (factor.of === "other" || factor.whole !== 1);

export const axisOf = (...factors: readonly Factor[]): Axis => ({
  factors: factors.filter((factor) => !isTrivial(factor)),
  before: 0,
  after: 0,
});

/** An axis that counts nothing of the image. */
export const other = (extent: number): Axis => axisOf({ of: "other", extent });

/** All rows, or all columns, of a grid over the image. */
export const along = (of: Direction, extent: number, placement: Placement | null): Axis =>
  axisOf({ of, extent, stride: 1, whole: extent, placement });

/** Whether an axis counts positions of the image. */
export const isSpatial = ({ factors }: Axis): boolean => factors.some(({ of }) => of !== "other");

/** How badly the positions that an axis counts cover the image, as far as it is known where they lie; 0: exactly. */
export const mismatchOf = ({ factors }: Axis): number =>
  factors.reduce((sum, factor) => {
    if (factor.of === "other") return sum;
    return sum + (factor.placement === null ? unknownMismatch : mismatch(factor.placement, factor.whole));
  }, 0);

/** More than that of any map. */
const unknownMismatch = 100;

interface Leading {
  readonly extent: number;
  readonly placement: Placement | null;
  readonly rest: readonly Factor[];
}

/** Splits a leading run of factors that covers a direction from its first position to its last, and what it is divided into. */
function leading(factors: readonly Factor[], of: Direction): Leading | null {
  const [first, ...rest] = factors;
  if (first?.of !== of || first.stride * first.extent !== first.whole) return null;
  const finer = rest.findIndex((factor) => factor.of !== "other");
  const end = finer < 0 ? rest.length : finer;
  const parts = productOf(rest.slice(0, end));
  return {
    extent: first.extent * parts,
    placement: sampledAt(sampledAt(first.placement, blocks(first.stride)), divisions(parts)),
    rest: rest.slice(end),
  };
}

export function meaningOf(axis: Axis): AxisMeaning {
  const { factors, before } = axis;
  const extent = extentOf(axis);
  const rows = leading(factors, "rows");
  const columns = leading(rows?.rest ?? factors, "columns");
  if (columns !== null && columns.rest.length > 0) return { counts: "other", extent };
  if (rows !== null && columns !== null)
    return {
      counts: "cells",
      extent,
      height: rows.extent,
      width: columns.extent,
      before,
      placements: [rows.placement, columns.placement],
    };
  if (extent !== productOf(factors)) return { counts: "other", extent };
  if (rows?.rest.length === 0) return { counts: "rows", extent, placement: rows.placement };
  return columns === null
    ? { counts: "other", extent }
    : { counts: "columns", extent, placement: columns.placement };
}
