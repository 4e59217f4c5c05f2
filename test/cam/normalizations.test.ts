import { expect, it } from "vitest";
import { camMap } from "../../src/cam/cam.ts";
import { normalizations, type NormalizationName } from "../../src/cam/normalizations.ts";
import { arrays, type RealArray } from "../../src/core/algebra.ts";
import { realMap } from "../../src/core/tensor.ts";

const map = realMap(1, 3, Float64Array.of(-2, 0, 1));
const constant = realMap(1, 2, Float64Array.of(3, 3));

it.each<[NormalizationName, number[], number[]]>([
  ["none", [-2, 0, 1], [3, 3]],
  ["min-max", [0, 2 / 3, 1], [0, 0]],
  ["max", [-1, 0, 0.5], [1, 1]],
  ["grid-and-map", [0, 2 / 3, 1], [0, 0]],
])("%s", (name, scaled, flat) => {
  normalizations[name].map<RealArray>(arrays, map).data.forEach((value, i) => {
    expect(value).toBeCloseTo(scaled[i] ?? NaN, 12);
  });
  expect([...normalizations[name].map<RealArray>(arrays, constant).data]).toEqual(flat);
});

it("a map of zeros stays zero", () => {
  for (const { map: of } of Object.values(normalizations))
    expect([...of<RealArray>(arrays, realMap(1, 2, new Float64Array(2))).data]).toEqual([0, 0]);
});

it("grid-and-map scales the grid too: a Gaussian does not keep what is subtracted", () => {
  const unused = { cell: 0, center: 0, stride: 0 };
  const upsampling = {
    by: "gaussian",
    sigmaX: 2,
    sigmaY: 2,
    position: "paper",
    normalize: false,
    anchor: { x: unused, y: unused },
  } as const;
  const drawn = (name: NormalizationName) => [
    ...camMap({ upsampling, rectify: false }, map, [1, 6], name).data,
  ];
  const [once, twice] = [drawn("min-max"), drawn("grid-and-map")];
  for (const values of [once, twice]) expect([Math.min(...values), Math.max(...values)]).toEqual([0, 1]);
  expect(once).not.toEqual(twice);
});
