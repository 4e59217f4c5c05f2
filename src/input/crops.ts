import { keysOf } from "../core/required.ts";
import type { ImageSource } from "./listing.ts";
import type { Region, Size } from "./raster.ts";

export const sizeText = ([height, width]: Size): string => `${height}x${width}`;

/** Python's `round`: to the nearest integer, and from a half to the even one. */
export function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  const remainder = value - floor;
  return remainder < 0.5 || (remainder === 0.5 && floor % 2 === 0) ? floor : floor + 1;
}

/** How a length between two pixels becomes one: libraries differ, and one pixel of shift is a different input. */
const roundings = { down: Math.floor, up: Math.ceil, nearest: roundHalfEven } as const;
export type Rounding = keyof typeof roundings;
export const roundingNames = keysOf(roundings);

/** How a photograph's size changes before the crop. */
export type ResizeRule =
  /** The shorter side becomes `to`, the aspect stays, and the longer side is rounded. */
  | { readonly rule: "shorterSide"; readonly to: number; readonly rounding: Rounding }
  /** The smallest picture of the same aspect that covers `size`. */
  | { readonly rule: "cover"; readonly size: Size; readonly rounding: Rounding }
  /** The largest picture of the same aspect within `size`. */
  | { readonly rule: "within"; readonly size: Size; readonly rounding: Rounding }
  /** Exactly `size`; the aspect gives way. */
  | { readonly rule: "exact"; readonly size: Size }
  | { readonly rule: "none" };

/** The size to which a photograph of the given size is scaled. */
export function resizedSize(resize: ResizeRule, [height, width]: Size): Size {
  switch (resize.rule) {
    case "none":
      return [height, width];
    case "exact":
      return resize.size;
    case "shorterSide": {
      // torchvision's arithmetic: one product, one quotient.
      const round = roundings[resize.rounding];
      return height <= width
        ? [resize.to, round((resize.to * width) / height)]
        : [round((resize.to * height) / width), resize.to];
    }
    case "cover":
    case "within": {
      // timm's: the sides over one ratio (timm/data/transforms.py, ResizeKeepRatio).
      const round = roundings[resize.rounding];
      const ratios = [height / resize.size[0], width / resize.size[1]];
      const ratio = resize.rule === "cover" ? Math.min(...ratios) : Math.max(...ratios);
      return [round(height / ratio), round(width / ratio)];
    }
  }
}

/**
 * A rectangle of `inner` in the middle of `outer`; it lies outside where `outer` is the smaller one.
 * @param outside how a negative offset is rounded, where that is another way
 */
export function centerRegion(
  [height, width]: Size,
  inner: Size,
  rounding: Rounding,
  outside: Rounding = rounding,
): Region {
  const offset = (difference: number): number =>
    roundings[difference < 0 ? outside : rounding](difference / 2);
  return {
    top: offset(height - inner[0]),
    left: offset(width - inner[1]),
    height: inner[0],
    width: inner[1],
  };
}

/** The part of a region that lies within a picture. */
export function overlap({ top, left, height, width }: Region, picture: Size): Region {
  const [firstRow, firstColumn] = [Math.max(0, top), Math.max(0, left)];
  return {
    top: firstRow,
    left: firstColumn,
    height: Math.min(picture[0], top + height) - firstRow,
    width: Math.min(picture[1], left + width) - firstColumn,
  };
}

/** The largest rectangle of the given aspect that fits into a picture. */
export function largestWithin([height, width]: Size, [aspectHeight, aspectWidth]: Size): Size {
  const scale = Math.min(height / aspectHeight, width / aspectWidth);
  return [Math.min(height, scale * aspectHeight), Math.min(width, scale * aspectWidth)];
}

/** One look at an image. Crop 0 is the whole evaluation crop, the others are regions of a photograph. */
export interface View {
  /** The image's name; further crops carry their number: "cat.jpg#3". */
  readonly name: string;
  readonly source: ImageSource;
  readonly crop: number;
}

/** `count` views of every photograph, image by image; a ready tensor has one view, itself. */
export const viewsOf = (sources: readonly ImageSource[], count: number): readonly View[] =>
  sources.flatMap((source) =>
    Array.from({ length: source.kind === "tensor" ? 1 : count }, (_, crop) => ({
      name: crop === 0 ? source.name : `${source.name}#${crop}`,
      source,
      crop,
    })),
  );

/** A region takes at least this share of the largest one that fits. */
const smallestShare = 0.25;

/** The real root of x⁴ = x + 1: the generalized golden ratio of three dimensions (Roberts 2018, "R3"). */
const ratio = 1.2207440846057596;

/** The n-th point of a low-discrepancy sequence in the unit cube: not random, and any first n points are evenly spread. */
const lowDiscrepancy = (n: number): readonly [number, number, number] => [
  (0.5 + n / ratio) % 1,
  (0.5 + n / ratio ** 2) % 1,
  (0.5 + n / ratio ** 3) % 1,
];

/**
 * Region number `crop` (from 1) of a photograph, of the aspect of the network's input. Scale and place come from
 * a fixed sequence: the same for every photograph and in every run, whichever other photographs there are.
 */
export function cropRegion(crop: number, photograph: Size, input: Size): Region {
  const [u, v, w] = lowDiscrepancy(crop);
  const side = Math.sqrt(smallestShare + (1 - smallestShare) * u);
  const largest = largestWithin(photograph, input);
  const height = Math.max(1, Math.round(side * largest[0]));
  const width = Math.max(1, Math.round(side * largest[1]));
  return {
    top: Math.round(v * (photograph[0] - height)),
    left: Math.round(w * (photograph[1] - width)),
    height,
    width,
  };
}
