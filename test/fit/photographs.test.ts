import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { photographWarnings } from "../../src/fit/photographs.ts";
import { effectiveNumber, louder, silence } from "../../src/probe/loudness.ts";

const loudnessOf = (masses: readonly number[]) =>
  masses.reduce((loudness, mass, k) => louder(loudness, { mass, name: `${k}.jpg` }), silence);
const number = (masses: readonly number[]): number => effectiveNumber(loudnessOf(masses));

const equal = (count: number): number[] => Array.from({ length: count }, () => 3);

/** Warnings of a run with one view of each photograph, or with so many. */
function warnings(masses: readonly number[], views = 1) {
  const { sum, loudest } = loudnessOf(masses);
  return photographWarnings({
    photographs: masses.length / views,
    count: masses.length,
    effectiveNumber: number(masses),
    loudest: loudest && { name: loudest.name, share: loudest.mass / sum },
  });
}
const codes = (masses: readonly number[], views?: number): string[] =>
  warnings(masses, views).map(({ code }) => code);

describe("the effective number of images", () => {
  it("is their number where all weigh the same", () => {
    expect(number(equal(37))).toBeCloseTo(37, 12);
  });

  it("is 1 where one has everything, and 0 where none has anything", () => {
    expect(number([0, 0, 5, 0])).toBe(1);
    expect(number([0, 0])).toBe(0);
    expect(number([])).toBe(0);
  });

  it("lies between 1 and the number, and does not see the scale", () => {
    const masses = fc.array(fc.double({ min: 1e-3, max: 1e3, noNaN: true }), { minLength: 1, maxLength: 50 });
    fc.assert(
      fc.property(masses, (given) => {
        expect(number(given)).toBeGreaterThan(1 - 1e-12);
        expect(number(given)).toBeLessThan(given.length + 1e-9);
        expect(number(given.map((mass) => 7 * mass)) / number(given)).toBeCloseTo(1, 12);
      }),
    );
  });
});

describe("warnings of photographs", () => {
  it("has none for many equal ones", () => {
    expect(codes(equal(100))).toEqual([]);
  });

  it("FEW_PHOTOGRAPHS: fewer than the blocks, however many views of each", () => {
    expect(codes(equal(19))).toEqual(["FEW_PHOTOGRAPHS"]);
    expect(codes(equal(20))).toEqual([]);
    expect(codes(equal(56), 8)).toEqual(["FEW_PHOTOGRAPHS"]);
  });

  it("ONE_PHOTOGRAPH_DOMINATES: a third of the mass among fifty, by its name", () => {
    expect(codes([...equal(49), 75])).toEqual(["ONE_PHOTOGRAPH_DOMINATES"]);
    expect(warnings([...equal(49), 75])[0]?.message).toMatch(/^49\.jpg has 34 % .*: 50 images .* 8\.1 equal/);
    expect(codes([...equal(49), 6])).toEqual([]);
  });

  it("does not call one of three equals dominant", () => {
    expect(codes(equal(3))).toEqual(["FEW_PHOTOGRAPHS"]);
  });

  it("has nothing to say of loudness where the map has no mass", () => {
    expect(codes(Array.from({ length: 30 }, () => 0))).toEqual([]);
  });
});
