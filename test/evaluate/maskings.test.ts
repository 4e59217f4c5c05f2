import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { keptBy, maskings } from "../../src/evaluate/maskings.ts";
import { realMap } from "../../src/core/tensor.ts";

const map = (...values: readonly number[]) => realMap(1, values.length, Float64Array.from(values));

describe("full masking", () => {
  it("moves and scales the map to [0, 1], negative values too", () => {
    expect([...maskings.full.mask(map(-2, 0, 2)).data]).toEqual([0, 0.5, 1]);
  });

  it("keeps nothing by a constant map", () => {
    expect(keptBy(maskings.full.mask(map(3, 3)))).toBe(0);
  });
});

describe("relative masking", () => {
  it("keeps the highest half; of an odd number, the middle one too", () => {
    expect([...maskings.relative.mask(map(4, 1, 3, 2), 0.5).data]).toEqual([1, 0, 1, 0]);
    expect([...maskings.relative.mask(map(5, 1, 3), 0.5).data]).toEqual([1, 0, 1]);
  });

  it("keeps equals of the last one as well: pixels at or above the median", () => {
    expect([...maskings.relative.mask(map(0, 0, 0, 1), 0.5).data]).toEqual([1, 1, 1, 1]);
    expect([...maskings.relative.mask(map(2, 0, 0, 1), 0.5).data]).toEqual([1, 0, 0, 1]);
  });

  it("keeps at least the share, and no pixel below one that it drops", () => {
    const values = fc.array(fc.integer({ min: -5, max: 5 }), { minLength: 4, maxLength: 60 });
    fc.assert(
      fc.property(values, fc.double({ min: 0.05, max: 0.95, noNaN: true }), (cells, keep) => {
        const { data } = maskings.relative.mask(map(...cells), keep);
        const chosen = (mark: number) => cells.filter((_, k) => data[k] === mark);
        expect(chosen(1).length).toBeGreaterThanOrEqual(Math.max(1, Math.round(keep * cells.length)));
        expect(Math.min(...chosen(1))).toBeGreaterThan(Math.max(-Infinity, ...chosen(0)));
      }),
    );
  });
});
