import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { blockCount } from "../../src/erf/accumulator.ts";
import { blocksOf, ownsPhotograph, shardOf, shardsFor, shardText } from "../../src/erf/shard.ts";

const numbers = (count: number) => Array.from({ length: count }, (_, k) => k);
const shards = (of: number) => numbers(of).map((k) => shardOf(k + 1, of));
const byNumber = (a: number, b: number) => a - b;

describe("the shards of a run", () => {
  it("own each block once, however many they are", () => {
    for (let of = 1; of <= blockCount; of++)
      expect(shards(of).flatMap(blocksOf).sort(byNumber)).toEqual(numbers(blockCount));
  });

  it("own the photographs of their blocks", () => {
    const shard = shardOf(2, 3);
    expect(blocksOf(shard)).toEqual([1, 4, 7, 10, 13, 16, 19]);
    expect(numbers(45).filter((photograph) => ownsPhotograph(shard, photograph))).toEqual(
      numbers(45).filter((photograph) => blocksOf(shard).includes(photograph % blockCount)),
    );
  });

  it.each([
    [0, 3, "expected a part from 1 to 3"],
    [4, 3, "expected a part from 1 to 3"],
    [1, 0, "expected a part from 1 to 0"],
    [1, 21, "20 blocks"],
  ])("do not include %i/%i", (part, of, words) => {
    expect(() => shardOf(part, of)).toThrow(words);
  });
});

describe("what makes up for missing blocks", () => {
  it("is told in the division in use, where that does it exactly", () => {
    expect(shardsFor(blocksOf(shardOf(2, 3)), [3]).map(shardText)).toEqual(["2/3"]);
    expect(shardsFor([3, 13], [2, 20]).map(shardText)).toEqual(["4/20", "14/20"]);
  });

  it("owns the missing blocks and no other", () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.nat(blockCount - 1)),
        fc.array(fc.integer({ min: 1, max: 20 })),
        (missing, used) => {
          expect(shardsFor(missing, used).flatMap(blocksOf).sort(byNumber)).toEqual(missing.sort(byNumber));
        },
      ),
    );
  });
});
