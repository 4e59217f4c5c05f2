import { describe, expect, it } from "vitest";
import { inDomain } from "../../src/fit/domain.ts";
import { mapOf } from "./maps.ts";

const map = mapOf(40, 60, () => 1);
const inside = { amplitude: 0.1, centreX: 20, centreY: 20, sigmaX: 5, sigmaY: 5 };

describe("the domain", () => {
  it("reaches one image beyond the map, and to sigmas of ten images", () => {
    expect(inDomain({ ...inside, centreX: -59, centreY: 79, sigmaX: 599, sigmaY: 399 }, map)).toBe(true);
  });

  it.each([
    { amplitude: -0.1 },
    { amplitude: 0 },
    { centreX: -61 },
    { centreX: 121 },
    { centreY: -41 },
    { centreY: 81 },
    { sigmaX: 601 },
    { sigmaY: 401 },
    { sigmaY: 0 },
    { sigmaX: Number.NaN },
  ])("does not hold %o", (change) => {
    expect(inDomain({ ...inside, ...change }, map)).toBe(false);
  });
});
