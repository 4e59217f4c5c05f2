import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { fitMap } from "../../src/fit/fit.ts";
import { jackknife } from "../../src/fit/jackknife.ts";
import { warnedOfLogarithm } from "../../src/fit/logarithm.ts";
import { models } from "../../src/fit/model.ts";
import { keysOf } from "../../src/core/required.ts";
import { readMap } from "../../src/core/npy.ts";
import type { RealMap } from "../../src/core/tensor.ts";
import { shapeOf } from "../../src/erf/shape/shape.ts";
import { gaussianAt, mapOf, mulberry32, normal } from "./maps.ts";

const at = (path: string): string => fileURLToPath(new URL(`cases/${path}`, import.meta.url));
const caseMap = (name: string): RealMap => readMap(readFileSync(at(`${name}.npy`)), name);

/** SciPy's, by `cases/expected.py`. */
const sigmas = z.object({ sigmaX: z.number(), sigmaY: z.number() });
const gaussian = sigmas.extend({ amplitude: z.number(), centerX: z.number(), centerY: z.number() });
const expected = z
  .object({ cross: gaussian, huge1e307: gaussian, hw1: gaussian, logmap: sigmas })
  .parse(JSON.parse(readFileSync(at("expected.json"), "utf8")));

const codesOf = ({ warnings }: { readonly warnings: readonly { readonly code: string }[] }) =>
  warnings.map(({ code }) => code);
const scaled = ({ shape, data }: RealMap, by: number): RealMap => ({
  shape,
  data: data.map((value) => value * by),
});

/** Along x and along y, before division by the sum. */
const bell = (r: number, sigma: number): number => Math.exp(-(r * r) / (2 * sigma * sigma));
const cross = (long: number, short: number, weight: number, [x0, y0]: readonly [number, number]): RealMap =>
  mapOf(
    64,
    64,
    (x, y) => bell(x - x0, long) * bell(y - y0, short) + weight * bell(x - x0, short) * bell(y - y0, long),
  );

describe("a cross", () => {
  it("converges to the minimum that SciPy finds, and its twin is reported", () => {
    const result = fitMap(caseMap("cross"));
    const { fit } = result;
    expect(fit?.converged).toBe(true);
    const found = [fit?.sigmaX.value ?? NaN, fit?.sigmaY.value ?? NaN].toSorted((a, b) => a - b);
    expect(found[0]).toBeCloseTo(expected.cross.sigmaY, 5);
    expect(found[1]).toBeCloseTo(expected.cross.sigmaX, 5);
    expect(fit?.amplitude.value).toBeCloseTo(expected.cross.amplitude, 6);
    expect(fit?.secondMinimum).toBeDefined();
    expect(codesOf(result)).toEqual(expect.arrayContaining(["CROSS", "SECOND_MINIMUM"]));
    expect(codesOf(result)).not.toContain("NOT_CONVERGED");
  });

  it.each(keysOf(models))("converges with the model %s", (model) => {
    expect(fitMap(caseMap("cross"), { model }).fit?.converged).toBe(true);
  });

  it.each([
    ["equal arms", cross(14, 2, 1, [32, 32])],
    ["off the pixels", cross(14, 2, 1, [31.3, 30.2])],
    ["unequal arms", cross(14, 2, 0.5, [32, 32])],
    ["one row and one column", mapOf(64, 64, (x, y) => Number(x === 32) + Number(y === 32) + 0.01)],
  ])("is recognized: %s", (_, map) => {
    const result = fitMap(map);
    expect(result.fit?.converged).toBe(true);
    expect(codesOf(result)).toContain("CROSS");
  });

  it.each([
    ["a long Gaussian", cross(14, 2, 0, [32, 32])],
    ["a round one", cross(7, 7, 1, [32, 32])],
    ["a disc", mapOf(64, 64, (x, y) => Number(Math.hypot(x - 32, y - 32) < 10))],
  ])("is not seen in %s", (_, map) => {
    const result = fitMap(map);
    expect(result.fit?.converged).toBe(true);
    expect(codesOf(result)).not.toContain("CROSS");
  });
});

describe("a map of any scale", () => {
  it("is fitted where its sum overflows", () => {
    const { fit, warnings } = fitMap(caseMap("huge1e307"));
    expect(warnings).toEqual([]);
    for (const name of ["amplitude", "centerX", "centerY", "sigmaX", "sigmaY"] as const)
      expect(fit?.[name].value).toBeCloseTo(expected.huge1e307[name], 8);
  });

  const map = mapOf(48, 64, gaussianAt({ amplitude: 1, centerX: 30, centerY: 20, sigmaX: 5, sigmaY: 4 }));
  const at1 = fitMap(map);

  // Powers of two, so that the map's own numbers are the same: the tails stay normal.
  it.each([2 ** 1020, 2 ** 500, 2 ** -500, 2 ** -700])(
    "has the same fit and shape, bit for bit, times %s",
    (by) => {
      expect(fitMap(scaled(map, by))).toEqual(at1);
      expect(shapeOf(scaled(map, by), { receptiveField: null })).toEqual(
        shapeOf(map, { receptiveField: null }),
      );
    },
  );

  it.each([1e-310, 1e-318])("is fitted in denormal numbers: %s", (peak) => {
    const { fit } = fitMap(mapOf(48, 64, (x, y) => peak * bell(x - 30, 5) * bell(y - 20, 4)));
    expect(fit?.sigmaX.value).toBeCloseTo(5, 2);
    expect(fit?.sigmaY.value).toBeCloseTo(4, 2);
  });

  it("keeps the intervals over blocks where the blocks' sum overflows", () => {
    const noise = normal(mulberry32(4));
    const blocks = Array.from({ length: 6 }, () =>
      mapOf(48, 64, (x, y) => bell(x - 30, 5) * bell(y - 20, 4) * (1 + 0.1 * noise())),
    );
    const fitted = (factor: number) => {
      const total = mapOf(48, 64, (x, y) =>
        blocks.reduce((sum, { data }) => sum + (data[y * 64 + x] ?? NaN), 0),
      );
      return jackknife(
        blocks.map((block) => scaled(block, factor)),
        fitMap(total),
      );
    };
    expect(fitted(2 ** 1022)).toEqual(fitted(1));
  });

  it("refuses a negative map whose sum overflows as negative", () => {
    expect(codesOf(fitMap(scaled(caseMap("huge1e307"), -1)))).toEqual(["NEGATIVE_MASS"]);
  });
});

describe("a logarithm", () => {
  const warned = (map: RealMap) => warnedOfLogarithm(map, fitMap(map));
  const field = (x: number, y: number): number => bell(x - 30, 5) * bell(y - 33, 8);

  it("is named, and the sigma under it is about SciPy's", () => {
    const result = warned(caseMap("logmap"));
    expect(codesOf(result)).toContain("LOGARITHM");
    const message = result.warnings.find(({ code }) => code === "LOGARITHM")?.message ?? "";
    const [sigmaX = NaN, sigmaY = NaN] = (/sigma is about ([\d.]+), ([\d.]+) px/.exec(message) ?? [])
      .slice(1)
      .map(Number);
    expect(Math.abs(sigmaX / expected.logmap.sigmaX - 1)).toBeLessThan(0.05);
    expect(Math.abs(sigmaY / expected.logmap.sigmaY - 1)).toBeLessThan(0.05);
  });

  const noise = normal(mulberry32(3));
  it.each([
    ["log1p", (value: number) => Math.log1p(1e4 * value)],
    ["log10 over its maximum", (value: number) => Math.log10(1e4 * value + 1) / Math.log10(1e4 + 1)],
    ["decibels, below zero", (value: number) => 10 * Math.log10(value + 1e-9)],
    ["log of a floor, below zero", (value: number) => Math.log(value + 1e-12)],
    ["as an 8-bit picture", (value: number) => Math.round((255 * Math.log1p(1e3 * value)) / Math.log1p(1e3))],
    ["with noise", (value: number) => Math.log1p(1e5 * value) * (1 + 0.05 * noise())],
  ])("is named: %s", (_, saved) => {
    const result = warned(mapOf(64, 64, (x, y) => saved(field(x, y))));
    expect(codesOf(result)).toContain("LOGARITHM");
    if (result.fit === null) expect(result.warnings[0]?.code).toBe("LOGARITHM");
  });

  it.each([
    ["a Gaussian", field],
    ["its square root", (x: number, y: number) => Math.sqrt(field(x, y))],
    ["an 8-bit picture of it", (x: number, y: number) => Math.round(255 * field(x, y))],
    ["heavy tails", (x: number, y: number) => 1 / (1 + ((x - 31) ** 2 + (y - 33) ** 2) / 50)],
    ["a disc", (x: number, y: number) => Number(Math.hypot(x - 31, y - 33) < 12)],
    [
      "a cross",
      (x: number, y: number) => bell(x - 31, 2) * bell(y - 33, 9) + bell(x - 31, 9) * bell(y - 33, 2),
    ],
    ["noise", () => Math.abs(noise())],
    ["an upside-down Gaussian", (x: number, y: number) => -field(x, y)],
    ["a constant", () => 1],
    ["zeros", () => 0],
  ])("is not seen in %s", (_, values) => {
    expect(codesOf(warned(mapOf(64, 64, values)))).not.toContain("LOGARITHM");
  });
});
