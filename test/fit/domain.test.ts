import { describe, expect, it } from "vitest";
import { inDomain } from "../../src/fit/geometry.ts";
import { mapOf } from "./maps.ts";

const map = mapOf(40, 60, () => 1);
const inside = { amplitude: 0.1, centerX: 20, centerY: 20, sigmaX: 5, sigmaY: 5 };

describe("the domain", () => {
  it("reaches one image beyond the map, and to sigmas of ten images", () => {
    expect(inDomain({ ...inside, centerX: -59, centerY: 79, sigmaX: 599, sigmaY: 399 }, map)).toBe(true);
  });

  it.each([
    { amplitude: -0.1 },
    { amplitude: 0 },
    { centerX: -61 },
    { centerX: 121 },
    { centerY: -41 },
    { centerY: 81 },
    { sigmaX: 601 },
    { sigmaY: 401 },
    { sigmaY: 0 },
    { sigmaX: Number.NaN },
  ])("does not hold %o", (change) => {
    expect(inDomain({ ...inside, ...change }, map)).toBe(false);
  });
});
