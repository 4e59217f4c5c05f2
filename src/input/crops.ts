import { largestWithin, type Region, type Size } from "./geometry.ts";
import type { ImageSource } from "./listing.ts";

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

/** The n-th point of a low-discrepancy sequence in the unit cube: no chance, and any first n points lie evenly. */
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
