import { describe, expect, it } from "vitest";
import { studentQuantile } from "../../src/core/statistics.ts";

describe("Student's t", () => {
  // From the npm package @stdlib/stats-base-dists-t-quantile 0.2.3; the tables of textbooks agree to their digits.
  it.each([
    [1, 12.706204736174694],
    [2, 4.302652729749462],
    [3, 3.182446305283708],
    [5, 2.570581835636314],
    [19, 2.0930240544083096],
    [20, 2.0859634472658635],
    [100, 1.9839715185235518],
    [1000, 1.9623390808264078],
    [50171, 1.9600112693756937],
    [1048571, 1.9599662469275525],
  ])("with %i degrees of freedom holds 95 %% within %d", (degrees, expected) => {
    expect(studentQuantile(0.95, degrees) / expected).toBeCloseTo(1, 10);
  });

  it("holds other shares too", () => {
    expect(studentQuantile(0.5, 2)).toBeCloseTo(Math.sqrt(2 / 3), 13);
    expect(studentQuantile(0.99, 10)).toBeCloseTo(3.169272672617, 9);
  });

  it("has no quantile of anything else", () => {
    expect([studentQuantile(0.95, 0), studentQuantile(0.95, 2.5), studentQuantile(1, 3)]).toEqual([
      NaN,
      NaN,
      NaN,
    ]);
  });
});
