import type { RealMap } from "../math/tensor.ts";
import { centralPixel, type Centre } from "./central-pixel.ts";
import { measured, unmeasured, type Measured } from "./measured.ts";

/** A cell's theoretical receptive field, pixels. Where padding is read it reaches beyond the image. */
export interface TheoreticalField extends Centre {
  readonly height: number;
  readonly width: number;
}

/** Share of the value at the centre above which a pixel is inside: 1 - 95.45 %, what a normal distribution has beyond 2 sigma. */
const threshold = 0.0455;

/** The effective receptive field as a set of pixels. */
export interface EffectiveArea extends Centre {
  /** Value at the centre over the map's highest: the nearer to 1, the better a yardstick. */
  readonly centreOverMaximum: number;
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
 * of the centre, and its ratio to the theoretical one's side. The centre is that of the theoretical receptive field, where
 * the value is interpolated between pixels, or else the map's central pixel. Only values relative to the centre's count, so
 * maps of either sign have a size. A centre that would itself be outside, measured by the highest value, is refused: the
 * count would be of nearly all pixels.
 */
export function effectiveAreaOf(map: RealMap, field: TheoreticalField | null): Measured<EffectiveArea> {
  const { centreX, centreY } = field ?? centralPixel(map.shape);
  const place = `x ${centreX}, y ${centreY}`;
  if (!isOn(map.shape, centreX, centreY))
    return unmeasured(`the theoretical receptive field's centre (${place}) lies outside the image`);
  const centre = valueAt(map, centreX, centreY);
  const highest = map.data.reduce((most, value) => Math.max(most, value), 0);
  if (!(centre > threshold * highest))
    return unmeasured(
      `the value at the field's centre (${place}) is no yardstick: below 4.55 % of the highest`,
    );
  const pixels = map.data.reduce((count, value) => count + (value > threshold * centre ? 1 : 0), 0);
  const side = Math.sqrt(pixels);
  const theoreticalSide = field && Math.sqrt(visibleArea(field, map.shape));
  const area: EffectiveArea = {
    centreX,
    centreY,
    centreOverMaximum: centre / highest,
    pixels,
    side,
    theoreticalSide,
    ratio: theoreticalSide && side / theoreticalSide,
  };
  return measured(area, field ? [] : ["no theoretical receptive field is known to compare with"]);
}

const isOn = ([height, width]: RealMap["shape"], x: number, y: number): boolean =>
  x >= -0.5 && x <= width - 0.5 && y >= -0.5 && y <= height - 0.5;

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
        (part, [column, wide]) => part + high * wide * (data[row * width + column] ?? 0),
        sum,
      ),
    0,
  );
}

/** Pixels of the field that are the image's. */
function visibleArea(
  { height, width, centreX, centreY }: TheoreticalField,
  [rows, columns]: RealMap["shape"],
): number {
  const along = (centre: number, size: number, extent: number): number =>
    Math.min(centre + size / 2, extent - 0.5) - Math.max(centre - size / 2, -0.5);
  return along(centreY, height, rows) * along(centreX, width, columns);
}
