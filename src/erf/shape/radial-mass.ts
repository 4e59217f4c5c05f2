import type { RealMap } from "../../core/tensor.ts";
import { centralPixel, type Center } from "./central-pixel.ts";

/** OpenERF 0.6.1's radii, pixels. */
const radii = [5, 10, 20, 30, 40, 60, 80] as const;
/** Half, 90 and 99 %; and what a normal distribution has within one and two sigmas. */
const shares = [0.5, 0.6827, 0.9, 0.9545, 0.99] as const;

/** A circle around the map's central pixel, and the share of the map's sum at the pixels in and on it. */
interface Circle {
  readonly radius: number;
  readonly share: number;
}

export interface RadialMass extends Center {
  /** The share within OpenERF's radii: its `radial_cumulative_mass`. */
  readonly within: readonly Circle[];
  /** The least radii, distances of pixels, that hold at least these shares. */
  readonly holding: readonly Circle[];
}

/**
 * Cumulative mass over the distance from the *image's* central pixel, as OpenERF's `compute_erf_metrics` counts it.
 * @param map of sum 1, nowhere negative
 */
export function radialMassOf(map: RealMap): RadialMass {
  const center = centralPixel(map.shape);
  const cumulative = cumulativeMass(map, center);
  const last = cumulative.length - 1;
  const total = cumulative[last] ?? 0;
  return {
    ...center,
    within: radii.map((radius) => ({ radius, share: cumulative[Math.min(radius * radius, last)] ?? 0 })),
    holding: shares.map((share) => ({
      radius: Math.sqrt(cumulative.findIndex((mass) => mass >= share * total)),
      share,
    })),
  };
}

/** Mass within √d of the center, at index d: squared distances between pixels are whole numbers. */
function cumulativeMass({ shape: [, width], data }: RealMap, { centerX, centerY }: Center): Float64Array {
  // The upper left corner is the farthest pixel: no other is farther from the central one.
  const mass = new Float64Array(centerX ** 2 + centerY ** 2 + 1);
  data.forEach((value, pixel) => {
    const row = Math.floor(pixel / width);
    const distance = (row - centerY) ** 2 + (pixel - row * width - centerX) ** 2;
    mass[distance] = (mass[distance] ?? 0) + value;
  });
  let sum = 0;
  return mass.map((value) => (sum += value));
}
