import { uniformFloat64 } from "pure-rand/distribution/uniformFloat64";
import { mersenne } from "pure-rand/generator/mersenne";

/** A stream of numbers in [0, 1), the same for the same seed on every machine. Mersenne Twister: seeds that differ by one give unlike streams. */
export function random(seed: number): () => number {
  const generator = mersenne(seed);
  return () => uniformFloat64(generator);
}

/** The items in a random order, the same for the same seed: each gets a random key, and they are sorted by it. */
export function shuffled<T>(items: readonly T[], seed: number): readonly T[] {
  const next = random(seed);
  return items
    .map((item) => ({ item, key: next() }))
    .sort((a, b) => a.key - b.key)
    .map(({ item }) => item);
}
