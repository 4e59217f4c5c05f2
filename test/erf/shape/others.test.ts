import { describe, expect, it } from "vitest";
import type { RealMap } from "../../../src/core/tensor.ts";
import { shapeOf } from "../../../src/erf/shape/shape.ts";
import { referenceFits, referenceMap } from "../../fit/maps.ts";
import { reference } from "../../reference.ts";
import { expected, ownMap, ownMaps, type Expected } from "./expected.ts";

const shape = (map: RealMap) => shapeOf(map, { receptiveField: null });

/** The numbers of others, in the shape's own form; sums in another order differ in their last digits. */
function agrees(map: RealMap, { openerf, covariance: [[xx, xy], [, yy]], ...others }: Expected): void {
  const { moments, radialMass, contributionAreas, fullWidthX, fullWidthY, effectiveArea } = shape(map);
  const close = (value: number, scale = 1): unknown =>
    expect.closeTo(value, 9 - Math.ceil(Math.log10(scale)));

  const [centerY, centerX] = openerf.center_yx;
  expect(radialMass).toEqual({
    centerX,
    centerY,
    within: Object.entries(openerf.radial_cumulative_mass).map(([radius, share]) => ({
      radius: Number(radius),
      share: close(share),
    })),
    holding: [0.5, 0.6827, 0.9, 0.9545, 0.99].map((share, i) => ({
      radius: close(others.radii[i] ?? NaN),
      share,
    })),
  });
  expect(moments).toEqual({
    centerX: close(openerf.com_x),
    centerY: close(openerf.com_y),
    sigmaX: close(Math.sqrt(xx)),
    sigmaY: close(Math.sqrt(yy)),
    covarianceXY: close(xy),
  });
  expect(contributionAreas).toEqual(areasAsFound(others.contributionAreas));
  const { data } = map;
  const brightest = data.reduce((most, value) => Math.max(most, value));
  const logarithm = { ...map, data: data.map((value) => Math.log10((value / brightest) * 1e4 + 1)) };
  expect(shape(logarithm).contributionAreas).toEqual(areasAsFound(others.logContributionAreas));
  for (const [found, width] of [
    [fullWidthX, others.fullWidth.x],
    [fullWidthY, others.fullWidth.y],
  ] as const)
    expect(found).toEqual(width && { inner: close(width[0]), outer: close(width[1]) });
  expect(effectiveArea?.pixels ?? null).toBe(others.pixelsAboveCenter);
}

const near = (value: number): unknown => expect.closeTo(value, 12);

const areasAsFound = (areas: Expected["contributionAreas"]) =>
  areas.map((area, i) => ({
    share: [0.2, 0.3, 0.5, 0.99][i],
    side: area?.[0] ?? null,
    areaRatio: area ? near(area[1]) : null,
  }));

describe("OpenERF, RepLKNet's squares, SciPy's widths and Luo's count", () => {
  it.each(ownMaps)("of the map %s", (name) => {
    const numbers = expected[name];
    expect(numbers).toBeDefined();
    if (numbers) agrees(ownMap(name), numbers);
  });
});

describe("and the reference's map", () => {
  const names = Object.keys(expected).filter((name) => !ownMaps.includes(name) && name in referenceFits);

  it.each(names)("%s", (name) => {
    const numbers = expected[name];
    expect(numbers).toBeDefined();
    if (numbers) agrees(referenceMap(name), numbers);
  });

  it("are many", () => {
    expect(names.length).toBeGreaterThan(reference === undefined ? 17 : 30);
  });
});
