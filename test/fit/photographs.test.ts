import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { effectiveNumber, photographWarnings } from "../../src/fit/photographs.ts";

const equal = (count: number): number[] => Array.from({ length: count }, () => 3);
const codes = (masses: readonly number[]): string[] => photographWarnings(masses).map(({ code }) => code);

describe("the effective number of photographs", () => {
  it("is their number where all weigh the same", () => {
    expect(effectiveNumber(equal(37))).toBeCloseTo(37, 12);
  });

  it("is 1 where one has everything, and 0 where none has anything", () => {
    expect(effectiveNumber([0, 0, 5, 0])).toBe(1);
    expect(effectiveNumber([0, 0])).toBe(0);
    expect(effectiveNumber([])).toBe(0);
  });

  it("lies between 1 and the number, and does not see the scale", () => {
    const masses = fc.array(fc.double({ min: 1e-3, max: 1e3, noNaN: true }), { minLength: 1, maxLength: 50 });
    fc.assert(
      fc.property(masses, (given) => {
        const number = effectiveNumber(given);
        expect(number).toBeGreaterThan(1 - 1e-12);
        expect(number).toBeLessThan(given.length + 1e-9);
        expect(effectiveNumber(given.map((mass) => 7 * mass)) / number).toBeCloseTo(1, 12);
      }),
    );
  });
});

describe("warnings of photographs", () => {
  it("has none for many equal ones", () => {
    expect(codes(equal(100))).toEqual([]);
  });

  it("FEW_PHOTOGRAPHS: fewer than the blocks", () => {
    expect(codes(equal(19))).toEqual(["FEW_PHOTOGRAPHS"]);
    expect(codes(equal(20))).toEqual([]);
  });

  it("ONE_PHOTOGRAPH_DOMINATES: a third of the mass among fifty", () => {
    expect(codes([...equal(49), 75])).toEqual(["ONE_PHOTOGRAPH_DOMINATES"]);
    expect(codes([...equal(49), 6])).toEqual([]);
  });

  it("does not call one of three equals dominant", () => {
    expect(codes(equal(3))).toEqual(["FEW_PHOTOGRAPHS"]);
  });
});
