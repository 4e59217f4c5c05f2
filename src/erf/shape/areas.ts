import { at } from "../../core/required.ts";
import type { RealMap } from "../../core/tensor.ts";
import {
  centralPixel,
  isOn,
  measured,
  percent,
  pixelAt,
  unmeasured,
  type Center,
  type Measured,
} from "./measured.ts";

/** RepLKNet's thresholds (Ding et al. 2022). */
const thresholds = [0.2, 0.3, 0.5, 0.99] as const;

/** A square around the map's central pixel; null where even the largest on the map holds too little. */
export interface ContributionArea {
  readonly share: number;
  /** Pixels, an odd number. */
  readonly side: number | null;
  /** Area of the square over that of the map. */
  readonly areaRatio: number | null;
}

/**
 * RepLKNet's high-contribution areas: for each t the smallest square of side 3, 5, 7, … around the *image's* central pixel
 * (not the field's own center) that holds more than the share t of the map's sum.
 *
 * As `get_rectangle` of its erf/analyze_erf.py, which stops a ring short of the border of an odd map, and is not meant for
 * maps higher than wide. That script first takes log10(map + 1) of the mean gradient, so its numbers depend on the scale of
 * the gradients; these are of the map itself. Give that logarithm as the map to have its numbers.
 * @param shares a map of sum 1, nowhere negative
 */
export function contributionAreasOf(shares: RealMap): Measured<readonly ContributionArea[]> {
  const held = squaresOf(shares);
  const [height, width] = shares.shape;
  const largest = 2 * held.length + 1;
  if (held.length === 0)
    return unmeasured(`no square of 3 x 3 px lies around the central pixel of ${height} x ${width} px`);
  const areas = thresholds.map((share): ContributionArea => {
    const ring = held.findIndex((sum) => sum > share);
    const side = 2 * ring + 3;
    return ring < 0
      ? { share, side: null, areaRatio: null }
      : { share, side, areaRatio: (side / height) * (side / width) };
  });
  const beyond = areas.filter(({ side }) => side === null).map(({ share }) => percent(share));
  const reason = `the largest square around the central pixel, ${largest} x ${largest} px, holds ${percent(at(held, -1))}, not ${beyond.join(" or ")}`;
  return measured(areas, beyond.length === 0 ? [] : [reason]);
}

/** Sums over the squares of side 3, 5, 7, … around the central pixel, as far as they lie on the map. */
function squaresOf({ shape: [height, width], data }: RealMap): number[] {
  const { centerX, centerY } = centralPixel([height, width]);
  const rings = new Float64Array(Math.floor((Math.min(height, width) + 1) / 2));
  data.forEach((value, pixel) => {
    const row = Math.floor(pixel / width);
    const ring = Math.max(Math.abs(row - centerY), Math.abs(pixel - row * width - centerX));
    if (ring < rings.length) rings[ring] = at(rings, ring) + value;
  });
  let sum = 0;
  return Array.from(rings, (ring) => (sum += ring)).slice(1);
}

/** The same squares around another pixel. */
export interface CenteredAreas extends Center {
  readonly areas: readonly ContributionArea[];
}

/**
 * The smallest squares of side 3, 5, 7, … around the pixel at the *cell's own* center that hold more than the shares. On a
 * coarse grid it is far from the image's: the middle one of 7 x 7 cells of stride 32 may lie 16 px away, another one more.
 * A square that reaches beyond the image is counted as its part on it, so each share has one.
 * @param shares a map of sum 1, nowhere negative
 */
export function areasAroundCell(shares: RealMap, center: Center): CenteredAreas {
  const [height, width] = shares.shape;
  const { centerX, centerY } = pixelAt(center);
  const rings = new Float64Array(Math.max(centerX, width - 1 - centerX, centerY, height - 1 - centerY) + 1);
  shares.data.forEach((value, pixel) => {
    const row = Math.floor(pixel / width);
    const ring = Math.max(Math.abs(row - centerY), Math.abs(pixel - row * width - centerX));
    rings[ring] = at(rings, ring) + value;
  });
  let sum = 0;
  const held = Array.from(rings, (ring) => (sum += ring));
  const seen = (middle: number, reach: number, extent: number) =>
    Math.min(middle + reach, extent - 1) - Math.max(middle - reach, 0) + 1;
  const areas = thresholds.map((share): ContributionArea => {
    const found = held.findIndex((mass, reach) => reach > 0 && mass > share);
    const reach = found < 0 ? held.length - 1 : found; // of a sum of shares that rounding left below 1
    const area = (seen(centerX, reach, width) / width) * (seen(centerY, reach, height) / height);
    return { share, side: 2 * reach + 1, areaRatio: area };
  });
  return { centerX, centerY, areas };
}

/** A cell's theoretical receptive field, pixels. Where padding is read it reaches beyond the image. */
export interface TheoreticalField extends Center {
  readonly height: number;
  readonly width: number;
}

/** Share of the value at the center above which a pixel is inside: 1 - 95.45 %, what a normal distribution has beyond 2 sigma. */
const threshold = 0.0455;

/** The effective receptive field as a set of pixels. */
export interface EffectiveArea extends Center {
  /** Value at the center over the map's highest: the nearer to 1, the better a reference. */
  readonly centerOverMaximum: number;
  /** Pixels inside. */
  readonly pixels: number;
  /** Root of their number: the side of a square of that area. */
  readonly side: number;
  /** Side of a square as large as the part of the theoretical receptive field that lies on the image. */
  readonly theoreticalSide: number | null;
  /** `side` over `theoreticalSide`. */
  readonly ratio: number | null;
}

/**
 * Size of the effective receptive field after Luo et al. 2016: the root of the number of pixels above 1 - 95.45 %
 * of the center, and its ratio to the theoretical one's side. The center is that of the theoretical receptive field, where
 * the value is interpolated between pixels, or else the map's central pixel. Only values relative to the center's count, so
 * maps of either sign have a size. A center that would itself be outside, measured by the highest value, is refused: the
 * count would be of nearly all pixels.
 */
export function effectiveAreaOf(map: RealMap, field: TheoreticalField | null): Measured<EffectiveArea> {
  const { centerX, centerY } = field ?? centralPixel(map.shape);
  const place = `x ${centerX}, y ${centerY}`;
  if (!isOn(map.shape, { centerX, centerY }))
    return unmeasured(`the theoretical receptive field's center (${place}) lies outside the image`);
  const center = valueAt(map, centerX, centerY);
  const highest = map.data.reduce((most, value) => Math.max(most, value), 0);
  if (!(center > threshold * highest))
    return unmeasured(
      `the value at the field's center (${place}) is no yardstick: below 4.55 % of the highest`,
    );
  const pixels = map.data.reduce((count, value) => count + (value > threshold * center ? 1 : 0), 0);
  const side = Math.sqrt(pixels);
  const theoreticalSide = field && Math.sqrt(visibleArea(field, map.shape));
  const area: EffectiveArea = {
    centerX,
    centerY,
    centerOverMaximum: center / highest,
    pixels,
    side,
    theoreticalSide,
    ratio: theoreticalSide && side / theoreticalSide,
  };
  return measured(area, field ? [] : ["no theoretical receptive field is known to compare with"]);
}

/** The map between its pixels, bilinear; in the half pixel before a border as at it. */
function valueAt({ shape: [height, width], data }: RealMap, x: number, y: number): number {
  const along = (position: number, extent: number): readonly (readonly [index: number, weight: number])[] => {
    const inside = Math.min(Math.max(position, 0), extent - 1);
    const first = Math.floor(inside);
    return [
      [first, 1 - (inside - first)],
      [Math.min(first + 1, extent - 1), inside - first],
    ];
  };
  return along(y, height).reduce(
    (sum, [row, high]) =>
      along(x, width).reduce(
        (part, [column, wide]) => part + high * wide * at(data, row * width + column),
        sum,
      ),
    0,
  );
}

/** Pixels of the field that lie on the image. */
function visibleArea(
  { height, width, centerX, centerY }: TheoreticalField,
  [rows, columns]: RealMap["shape"],
): number {
  const along = (center: number, size: number, extent: number): number =>
    Math.min(center + size / 2, extent - 0.5) - Math.max(center - size / 2, -0.5);
  return along(centerY, height, rows) * along(centerX, width, columns);
}
