import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ErfitError } from "../../src/core/error.ts";
import {
  add,
  blockCount,
  blockMaps,
  emptyAccumulator,
  imagesIn,
  contributionsOf,
  merge,
  skip,
  skippedIn,
  snapshotOf,
  total,
  type Accumulator,
  mostSkipped,
} from "../../src/erf/accumulator.ts";
import { effectiveNumber } from "../../src/erf/contribution.ts";
import { blocksOf, ownsPhotograph, shardOf } from "../../src/erf/shard.ts";

const [height, width] = [2, 3];

/** A photograph's number in the list and its map. */
interface Contribution {
  readonly photograph: number;
  readonly map: readonly number[];
}

/** Numbers of very different size: sums in another order differ in their last bits. */
const element = fc.tuple(fc.double({ min: -1, max: 1, noNaN: true }), fc.integer({ min: -12, max: 12 }));
const map = fc.array(
  element.map(([mantissa, exponent]) => mantissa * 10 ** exponent),
  { minLength: height * width, maxLength: height * width },
);
const images = fc.array(map, { maxLength: 60 }).map((maps) =>
  // A photograph has one view or two.
  maps.map((one, k): Contribution => ({ photograph: Math.floor((k * 2) / 3), map: one })),
);

function accumulated(
  contributions: readonly Contribution[],
  { count = blockCount, owned }: { readonly count?: number; readonly owned?: readonly number[] } = {},
): Accumulator {
  return contributions.reduce(
    (accumulator, { photograph, map }) =>
      add(accumulator, { index: photograph, name: `photograph ${photograph}` }, (sum) => {
        map.forEach((value, pixel) => (sum[pixel] = (sum[pixel] ?? 0) + value));
        return map.reduce((mass, value) => mass + value, 0);
      }),
    emptyAccumulator(height, width, owned === undefined ? { count } : { count, owned }),
  );
}

/** The part of a run that owns some blocks. */
const shard = (contributions: readonly Contribution[], owner: (block: number) => boolean): Accumulator =>
  accumulated(
    contributions.filter(({ photograph }) => owner(photograph % blockCount)),
    { owned: Array.from({ length: blockCount }, (_, block) => block).filter(owner) },
  );

describe("blocks", () => {
  it("are dealt to photographs in turn; all views of a photograph fall into one", () => {
    const photographs = [0, 0, 1, 2, 3, 4, 4, 4];
    const { blocks } = accumulated(
      photographs.map((photograph) => ({ photograph, map: [1, 0, 0, 0, 0, 0] })),
      { count: 3 },
    );
    expect(blocks.map((block) => block?.images)).toEqual([3, 4, 1]);
    expect(blocks.map((block) => block?.photographs)).toEqual([2, 2, 1]);
    expect(blocks.map((block) => block?.sum[0])).toEqual([3, 4, 1]);
  });

  it("know how unevenly photographs contribute, whatever shards they come from", () => {
    const masses = [[1], [2], [0], [1, 3], [0.5, 0.25, 0.25]]; // of each photograph's views
    const contributions = masses.flatMap((views, photograph) =>
      views.map((mass) => ({ photograph, map: [mass, 0, 0, 0, 0, 0] })),
    );
    const summary = contributionsOf(accumulated(contributions));
    expect(summary).toEqual({ sum: 8, squares: 22, greatest: { name: "photograph 3", mass: 4 } });
    expect(effectiveNumber(summary)).toBeCloseTo(64 / 22, 12);
    const halves = [0, 1].map((half) => shard(contributions, (block) => block % 2 === half));
    expect(contributionsOf(halves.reduce(merge))).toEqual(summary);
    expect(effectiveNumber(contributionsOf(emptyAccumulator(1, 1)))).toBe(0);
  });

  it("add in the order of the list, in float64", () => {
    const values = [1e16, 1, -1e16];
    const { blocks } = accumulated(
      values.map((value) => ({ photograph: 0, map: [value, 0, 0, 0, 0, 0] })),
      { count: 1 },
    );
    expect(blocks[0]?.sum[0]).toBe(0); // in another order it would be 1
  });

  it("are added up in their order", () => {
    const values = [1e16, -1e16, 1];
    const contributions = values.map((value, photograph) => ({ photograph, map: [value, 0, 0, 0, 0, 0] }));
    expect(total(accumulated(contributions)).data[0]).toBe(1); // backwards it would be 0
  });

  it("that are empty are no maps", () => {
    const accumulator = accumulated([
      { photograph: 0, map: [1, 2, 3, 4, 5, 6] },
      { photograph: 7, map: [6, 5, 4, 3, 2, 1] },
    ]);
    expect(imagesIn(accumulator)).toBe(2);
    expect(blockMaps(accumulator).map(({ shape, data }) => [shape, [...data]])).toEqual([
      [
        [2, 3],
        [1, 2, 3, 4, 5, 6],
      ],
      [
        [2, 3],
        [6, 5, 4, 3, 2, 1],
      ],
    ]);
    expect([...total(accumulator).data]).toEqual([7, 7, 7, 7, 7, 7]);
  });
});

describe("an accumulator of some blocks", () => {
  const one = { photograph: 4, map: [1, 0, 0, 0, 0, 0] };

  it("takes no photograph of another block", () => {
    expect(() => accumulated([one], { owned: [0, 1] })).toThrow("of block 4");
  });

  it("keeps a snapshot as it was", () => {
    const before = accumulated([one], { owned: [4] });
    const kept = snapshotOf(before);
    add(before, { index: 24, name: "later" }, (sum) => (sum[0] = 5));
    expect([before.blocks[4]?.sum[0], kept.blocks[4]?.sum[0], kept.blocks[3]]).toEqual([5, 1, null]);
  });
});

describe("skipped images", () => {
  const skipping = (photographs: readonly number[], owned?: readonly number[]) =>
    photographs.reduce(
      (accumulator, index) => skip(accumulator, index, { name: `${index}.jpg`, reason: "cut short" }),
      emptyAccumulator(1, 1, owned === undefined ? {} : { owned }),
    );

  it("are all counted; the first of the list are kept, whatever shards they come from", () => {
    const all = Array.from({ length: 3000 }, (_, k) => k);
    const { count, first } = skippedIn(skipping(all));
    expect([count, first.length]).toEqual([3000, mostSkipped]);
    expect(first.map(({ photograph }) => photograph)).toEqual(all.slice(0, mostSkipped));
    const parts = [1, 2, 3].map((part) => {
      const shard = shardOf(part, 3);
      const owned = all.filter((index) => ownsPhotograph(shard, index));
      return skipping(owned, blocksOf(shard));
    });
    expect(skippedIn(parts.reduce(merge))).toEqual({ count, first });
  });
});

describe("merge", () => {
  const owners = fc.array(fc.nat(2), { minLength: blockCount, maxLength: blockCount });
  const parts = fc
    .tuple(images, owners)
    .map(([list, owner]) => [0, 1, 2].map((k) => shard(list, (block) => owner[block] === k)));

  it("is associative and commutative, and the accumulator that owns nothing is its unit", () => {
    const empty = emptyAccumulator(height, width, { owned: [] });
    fc.assert(
      fc.property(parts, ([a = empty, b = empty, c = empty]) => {
        expect(merge(merge(a, b), c)).toEqual(merge(a, merge(b, c)));
        expect(merge(a, b)).toEqual(merge(b, a));
        expect(merge(a, empty)).toEqual(a);
        expect(merge(empty, a)).toEqual(a);
      }),
      { numRuns: 50 },
    );
  });

  it("of shards of whole blocks has the very bits of one run", () => {
    fc.assert(
      fc.property(images, owners, (list, owner) => {
        const shards = [2, 0, 1].map((k) => shard(list, (block) => owner[block] === k));
        const merged = shards.reduce(merge);
        const whole = accumulated(list);
        expect(merged).toEqual(whole);
        expect(bits(total(merged).data)).toEqual(bits(total(whole).data));
      }),
      { numRuns: 50 },
    );
  });

  const bits = (data: Float64Array) => [...new BigUint64Array(data.buffer)];

  it("refuses a block that both own, images or none", () => {
    const one = accumulated([{ photograph: 5, map: [1, 1, 1, 1, 1, 1] }], { owned: [4, 5] });
    const attempt = () => merge(one, emptyAccumulator(height, width, { owned: [5, 6] }));
    expect(attempt).toThrow(ErfitError);
    expect(attempt).toThrow("block 5 is in both");
  });

  it.each([
    ["height", emptyAccumulator(3, width)],
    ["width", emptyAccumulator(height, 2)],
    ["number of blocks", emptyAccumulator(height, width, { count: 10 })],
  ])("refuses another %s", (_, other) => {
    const attempt = () => merge(emptyAccumulator(height, width), other);
    expect(attempt).toThrow(ErfitError);
    expect(attempt).toThrow("different sizes");
  });
});
