import type { RealMap } from "../../core/tensor.ts";
import { centralPixel } from "./central-pixel.ts";
import { measured, unmeasured, type Measured } from "./measured.ts";
import { percent } from "./soundness.ts";

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
  const reason = `the largest square around the central pixel, ${largest} x ${largest} px, holds ${percent(held.at(-1) ?? 0)}, not ${beyond.join(" or ")}`;
  return measured(areas, beyond.length === 0 ? [] : [reason]);
}

/** Sums over the squares of side 3, 5, 7, … around the central pixel, as far as they lie on the map. */
function squaresOf({ shape: [height, width], data }: RealMap): number[] {
  const { centerX, centerY } = centralPixel([height, width]);
  const rings = new Float64Array(Math.floor((Math.min(height, width) + 1) / 2));
  data.forEach((value, pixel) => {
    const row = Math.floor(pixel / width);
    const ring = Math.max(Math.abs(row - centerY), Math.abs(pixel - row * width - centerX));
    if (ring < rings.length) rings[ring] = (rings[ring] ?? 0) + value;
  });
  let sum = 0;
  return Array.from(rings, (ring) => (sum += ring)).slice(1);
}
