import type { ReceptiveField } from "../autodiff/receptive-field/receptive-field.ts";
import { at } from "../core/required.ts";
import type { RealMap } from "../core/tensor.ts";
import type { Estimates } from "../fit/result.ts";

/** The part of a map that a picture shows: its first column and row, and how many there are of each. */
export interface Window {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export const wholeOf = ([height, width]: RealMap["shape"]): Window => ({ x: 0, y: 0, width, height });

/** A field that takes more of the map's longer side than this is shown in the whole map. */
const mostOfSide = 0.7;

/** Pixels that a picture shows at least, along each axis. */
const leastSide = 9;

/** Sigmas on either side of the center: the Gaussian holds 1 - 3e-4 of its mass within. */
const reach = 4;

/** A pixel or two around the theoretical field, so that its frame is seen. */
const halfWithMargin = (extent: number): number => extent / 2 + Math.max(1.5, 0.05 * extent);

/** Half the extent along an axis and its middle: four sigma, or the theoretical field where that is smaller. */
function spanOf(
  sigma: number | undefined,
  center: number | undefined,
  field: { readonly extent: number; readonly center: number } | null,
): { readonly half: number; readonly middle: number } | undefined {
  const gaussian =
    sigma === undefined || center === undefined ? undefined : { half: reach * sigma, middle: center };
  const theoretical =
    field === null ? undefined : { half: halfWithMargin(field.extent), middle: field.center };
  if (gaussian === undefined || theoretical === undefined) return gaussian ?? theoretical;
  return gaussian.half < theoretical.half ? gaussian : theoretical;
}

/** How many whole pixels hold `side` around the middle. */
const countAround = (middle: number, side: number): number =>
  Math.ceil(middle + side / 2 - 0.5) - Math.floor(middle - side / 2 + 0.5) + 1;

/** So many pixels around the middle, moved into the map where they reach beyond it, and no more than there are. */
function pixelsAround(
  middle: number,
  count: number,
  extent: number,
): readonly [start: number, count: number] {
  const start = Math.floor(middle - count / 2 + 0.5);
  const most = Math.min(count, extent);
  return [Math.min(Math.max(start, 0), extent - most), most];
}

/**
 * The part of a map that its field takes: four sigma or the theoretical field on either side, whichever is smaller; a square,
 * as far as the map is one. The whole map where that would hide little of it, or neither is known.
 */
export function windowOf(
  [height, width]: RealMap["shape"],
  fit: Pick<Estimates, "sigmaX" | "sigmaY" | "centerX" | "centerY"> | null,
  field: ReceptiveField | null,
): Window {
  const x = spanOf(
    fit?.sigmaX.value,
    fit?.centerX.value,
    field && { extent: field.width, center: field.centerX },
  );
  const y = spanOf(
    fit?.sigmaY.value,
    fit?.centerY.value,
    field && { extent: field.height, center: field.centerY },
  );
  if (x === undefined || y === undefined) return wholeOf([height, width]);
  return windowAround([x.middle, y.middle], 2 * Math.max(x.half, y.half), [height, width]);
}

/** A square of that side around a middle, as far as the map reaches; the whole map where it would hide little of it. */
export function windowAround(
  [x, y]: readonly [x: number, y: number],
  side: number,
  [height, width]: RealMap["shape"],
): Window {
  if (!(side <= mostOfSide * Math.max(height, width))) return wholeOf([height, width]);
  const least = Math.max(side, leastSide);
  const count = Math.max(countAround(x, least), countAround(y, least));
  const [left, columns] = pixelsAround(x, count, width);
  const [top, rows] = pixelsAround(y, count, height);
  return { x: left, y: top, width: columns, height: rows };
}

export const isWhole = (window: Window, [height, width]: RealMap["shape"]): boolean =>
  window.width === width && window.height === height;

/** The pixels of a map within a window. */
export function cropped(map: RealMap, { x, y, width, height }: Window): RealMap {
  const across = at(map.shape, 1);
  const data = new Float64Array(width * height);
  for (let row = 0; row < height; row++) {
    const from = (y + row) * across + x;
    data.set(map.data.subarray(from, from + width), row * width);
  }
  return { ...map, shape: [height, width], data };
}
