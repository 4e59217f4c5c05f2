import type { RealMap } from "./tensor.ts";

/**
 * Maps times one power of two that brings the largest of their values into [1, 2): sums and squares of it can neither
 * overflow nor vanish. The scaling is exact, so what does not depend on the maps' scale keeps its bits. Maps that are
 * zero everywhere, or hold NaN or infinity, are returned as they are.
 */
export function atUnitScale(maps: readonly RealMap[]): readonly RealMap[] {
  const exponent = Math.floor(Math.log2(largestIn(maps)));
  if (!Number.isFinite(exponent) || exponent === 0) return maps;
  // 2^1074, which a denormal number takes, is no number itself: its halves are.
  const half = Math.trunc(exponent / 2);
  const [first, second] = [2 ** -half, 2 ** (half - exponent)];
  return maps.map(({ shape, data }) => ({ shape, data: data.map((value) => value * first * second) }));
}

/** The largest magnitude; NaN where one of the values is. */
function largestIn(maps: readonly RealMap[]): number {
  let largest = 0;
  for (const { data } of maps) for (const value of data) largest = Math.max(largest, Math.abs(value));
  return largest;
}

/** The same of a single map. */
export const mapAtUnitScale = (map: RealMap): RealMap => atUnitScale([map])[0] ?? map;
