import { minMax } from "../cam/normalizations.ts";
import { arrays, realMapOf } from "../core/algebra.ts";
import { realMap, type RealMap } from "../core/tensor.ts";

/** How much of each pixel a masked photograph keeps, 0 to 1; row-major, of the network's input size. */
export type Mask = RealMap;

interface Masking {
  readonly title: string;
  readonly paper: string;
  /** @param keep share of the pixels to keep, 0 to 1; read by relative masking */
  readonly mask: (map: RealMap, keep: number) => Mask;
}

/** How a map becomes a mask. */
export const maskings = {
  full: {
    title: "full masking: pixels times the map, moved and scaled to [0, 1]",
    paper: "Chattopadhay et al. 2018",
    mask: (map) => realMapOf(minMax(arrays, map)),
  },
  relative: {
    title: "relative masking: the pixels where the map is highest",
    paper: "Kim et al. 2021",
    mask: highest,
  },
} as const satisfies Record<string, Masking>;

export type MaskingName = keyof typeof maskings;

/**
 * 1 where a pixel is among the highest `keep` of all, else 0. Pixels as high as the last of them stay as well: no order is
 * made up among equals, so a map with ties there (a ReLU leaves many zeros) keeps more.
 */
function highest({ shape: [height, width], data }: RealMap, keep: number): Mask {
  const pixels = data.length;
  const last = data.toSorted()[pixels - Math.max(1, Math.round(keep * pixels))] ?? Infinity;
  return realMap(
    height,
    width,
    data.map((value) => (value >= last ? 1 : 0)),
  );
}

/** Mean of the mask: the share of the photograph that is left, and of a full mask its softness. */
export const keptBy = ({ data }: Mask): number => data.reduce((sum, value) => sum + value, 0) / data.length;
