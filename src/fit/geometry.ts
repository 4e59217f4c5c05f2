import { errorFunction } from "simple-statistics";
import { dot, inner, solvePositiveDefinite } from "../core/linear-algebra.ts";
import { at } from "../core/required.ts";
import type { RealMap } from "../core/tensor.ts";
import { binned, type Grid, type Target } from "./grid.ts";
import { estimates, type Gaussian, type Surface } from "./model.ts";
import { momentsOf } from "./moments.ts";
import { gaussianMap, residualOf } from "./surface.ts";

/** Beyond this many images a sigma is a fit that has run away; the center may lie one image outside the map. */
const mostImages = 10;

/** Is this a Gaussian that could be the map's? A fit is never clipped into the domain: leaving it is a result too. */
export function inDomain(
  { amplitude, centerX, centerY, sigmaX, sigmaY }: Gaussian,
  { shape: [height, width] }: RealMap,
): boolean {
  const within = (center: number, sigma: number, extent: number): boolean =>
    center >= -extent && center <= 2 * extent && sigma > 0 && sigma <= mostImages * extent;
  return amplitude > 0 && within(centerX, sigmaX, width) && within(centerY, sigmaY, height);
}

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

/** A Gaussian this much longer than wide may be one arm of a cross. */
const elongated = 2;

/** The other arm has at least this share of the first one's peak, and takes at least this share of what the first leaves. */
const least = { peak: 0.2, explained: 0.3 } as const;

/**
 * The same Gaussian turned by a right angle around its center, where the map has that too: a map that is a cross, of which
 * one Gaussian fits one arm. Undefined where it is none.
 */
export function armAcross({ shape, data }: Grid, fitted: Surface): Surface | undefined {
  if (estimates.sigmaMajor.value(fitted) < elongated * estimates.sigmaMinor.value(fitted)) return undefined;
  const upright = { ...fitted, amplitude: 1, background: 0 };
  const turned = { ...upright, sigmaX: fitted.sigmaY, sigmaY: fitted.sigmaX, rho: -fitted.rho };
  const [one, other] = [gaussianMap(upright, shape).data, gaussianMap(turned, shape).data];
  const above = data.map((value) => value - fitted.background);
  const explainedBy = (arms: readonly Float64Array[]) => {
    const projections = arms.map((arm) => inner(arm, above));
    const heights = solvePositiveDefinite(
      arms.map((arm) => arms.map((another) => inner(arm, another))),
      projections,
    );
    return heights && { heights, left: inner(above, above) - dot(heights, projections) };
  };
  const [alone, both] = [explainedBy([one]), explainedBy([one, other])];
  if (alone === undefined || both === undefined) return undefined;
  const [first, second] = [at(both.heights, 0), at(both.heights, 1)];
  return second >= least.peak * first && both.left <= (1 - least.explained) * alone.left
    ? { ...turned, amplitude: second }
    : undefined;
}

/** Standard deviations of a whole map along its axes, where a fitted Gaussian is a spike on something wide. */
export interface Pedestal {
  readonly sigmaX: number;
  readonly sigmaY: number;
}

/**
 * Of all measured and made maps at hand, those of attention have a whole map at least 3.8 times as wide as the fitted Gaussian
 * along both axes and at most 33 % of the mass in it; convolutional ones at most 1.0 times; a Laplace or a Student-t with two
 * degrees of freedom, Gaussians in all but their tails, at most 1.6 times and 81 %.
 */
const spike = { timesNarrower: 2.5, most: 0.75 } as const;

/** What is left of the map covers at least this share of it: another peak does not. */
const leastCover = 0.25;

/** Bins of a side over which speckle is averaged, so that a speckled pedestal still covers the map. */
const coverBins = 16;

/** What the fitted Gaussian stands on; undefined where it is the field, or what else there is lies in one place. */
export function pedestalUnder({ full }: Pick<Target, "full">, fitted: Surface): Pedestal | undefined {
  if (fitted.background !== 0 || fitted.amplitude > spike.most) return undefined;
  const { sigmaX, sigmaY } = momentsOf(full);
  if (sigmaX < spike.timesNarrower * fitted.sigmaX || sigmaY < spike.timesNarrower * fitted.sigmaY)
    return undefined;
  return coverOf(full, fitted) < leastCover ? undefined : { sigmaX, sigmaY };
}

/** (Σr)² / (n Σr²) of what a surface leaves: the share of the map that an even rest of as much concentration would cover. */
function coverOf(full: Grid, fitted: Surface): number {
  const rest = residualOf(full, fitted);
  const { data } = binned({ ...full, data: rest.data }, Math.ceil(Math.max(...full.shape) / coverBins));
  const above = data.map((value) => Math.max(value, 0));
  const sum = above.reduce((total, value) => total + value, 0);
  const squares = inner(above, above);
  return squares === 0 ? 0 : sum ** 2 / (above.length * squares);
}
