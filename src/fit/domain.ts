import type { RealMap } from "../core/tensor.ts";
import type { Gaussian } from "./model.ts";

/** Beyond this many images a sigma is a fit that has run away; the center may lie one image outside the map. */
const mostImages = 10;

/** Is this a Gaussian that could be the map's? A fit is never clipped into the domain: leaving it is an answer too. */
export function inDomain(
  { amplitude, centerX, centerY, sigmaX, sigmaY }: Gaussian,
  { shape: [height, width] }: RealMap,
): boolean {
  const within = (center: number, sigma: number, extent: number): boolean =>
    center >= -extent && center <= 2 * extent && sigma > 0 && sigma <= mostImages * extent;
  return amplitude > 0 && within(centerX, sigmaX, width) && within(centerY, sigmaY, height);
}
