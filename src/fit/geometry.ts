import { errorFunction } from "simple-statistics";
import type { RealMap } from "../math/tensor.ts";
import { estimates } from "./estimates.ts";
import type { Gaussian, Surface } from "./model.ts";

/** Where Gaussians lie, to each other and to the map: what the gates ask. */

/** Sigma along the shorter axis. */
export const narrowest = (surface: Surface): number => estimates.sigmaMinor.value(surface);

/** Is the centre on the map's pixels, along one axis? */
export const within = (centre: number, extent: number): boolean => centre >= -0.5 && centre <= extent - 0.5;

/** Distance of a place from the centre, in sigmas. */
export const sigmasBetween = (
  { centreX, centreY, sigmaX, sigmaY }: Gaussian,
  { x, y }: { readonly x: number; readonly y: number },
): number => Math.hypot((x - centreX) / sigmaX, (y - centreY) / sigmaY);

/** The first two Gaussians whose ellipses at one sigma do not meet, or none. */
export function separatePair(peaks: readonly Gaussian[]): readonly Gaussian[] {
  for (const one of peaks) {
    for (const other of peaks) {
      const between = { ...one, sigmaX: one.sigmaX + other.sigmaX, sigmaY: one.sigmaY + other.sigmaY };
      if (sigmasBetween(between, { x: other.centreX, y: other.centreY }) > 1) return [one, other];
    }
  }
  return [];
}

/** Share of the Gaussian's integral over the plane that lies on the map's pixels. */
export function shareInside(
  { centreX, centreY, sigmaX, sigmaY }: Gaussian,
  [height, width]: RealMap["shape"],
): number {
  const below = (edge: number, centre: number, sigma: number): number =>
    0.5 * (1 + errorFunction((edge - centre) / (sigma * Math.SQRT2)));
  const along = (extent: number, centre: number, sigma: number): number =>
    below(extent - 0.5, centre, sigma) - below(-0.5, centre, sigma);
  return along(width, centreX, sigmaX) * along(height, centreY, sigmaY);
}
