import { shuffled } from "../math/random.ts";

/**
 * For each item another one, and no two the same: the items in a random order, the same for the same seed, each with the
 * one before it (a derangement of one cycle). A single item has no partner.
 */
export function partnersOf<T>(items: readonly T[], seed: number): ReadonlyMap<T, T> {
  const circle = shuffled(items, seed);
  const pairs = circle.flatMap((item, k) => {
    const partner = circle.at(k - 1);
    return partner === undefined || items.length < 2 ? [] : [[item, partner] as const];
  });
  return new Map(pairs);
}
