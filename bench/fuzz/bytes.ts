import type { Dice } from "./dice.ts";

/** A change of a file that knows nothing of its format. */
export type ByteMutator = (bytes: Uint8Array, dice: Dice) => Uint8Array;

const joined = (...parts: readonly Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(parts));

const changed = (bytes: Uint8Array, change: (copy: Uint8Array) => void): Uint8Array => {
  const copy = new Uint8Array(bytes);
  change(copy);
  return copy;
};

/** Most of a model's bytes are weights; what is read as structure lies in front, or between them. */
const place = (length: number, dice: Dice): number =>
  dice.often(0.5) ? dice.below(Math.min(length, 512)) : dice.below(length);

/** A varint of ten bytes: the longest number that protobuf can write. */
const longestVarint = Uint8Array.of(255, 255, 255, 255, 255, 255, 255, 255, 255, 1);

export const byteMutators: Readonly<Record<string, ByteMutator>> = {
  truncate: (bytes, dice) => bytes.subarray(0, place(bytes.length, dice)),
  "flip bits": (bytes, dice) =>
    changed(bytes, (copy) => {
      for (let count = 1 + dice.below(8); count > 0; count--) {
        const at = place(copy.length, dice);
        copy[at] = (copy[at] ?? 0) ^ (1 << dice.below(8));
      }
    }),
  "random bytes": (bytes, dice) =>
    changed(bytes, (copy) => {
      const at = place(copy.length, dice);
      for (let k = at; k < Math.min(copy.length, at + 1 + dice.below(16)); k++) copy[k] = dice.below(256);
    }),
  splice: (bytes, dice) => {
    const [from, to] = [place(bytes.length, dice), place(bytes.length, dice)];
    return joined(bytes.subarray(0, to), bytes.subarray(from, from + dice.below(256)), bytes.subarray(to));
  },
  "cut out": (bytes, dice) => {
    const at = place(bytes.length, dice);
    return joined(bytes.subarray(0, at), bytes.subarray(at + 1 + dice.below(64)));
  },
  "blow up a length": (bytes, dice) => {
    const at = place(bytes.length, dice);
    return joined(bytes.subarray(0, at), longestVarint.subarray(dice.below(10)), bytes.subarray(at + 1));
  },
  "repeat a part": (bytes, dice) => {
    const at = place(bytes.length, dice);
    const part = bytes.subarray(at, at + 1 + dice.below(32));
    return joined(
      bytes.subarray(0, at),
      ...Array.from({ length: 1 + dice.below(2000) }, () => part),
      bytes.subarray(at),
    );
  },
};
