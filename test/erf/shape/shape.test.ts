import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { realMap, type RealMap } from "../../../src/core/tensor.ts";
import { shapeOf, type ErfShape } from "../../../src/erf/shape/shape.ts";
import { gaussianAt, mapOf } from "../../fit/maps.ts";
import { ownMap } from "./expected.ts";

const statistics = [
  "moments",
  "contributionAreas",
  "contributionAreasAroundCell",
  "radialMass",
  "radialMassAroundCell",
  "fullWidthX",
  "fullWidthY",
  "effectiveArea",
] as const;
const alone = { receptiveField: null };
const reasonFor = ({ missing }: ErfShape, statistic: (typeof statistics)[number]) =>
  missing.filter((entry) => entry.statistic === statistic).map(({ reason }) => reason);

describe("a Gaussian", () => {
  const truth = { amplitude: 1, centerX: 61.4, centerY: 66.7, sigmaX: 14, sigmaY: 9 };
  const map = mapOf(128, 120, gaussianAt(truth));
  const receptiveField = { height: 90, width: 150, centerX: 61.5, centerY: 66.5 };
  const shape = shapeOf(map, { receptiveField, cellCenter: { x: 61.5, y: 66.5 } });

  it("has its own moments and full widths of 2.3548 sigma", () => {
    expect(shape.moments?.centerX).toBeCloseTo(61.4, 2);
    expect(shape.moments?.centerY).toBeCloseTo(66.7, 2);
    expect(shape.moments?.sigmaX).toBeCloseTo(14, 2);
    expect(shape.moments?.sigmaY).toBeCloseTo(9, 2);
    const factor = 2 * Math.sqrt(2 * Math.log(2));
    expect(shape.fullWidthX?.inner).toBeCloseTo(factor * 14, 1);
    expect(shape.fullWidthY?.inner).toBeCloseTo(factor * 9, 1);
    expect(shape.fullWidthX?.outer).toBe(shape.fullWidthX?.inner);
  });

  it("has the size of the ellipse at 4.55 % of its center, here of the four pixels around the theoretical one", () => {
    const area = -2 * Math.PI * 14 * 9 * Math.log(0.0455);
    expect(Math.abs((shape.effectiveArea?.pixels ?? NaN) / area - 1)).toBeLessThan(0.01);
    expect(shape.effectiveArea?.side).toBe(Math.sqrt(shape.effectiveArea?.pixels ?? NaN));
    expect(shape.effectiveArea?.centerOverMaximum).toBeCloseTo(1, 1);
  });

  it("is compared with the part of the theoretical receptive field that lies on the image", () => {
    // 150 wide around 61.5: from column -13 to 136; of them 0 to 119 are the image's.
    expect(shape.effectiveArea?.theoreticalSide).toBeCloseTo(Math.sqrt(90 * 120), 12);
    expect(shape.effectiveArea?.ratio).toBeCloseTo(
      (shape.effectiveArea?.side ?? NaN) / Math.sqrt(90 * 120),
      12,
    );
    expect(shape.missing).toEqual([]);
  });
});

describe("a field that lies off the image's center", () => {
  const truth = { amplitude: 1, centerX: 30, centerY: 90, sigmaX: 6, sigmaY: 6 };
  const map = mapOf(128, 120, gaussianAt(truth));
  const shape = shapeOf(map, { receptiveField: null, cellCenter: { x: 29.5, y: 90.2 } });

  it("has squares around the cell's pixel that are as large as the field, and others around the image's", () => {
    const { contributionAreasAroundCell: own, contributionAreas: images } = shape;
    // A Gaussian holds erf(a / (√2 σ))² in the square of half side a: the shares in squares of 7.1, 9.01, 12.6 and 33.7 px.
    expect(own).toMatchObject({ centerX: 30, centerY: 90 });
    expect(own?.areas.map(({ share, side }) => [share, side])).toEqual([
      [0.2, 9],
      [0.3, 11],
      [0.5, 13],
      [0.99, 35],
    ]);
    expect(own?.areas[2]?.areaRatio).toBeCloseTo(13 ** 2 / (128 * 120), 12);
    expect(images?.[2]?.side).toBeGreaterThan(55);
  });

  it("has radii around both", () => {
    const { radialMassAroundCell: own, radialMass: images } = shape;
    expect(own).toMatchObject({ centerX: 30, centerY: 90 });
    // A round Gaussian holds half within σ √(2 ln 2).
    expect(Math.abs((own?.holding[0]?.radius ?? NaN) - 6 * Math.sqrt(2 * Math.log(2)))).toBeLessThan(0.5);
    expect(images?.holding[0]?.radius).toBeGreaterThan(35);
  });

  it("counts of a square beyond the border its part on the image", () => {
    const corner = mapOf(20, 20, gaussianAt({ amplitude: 1, centerX: 0, centerY: 0, sigmaX: 2, sigmaY: 2 }));
    const { contributionAreasAroundCell: own } = shapeOf(corner, {
      receptiveField: null,
      cellCenter: { x: 0, y: 0 },
    });
    for (const { side, areaRatio } of own?.areas ?? [])
      expect(areaRatio).toBeCloseTo((((side ?? NaN) + 1) / 2 / 20) ** 2, 12);
    expect(own?.areas).toHaveLength(4);
  });

  it("has none around a center that is not known, or not on the image", () => {
    for (const [cellCenter, reason] of [
      [null, "the cell's own center in the image is not known"],
      [{ x: 130, y: 4 }, "the cell's own center (x 130, y 4) lies outside the image"],
    ] as const) {
      const without = shapeOf(map, { receptiveField: null, cellCenter });
      expect([without.contributionAreasAroundCell, without.radialMassAroundCell]).toEqual([null, null]);
      expect(reasonFor(without, "contributionAreasAroundCell")).toEqual([reason]);
      expect(reasonFor(without, "radialMassAroundCell")).toEqual([reason]);
    }
  });
});

describe("laws", () => {
  const maps = fc
    .record({ height: fc.integer({ min: 3, max: 12 }), width: fc.integer({ min: 3, max: 12 }) })
    .chain(({ height, width }) =>
      fc
        .array(fc.integer({ min: 0, max: 1000 }), { minLength: height * width, maxLength: height * width })
        .map((values) => realMap(height, width, Float64Array.from(values))),
    );

  it("around the image's central pixel the cell's statistics are the image's", () => {
    fc.assert(
      fc.property(maps, (map) => {
        const [height, width] = map.shape;
        const center = { x: Math.floor(width / 2), y: Math.floor(height / 2) };
        const shape = shapeOf(map, { receptiveField: null, cellCenter: center });
        expect(shape.radialMassAroundCell).toEqual(shape.radialMass);
        shape.contributionAreas?.forEach((area, k) => {
          if (area.side !== null) expect(shape.contributionAreasAroundCell?.areas[k]?.side).toBe(area.side);
        });
      }),
    );
  });

  it("the scale of a map does not matter", () => {
    fc.assert(
      fc.property(maps, fc.integer({ min: -40, max: 40 }), (map, power) => {
        const scaled = { ...map, data: map.data.map((value) => value * 2 ** power) };
        expect(shapeOf(scaled, alone)).toEqual(shapeOf(map, alone));
      }),
    );
  });

  it("transposition swaps x and y", () => {
    fc.assert(
      fc.property(maps, (map) => {
        const [a, b] = [shapeOf(map, alone), shapeOf(transposed(map), alone)];
        expect([b.fullWidthX, b.fullWidthY]).toEqual([a.fullWidthY, a.fullWidthX]);
        expect(b.contributionAreas?.map(({ side }) => side)).toEqual(
          a.contributionAreas?.map(({ side }) => side),
        );
        expect(b.effectiveArea?.pixels).toBe(a.effectiveArea?.pixels);
        if (a.moments === null) return;
        expect(b.moments?.centerX).toBeCloseTo(a.moments.centerY, 9);
        expect(b.moments?.sigmaY).toBeCloseTo(a.moments.sigmaX, 9);
        expect(b.moments?.covarianceXY).toBeCloseTo(a.moments.covarianceXY, 9);
      }),
    );
  });

  it("what is null has its reason, and nothing is NaN or infinite", () => {
    const values = fc.oneof(fc.double(), fc.constantFrom(0, -1, NaN, Infinity));
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 5 }), fc.array(values, { maxLength: 30 }), (height, values) => {
        const width = height === 0 ? 0 : Math.floor(values.length / height);
        const map = realMap(height, width, Float64Array.from(values.slice(0, height * width)));
        const shape = shapeOf(map, alone);
        for (const statistic of statistics)
          if (shape[statistic] === null) expect(reasonFor(shape, statistic)).toHaveLength(1);
        // JSON has no NaN: it would come back as null.
        expect(JSON.parse(JSON.stringify(shape))).toEqual(shape);
      }),
      { numRuns: 500 },
    );
  });
});

describe("a map without a statistic", () => {
  it.each([
    ["NaN", NaN, /NaN or infinity/],
    ["infinity", Infinity, /NaN or infinity/],
    ["zero", 0, /zero everywhere/],
  ])("of %s: nothing is measured", (_, value, reason) => {
    const shape = shapeOf(realMap(8, 8, new Float64Array(64).fill(value)), alone);
    for (const statistic of statistics) {
      expect(shape[statistic]).toBeNull();
      expect(reasonFor(shape, statistic)).toEqual([expect.stringMatching(reason)]);
    }
  });

  it("with negative values: no shares, but widths and the size above the center's 4.55 %", () => {
    const positive = ownMap("noisy");
    const signed = { ...positive, data: positive.data.map((value, i) => (i < 32 ? -0.1 : value)) };
    const shape = shapeOf(signed, alone);
    for (const statistic of ["moments", "contributionAreas", "radialMass"] as const) {
      expect(shape[statistic]).toBeNull();
      expect(reasonFor(shape, statistic)).toEqual([expect.stringMatching(/^[\d.]+ % of .* is negative/)]);
    }
    expect(shape.fullWidthX).toEqual(expect.anything());
    expect(shape.effectiveArea?.pixels).toEqual(expect.any(Number));
  });

  it("with negative rounding noise: as without it", () => {
    const map = ownMap("noisy");
    const shape = shapeOf({ ...map, data: map.data.map((value, i) => (i === 0 ? -1e-9 : value)) }, alone);
    expect(shape.moments).toEqual(expect.anything());
    expect(shape.radialMass?.holding).toEqual(shapeOf(map, alone).radialMass?.holding);
  });

  it("negative or faint at its center: no size; a theoretical center beyond the image: none either", () => {
    const map = mapOf(9, 9, (x, y) => (x === 4 && y === 4 ? -1 : 1));
    expect(reasonFor(shapeOf(map, alone), "effectiveArea")).toEqual([
      "the value at the field's center (x 4, y 4) is no yardstick: below 4.55 % of the highest",
    ]);
    const spike = mapOf(9, 9, (x, y) => (x === 2 && y === 4 ? 100 : 1));
    expect(shapeOf(spike, alone).effectiveArea).toBeNull();
    const outside = { height: 5, width: 5, centerX: 20, centerY: 4 };
    expect(reasonFor(shapeOf(map, { receptiveField: outside }), "effectiveArea")).toEqual([
      expect.stringMatching(/x 20, y 4.*outside the image/),
    ]);
  });

  it("flat: no full width, and no square holds 99 % where the border is not in one", () => {
    const shape = shapeOf(realMap(96, 96, new Float64Array(96 * 96).fill(1)), alone);
    expect(shape.fullWidthX).toBeNull();
    expect(reasonFor(shape, "fullWidthY")).toEqual([expect.stringMatching(/along y .* border/)]);
    expect(shape.contributionAreas?.map(({ side }) => side)).toEqual([43, 53, 69, null]);
    expect(reasonFor(shape, "contributionAreas")).toEqual([
      "the largest square around the central pixel, 95 x 95 px, holds 97.9 %, not 99 %",
    ]);
  });

  it("of 2 x 2 pixels: no square", () => {
    const shape = shapeOf(realMap(2, 2, Float64Array.of(1, 2, 3, 5)), alone);
    expect(shape.contributionAreas).toBeNull();
    expect(shape.radialMass?.within[0]).toEqual({ radius: 5, share: 1 });
  });
});

it("a profile that passes half its maximum more than twice has two full widths", () => {
  const profile = [0, 0, 4, 1, 8, 1, 4, 0, 0];
  const shape = shapeOf(
    mapOf(3, 9, (x, y) => (y === 1 ? (profile[x] ?? 0) : 0)),
    alone,
  );
  expect(shape.fullWidthX?.inner).toBeCloseTo(8 / 7, 12);
  expect(shape.fullWidthX?.outer).toBe(4);
});

it("a square is found as far as the border of an odd map", () => {
  const corner = mapOf(5, 5, (x, y) => (x === 0 && y === 0 ? 1 : 0));
  expect(shapeOf(corner, alone).contributionAreas?.map(({ side }) => side)).toEqual([5, 5, 5, 5]);
});

it("a share of exactly t is not more than t", () => {
  const ring = mapOf(8, 8, (x, y) => (x === 4 && y === 4 ? 1 : x === 2 && y === 4 ? 1 : 0));
  expect(shapeOf(ring, alone).contributionAreas?.map(({ side }) => side)).toEqual([3, 3, 5, 5]);
});

const transposed = ({ shape: [height, width], data }: RealMap): RealMap =>
  mapOf(width, height, (x, y) => data[x * width + y] ?? NaN);
