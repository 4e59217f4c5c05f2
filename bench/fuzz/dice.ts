import { random } from "../../src/core/random.ts";

/** Chance with a seed: the same throws for the same seed on every machine. */
export interface Dice {
  /** A whole number from 0 to below `sides`. */
  readonly below: (sides: number) => number;
  /** One of the items; undefined where there are none. */
  readonly pick: <T>(items: readonly T[]) => T | undefined;
  /** True in a share `of` of the throws. */
  readonly often: (share: number) => boolean;
}

export function diceOf(seed: number): Dice {
  const next = random(seed >>> 0);
  const below = (sides: number): number => Math.floor(next() * sides);
  return { below, pick: (items) => items[below(items.length)], often: (share) => next() < share };
}

/** Numbers at which sizes, counts and offsets go wrong. */
export const absurdNumbers: readonly number[] = [
  0,
  1,
  2,
  7,
  -1,
  -2,
  255,
  65_536,
  1_000_003,
  2 ** 24,
  2 ** 28,
  2 ** 31 - 1,
  2 ** 31,
  2 ** 32,
  2 ** 40,
  2 ** 53 - 1,
  2 ** 62,
  -(2 ** 31),
  -(2 ** 63),
];

/** Names and texts that leave a folder, a page or a terminal, or an object's own keys. */
export const hostileTexts: readonly string[] = [
  "",
  "../../outside",
  "/etc/passwd",
  "..\\..\\outside",
  "C:\\outside",
  "file:///etc/passwd",
  '"><script>alert(1)</script>',
  "<img src=x onerror=alert(1)>",
  "\u001b[2J\u001b[31mred\u0007",
  "\u0000",
  "line\nbreak\r",
  "\u202ereversed",
  "__proto__",
  "constructor",
  "toString",
  "%1",
  "x".repeat(10_000),
];
