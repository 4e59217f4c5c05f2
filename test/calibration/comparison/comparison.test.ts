import { describe, expect, it } from "vitest";
import { z } from "zod";
import { comparable } from "../../../src/calibration/comparison/compared.ts";
import {
  differenceOf,
  jackknifeError,
  welchDegreesOfFreedom,
  pairTests,
} from "../../../src/calibration/comparison/difference.ts";
import { growthOf } from "../../../src/calibration/comparison/growth.ts";
import { studentTail } from "../../../src/calibration/comparison/student-tail.ts";
import { comparisonCsv, comparisonMarkdown, testsCsv } from "../../../src/report/comparison/files.ts";
import { sigmaRows, testRows, testWords, warningLines } from "../../../src/report/comparison/tables.ts";
import { resolvePreprocessing, type PresetName } from "../../../src/input/resolve.ts";
import { holm } from "../../../src/core/statistics.ts";
import fixture from "../../fixtures/comparison.json" with { type: "json" };
import { erf } from "./erfs.ts";

const pair = z.tuple([z.number(), z.number()]);
const close = (value: number, digits = 9) => expect.closeTo(value, digits) as number;
/** Sigmas without a block that go up and down by this share of sigma: the difference of 30 and 65 has a standard error of 1. */
const pairedUnit = 1 / (35 * Math.sqrt(19));
const { welch, tail, paired, regression } = fixture;

describe("SciPy and R agree", () => {
  it.each(tail)("with the tail of Student's t at $t, $df degrees of freedom", ({ t, df, p }) => {
    expect(studentTail(t, df) / p).toBeCloseTo(1, 10);
  });

  it("with tails that are no numbers, or of nothing", () => {
    expect([studentTail(0, 19), studentTail(-Infinity, 19)]).toEqual([1, 0]);
    expect([studentTail(NaN, 19), studentTail(2, 0), studentTail(2, NaN)]).toEqual([NaN, NaN, NaN]);
  });

  it("with two sigmas that 35 standard errors part, in the test and after Holm's adjustment", () => {
    const [small, large] = [30, 65].map((sigma) =>
      erf({
        label: String(sigma),
        sigma,
        standardError: 1,
        degreesOfFreedom: 19,
        withoutBlock: Array.from(
          { length: 20 },
          (_, k) => sigma + (k % 2 === 0 ? 1 : -1) * sigma * pairedUnit,
        ),
        images: "the same",
      }),
    );
    if (small === undefined || large === undefined) throw new Error("two of them");
    const [test] = pairTests([small, large]);
    expect(test).toMatchObject({ method: "paired jackknife", t: close(-35), degreesOfFreedom: 19 });
    expect((test?.p ?? NaN) / 1.0168081022047902e-18).toBeCloseTo(1, 9);
    expect((test?.adjustedP ?? NaN) / (2 * 1.0168081022047902e-18)).toBeCloseTo(1, 9);
  });

  it("with Holm's adjustment", () => {
    const { p, adjusted } = fixture.holm;
    holm(p).forEach((value, k) => {
      expect(value).toBeCloseTo(adjusted[k] ?? NaN, 12);
    });
    expect(holm([NaN, 0.02, 0.03])).toEqual([NaN, 0.04, 0.04]);
  });

  it.each(welch)("with Welch's test, but for degrees of freedom rounded down: $df", (test) => {
    const first = erf({ label: "first", sigma: test.a.mean, ...test.a });
    const second = erf({ label: "second", sigma: test.b.mean, ...test.b });
    expect(differenceOf(first, second, "x", "pixels")).toMatchObject({
      method: "Welch",
      t: close(test.t),
      degreesOfFreedom: Math.floor(test.df),
      p: close(test.pFloored),
      interval95: pair.parse(test.interval95Floored).map((bound) => close(bound)),
    });
    expect(welchDegreesOfFreedom(test.a, test.b)).toBe(Math.floor(test.df));
  });

  it("with the paired t-test, where leaving out is of means: its jackknife is the standard error", () => {
    const { a, b } = paired;
    const mean = (values: readonly number[]) => values.reduce((sum, v) => sum + v, 0) / values.length;
    const without = (values: readonly number[]) => values.map((_, k) => mean(values.toSpliced(k, 1)));
    const [first, second] = [a, b].map((values, k) =>
      erf({
        label: String(k),
        sigma: mean(values),
        standardError: jackknifeError(without(values)),
        degreesOfFreedom: values.length - 1,
        withoutBlock: without(values),
        images: "the same",
      }),
    );
    if (first === undefined || second === undefined) throw new Error("two of them");
    expect(differenceOf(first, second, "y", "pixels")).toMatchObject({
      method: "paired jackknife",
      t: close(paired.t),
      degreesOfFreedom: paired.df,
      p: close(paired.p),
      interval95: pair.parse(paired.interval95).map((bound) => close(bound)),
    });
  });

  it("with the regression of the logarithms, and what sees beyond the image is left out", () => {
    const { x, y } = regression;
    const layers = x.map((field, k) =>
      erf({
        label: `layer ${k}`,
        sigma: Math.exp(y[k] ?? NaN),
        standardError: 0.1,
        degreesOfFreedom: 19,
        field: Math.exp(field),
      }),
    );
    const beyond = erf({ label: "last", sigma: 9, standardError: 1, degreesOfFreedom: 19, field: 500 });
    const growth = growthOf([...layers, beyond]);
    expect(growth?.law).toMatchObject({
      exponent: close(regression.slope),
      factor: close(Math.exp(regression.intercept)),
      layers: x.length,
      byLayers: pair.parse(regression.interval95).map((bound) => close(bound)),
      byPhotographs: null,
    });
    expect(growth?.points.map(({ inside }) => inside)).toEqual([...x.map(() => true), false]);
  });
});

describe("what is compared with what", () => {
  const some = (count: number) =>
    Array.from({ length: count }, (_, k) =>
      erf({ label: String(k), sigma: 30 + k, standardError: 1, degreesOfFreedom: 19, model: String(k) }),
    );
  const names = (count: number) => [
    ...new Set(pairTests(some(count)).map(({ first, second }) => `${first.label}${second.label}`)),
  ];

  it("each with each; of many, each with the first", () => {
    expect(names(3)).toEqual(["01", "02", "12"]);
    expect(names(7)).toEqual(["01", "02", "03", "04", "05", "06"]);
  });

  it("shares of the input, where inputs differ in size", () => {
    const small = erf({ label: "small", sigma: 30, standardError: 1, degreesOfFreedom: 19, inputSide: 100 });
    const large = erf({ label: "large", sigma: 60, standardError: 2, degreesOfFreedom: 19, inputSide: 200 });
    const [test] = pairTests([small, large]);
    expect(test).toMatchObject({
      measure: "share",
      difference: 0,
      t: 0,
      p: 1,
      standardError: close(Math.SQRT2 / 100),
    });
    expect(comparable([small, large], false)[0]).toMatch(
      /input sizes: 100 x 100 \(small\); 200 x 200 \(large\)/,
    );
  });

  it("with the warnings of the two fits beside p, of whatever code, but those that leave the test as it stands", () => {
    const warned = some(3).map((one, k) => {
      const codes = [
        ["LOW_R_SQUARED", "FEW_PHOTOGRAPHS"],
        ["LOW_R_SQUARED", "OF_ANOTHER_VERSION"],
        ["IMAGES_SKIPPED"],
      ][k];
      const warnings = (codes ?? []).map((code) => ({ code, message: `${code}, for ${k}.` }));
      return { ...one, calibration: { ...one.calibration, warnings } };
    });
    const tests = pairTests(warned);
    expect(tests.filter(({ axis }) => axis === "x").map(({ warnings }) => warnings)).toEqual([
      [
        { code: "LOW_R_SQUARED", of: ["0", "1"] },
        { code: "OF_ANOTHER_VERSION", of: ["1"] },
      ],
      [{ code: "LOW_R_SQUARED", of: ["0"] }],
      [
        { code: "LOW_R_SQUARED", of: ["1"] },
        { code: "OF_ANOTHER_VERSION", of: ["1"] },
      ],
    ]);
    const comparison = { compared: warned, tests, growth: null, remarks: [] };
    expect(testRows(tests)[1]?.at(-1)).toBe("LOW_R_SQUARED (0, 1), OF_ANOTHER_VERSION (1)");
    expect(sigmaRows(warned).map((row) => row.at(-1))).toEqual([
      "warnings",
      "LOW_R_SQUARED FEW_PHOTOGRAPHS",
      "LOW_R_SQUARED OF_ANOTHER_VERSION",
      "IMAGES_SKIPPED",
    ]);
    expect(warningLines(warned)).toEqual([
      "LOW_R_SQUARED (0, 1): of 0: LOW_R_SQUARED, for 0.",
      "FEW_PHOTOGRAPHS (0): FEW_PHOTOGRAPHS, for 0.",
      "OF_ANOTHER_VERSION (1): OF_ANOTHER_VERSION, for 1.",
      "IMAGES_SKIPPED (2): IMAGES_SKIPPED, for 2.",
    ]);
    expect(testWords(comparison).join()).toContain("put in doubt that sigma is the width of the field");
    for (const file of [comparisonCsv(comparison), testsCsv(comparison), comparisonMarkdown(comparison)])
      expect(file).toContain("OF_ANOTHER_VERSION");
    expect(testRows(pairTests(some(2)))[0]).not.toContain("warnings");
  });

  it("nothing with what has no interval over photographs", () => {
    const [first, second] = some(2);
    if (first === undefined || second === undefined) throw new Error("two of them");
    const lone = { ...second, fit: { ...second.fit, intervalSource: "pixels" as const } };
    expect(differenceOf(first, lone, "x", "pixels")).toMatchObject({
      method: "none",
      difference: -1,
      p: NaN,
    });
  });

  it("no other protocol, unless it is asked for: then loudly", () => {
    const [first, second] = some(2);
    if (first === undefined || second === undefined) throw new Error("two of them");
    const other = { ...second, calibration: { ...second.calibration, protocol: "absolute" as const } };
    expect(() => comparable([first, other], false)).toThrow(
      /different protocols: openerf \(0\); absolute \(1\)/,
    );
    expect(comparable([first, other], true).join()).toContain("DIFFERENT QUANTITIES");
    expect(() => comparable([first], false)).toThrow("one calibration");
  });

  it("one network of different preprocessing with a remark; two networks each have their own", () => {
    const [first, second] = some(2);
    if (first === undefined || second === undefined) throw new Error("two of them");
    const prepared = (one: typeof first, preset: PresetName, sha256: string) => ({
      ...one,
      calibration: {
        ...one.calibration,
        preprocessing: { ...resolvePreprocessing({ inputSize: [224, 224], preset }) },
        model: { ...one.calibration.model, sha256 },
      },
    });
    const remarks = (preset: PresetName, sha256: string) =>
      comparable([prepared(first, "raw", "a"), prepared(second, preset, sha256)], false);
    expect(remarks("raw", "a")).toEqual([]);
    expect(remarks("unit", "b")).toEqual([]);
    expect(remarks("unit", "a").join()).toMatch(
      /different preprocessing of net\.onnx: scale: 0-255 over std 1,1,1 \(0\), 0-1 over std 1,1,1 \(1\).*alone may make/,
    );
  });

  it("no growth over layers of several networks, or fewer than three", () => {
    expect(growthOf(some(5))).toBeNull();
    const one = (count: number) =>
      some(count).map((x) => ({
        ...x,
        calibration: { ...x.calibration, model: { ...x.calibration.model, sha256: "a" } },
      }));
    expect(growthOf(one(2))).toBeNull();
    expect(growthOf(one(3))?.law).toBeNull(); // of one and the same field
  });

  it("the exponent over photographs, where layers left out the same blocks", () => {
    const layers = [20, 40, 80].map((field) =>
      erf({
        label: String(field),
        sigma: field / 4,
        standardError: 0.1,
        degreesOfFreedom: 3,
        withoutBlock: [0.9, 1, 1, 1.1].map((power) => (field / 20) ** power * 5),
        images: "the same",
        field,
      }),
    );
    const law = growthOf(layers)?.law;
    expect(law?.exponent).toBeCloseTo(1, 12);
    const error = jackknifeError([0.9, 1, 1, 1.1]);
    expect(((law?.byPhotographs?.[1] ?? NaN) - 1) / 3.182446305284263).toBeCloseTo(error, 9);
  });
});
