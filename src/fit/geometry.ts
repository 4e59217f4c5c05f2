import { errorFunction } from "simple-statistics";
import type { RealMap } from "../core/tensor.ts";
import { estimates } from "./estimates.ts";
import type { Gaussian, Surface } from "./model.ts";

/** Where Gaussians lie, to each other and to the map: what the gates ask. */

/** Sigma along the shorter axis. */
export const narrowest = (surface: Surface): number => estimates.sigmaMinor.value(surface);

/** Is the center on the map's pixels, along one axis? */
export const within = (center: number, extent: number): boolean => center >= -0.5 && center <= extent - 0.5;

/** Distance of a place from the center, in sigmas. */
export const sigmasBetween = (
  { centerX, centerY, sigmaX, sigmaY }: Gaussian,
  { x, y }: { readonly x: number; readonly y: number },
): number => Math.hypot((x - centerX) / sigmaX, (y - centerY) / sigmaY);

/** The first two Gaussians whose ellipses at one sigma do not meet, or none. */
export function separatePair(peaks: readonly Gaussian[]): readonly Gaussian[] {
  for (const one of peaks) {
    for (const other of peaks) {
      const between = { ...one, sigmaX: one.sigmaX + other.sigmaX, sigmaY: one.sigmaY + other.sigmaY };
      if (sigmasBetween(between, { x: other.centerX, y: other.centerY }) > 1) return [one, other];
    }
  }
  return [];
}

/** Share of the Gaussian's integral over the plane that lies on the map's pixels. */
export function shareInside(
  { centerX, centerY, sigmaX, sigmaY }: Gaussian,
  [height, width]: RealMap["shape"],
): number {
  const below = (edge: number, center: number, sigma: number): number =>
    0.5 * (1 + errorFunction((edge - center) / (sigma * Math.SQRT2)));
  const along = (extent: number, center: number, sigma: number): number =>
    below(extent - 0.5, center, sigma) - below(-0.5, center, sigma);
  return along(width, centerX, sigmaX) * along(height, centerY, sigmaY);
}
