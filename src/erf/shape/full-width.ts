import { measured, unmeasured, type Measured } from "./measured.ts";

/** Full width at half maximum, pixels. */
export interface FullWidth {
  /** Between the crossings of half the maximum that are nearest to it. */
  readonly inner: number;
  /** Between the outermost crossings: the same where the profile rises once and falls once. */
  readonly outer: number;
}

/**
 * Full width at half maximum of a profile, its samples one pixel apart and joined by straight lines. It is meant for the
 * map's marginal (the sums of its columns or rows): a Gaussian's has the Gaussian's own width, 2.3548 sigma, and it is far
 * less noisy than the row through the highest pixel (VGG-16 over 125 photographs: 73.5 px along x, that row 4.7 px, the
 * fitted Gaussian 75.3 px).
 */
export function fullWidthOf(profile: Float64Array, along: "x" | "y"): Measured<FullWidth> {
  const highest = profile.reduce((peak, value, i) => (value > (profile[peak] ?? 0) ? i : peak), 0);
  const half = (profile[highest] ?? 0) / 2;
  if (!(half > 0)) return unmeasured(`the profile along ${along} is nowhere positive`);
  if ((profile[0] ?? 0) >= half || (profile.at(-1) ?? 0) >= half)
    return unmeasured(`the profile along ${along} is not below half its maximum at the map's border`);
  const before = crossingsOf(profile.subarray(0, highest + 1), half);
  const after = crossingsOf(profile.subarray(highest), half).map((at) => highest + at);
  return measured({
    inner: Math.min(...after) - Math.max(...before),
    outer: Math.max(...after) - Math.min(...before),
  });
}

/** Where the profile, linear between its samples, passes the level. */
function crossingsOf(profile: Float64Array, level: number): number[] {
  return Array.from(profile).flatMap((value, i) => {
    const next = profile[i + 1] ?? value;
    return value >= level === next >= level ? [] : [i + (level - value) / (next - value)];
  });
}
