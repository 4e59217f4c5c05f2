import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { photographWarnings } from "../../src/fit/diagnostics.ts";
import { effectiveNumber, withView, contributionsSoFar, noViews } from "../../src/erf/contribution.ts";

/** Of views with these masses, so many of each photograph. */
const contributionsOf = (masses: readonly number[], views = 1) =>
  contributionsSoFar(
    masses
      .map((mass, k) => ({ mass, photograph: Math.floor(k / views) }))
      .reduce((running, view) => withView(running, { ...view, name: `${view.photograph}.jpg` }), noViews),
  );
const number = (masses: readonly number[]): number => effectiveNumber(contributionsOf(masses));

const equal = (count: number): number[] => Array.from({ length: count }, () => 3);

/** Warnings of a run with one view of each photograph, or with so many. */
function warnings(masses: readonly number[], views = 1) {
  const contributions = contributionsOf(masses, views);
  const { sum, greatest } = contributions;
  return photographWarnings({
    photographs: masses.length / views,
    effectiveNumber: effectiveNumber(contributions),
    greatest: greatest && { name: greatest.name, share: greatest.mass / sum },
  });
}
const codes = (masses: readonly number[], views?: number): string[] =>
  warnings(masses, views).map(({ code }) => code);

describe("the effective number of photographs", () => {
  it("is their number where all weigh the same", () => {
    expect(number(equal(37))).toBeCloseTo(37, 12);
  });

  it("is 1 where one has everything, and 0 where none has anything", () => {
    expect(number([0, 0, 5, 0])).toBe(1);
    expect(number([0, 0])).toBe(0);
    expect(number([])).toBe(0);
  });

  it("does not count views of one photograph as several", () => {
    expect(effectiveNumber(contributionsOf(equal(24), 8))).toBeCloseTo(3, 12);
    expect(effectiveNumber(contributionsOf([5, 0, 1, 2, 2, 2], 2))).toBeCloseTo(144 / (25 + 9 + 16), 12);
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
    expect(warnings([...equal(49), 75])[0]?.message).toMatch(
      /^49\.jpg has 34 % .*: 50 photographs .* 8\.1 equal/,
    );
    expect(codes([...equal(49), 6])).toEqual([]);
  });

  it("ONE_PHOTOGRAPH_DOMINATES: with all its views together, none of which does alone", () => {
    const masses = [...equal(8 * 29), ...equal(8).map((mass) => 12 * mass)];
    expect(codes(masses, 8)).toEqual(["ONE_PHOTOGRAPH_DOMINATES"]);
    expect(warnings(masses, 8)[0]?.message).toMatch(/^29\.jpg has 29 % .*: 30 photographs /);
    expect(codes(masses)).toEqual([]);
  });

  it("does not call one of three equals dominant", () => {
    expect(codes(equal(3))).toEqual(["FEW_PHOTOGRAPHS"]);
  });

  it("has nothing to say of contributions where the map has no mass", () => {
    expect(codes(Array.from({ length: 30 }, () => 0))).toEqual([]);
  });
});
