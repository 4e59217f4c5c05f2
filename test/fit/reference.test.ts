import { describe, expect, it } from "vitest";
import { z } from "zod";
import { fitMap } from "../../src/fit/fit.ts";
import { gaussian } from "../../src/fit/gaussian.ts";
import { gaussianOf } from "../../src/fit/result.ts";
import { readJson, reference, referencePath, withoutReference } from "../reference.ts";
import { farthest, largeMap, referenceMap } from "./maps.ts";

const numbers = z.array(z.number());
const optimum = z.object({
  ok: z.literal(true),
  values: numbers,
  stderr: numbers,
  covar: z.array(numbers),
  sse: z.number(),
  r2: z.number(),
});
const lmfit = z.object({
  aic: z.number(),
  bic: z.number(),
  redchi: z.number(),
  r2_lmfit_rsquared: z.number(),
});
const schema = z.object({
  maps: z.record(
    z.string(),
    z.object({ verdict: z.string(), models: z.object({ a: z.unknown() }).partial().optional() }),
  ),
});
const modelA = z.object({ reference: optimum, lmfit: z.unknown() });

/** The codes that the reference's verdicts, written by hand, ask for. */
const codes: readonly (readonly [RegExp, string])[] = [
  [/^error: .*non-finite/, "NON_FINITE"],
  [/^error: (\d+ pixels|one row)/, "TOO_FEW_PIXELS"],
  [/^error: (the map is all zeros|\|sum\|)/, "ZERO_MASS"],
  [/^error: net sum is negative/, "NEGATIVE_MASS"],
  [/^refuse: map has zero variance/, "FLAT"],
  [/^refuse: not better than a constant/, "NO_PEAK"],
  [/^refuse: (one pixel|unresolved)/, "SINGLE_PIXEL"],
  [/^warn: (several minima|multi-modal)/, "SECOND_MINIMUM"],
  [/^warn: sigma < 0.5 px/, "UNRESOLVED"],
  [/^warn: .*sigma > image\/2/, "SIGMA_BEYOND_HALF_MAP"],
  [/^flag: the optimum lies outside/, "CENTRE_OUTSIDE"],
  [/extrapolated beyond the map|centre within 1 sigma of the border/, "EXTRAPOLATED"],
  [/: not Gaussian/, "LOW_R_SQUARED"],
  [/a central spike/, "SMALL_MASS"],
];

const absent = withoutReference("fits of 54 maps against the long-double optimum");
const maps = reference === undefined ? {} : schema.parse(readJson(referencePath("fits", "fits.json"))).maps;
const mapCalled = (name: string) => (name === "s16_large1024" ? largeMap() : referenceMap(`${name}.npy`));

describe.skipIf(absent)("every map of the reference", () => {
  it.each(Object.entries(maps))("%s gets its verdict", (name, { verdict }) => {
    const { fit, warnings } = fitMap(mapCalled(name));
    const given = warnings.map(({ code }) => code);
    const asked = codes.filter(([pattern]) => pattern.test(verdict)).map(([, code]) => code);
    expect(given).toEqual(expect.arrayContaining(asked));
    expect(fit === null).toBe(/^(error|refuse)/.test(verdict));
    if (verdict === "ok" && name !== "s02d_snr1") expect(given).toEqual([]);
  });

  const regular = Object.entries(maps).flatMap(([name, { verdict, models }]) => {
    const parsed = modelA.safeParse(models?.a);
    return parsed.success && !/^(error|refuse)/.test(verdict) ? [{ name, ...parsed.data }] : [];
  });

  it("has regular maps to compare", () => {
    expect(regular.length).toBeGreaterThan(35);
  });

  it.each(regular)("$name: parameters to 1e-13 of the long-double optimum", ({ name, reference }) => {
    const { fit } = fitMap(mapCalled(name));
    if (fit === null) throw new Error("no fit");
    expect(fit.converged).toBe(true);
    expect(farthest(gaussianOf(fit), gaussian.toGaussian(reference.values))).toBeLessThan(1e-13);
    expect(fit.rSquared).toBeCloseTo(reference.r2, 11);
    // An exact Gaussian leaves nothing but rounding, whose size is nobody's result.
    if (reference.sse > 1e-25) {
      expect(fit.sumOfSquares / reference.sse).toBeCloseTo(1, 8);
      for (const [i, { name: parameter }] of gaussian.parameters.entries()) {
        expect(fit[parameter].standardError / (reference.stderr[i] ?? Number.NaN)).toBeCloseTo(1, 8);
      }
    }
    for (const [i, { name: one }] of gaussian.parameters.entries()) {
      for (const [j, { name: other }] of gaussian.parameters.entries()) {
        const covariance = (a: number, b: number): number => reference.covar[a]?.[b] ?? Number.NaN;
        const expected = covariance(i, j) / Math.sqrt(covariance(i, i) * covariance(j, j));
        expect(fit.correlation[one][other]).toBeCloseTo(expected, 10);
      }
    }
  });

  const fromLmfit = regular.flatMap(({ name, lmfit: result, reference: { sse } }) => {
    const parsed = lmfit.extend({ chisqr: z.number() }).safeParse(result);
    const sameMinimum = parsed.success && sse > 1e-25 && Math.abs(parsed.data.chisqr / sse - 1) < 1e-6;
    return sameMinimum ? [{ name, expected: parsed.data }] : [];
  });

  it.each(fromLmfit)(
    "$name: AIC, BIC, reduced chi-square and R² as lmfit defines them",
    ({ name, expected }) => {
      const { fit } = fitMap(mapCalled(name));
      expect(fit?.aic).toBeCloseTo(expected.aic, 3);
      expect(fit?.bic).toBeCloseTo(expected.bic, 3);
      expect((fit?.reducedChiSquare ?? 0) / expected.redchi).toBeCloseTo(1, 6);
      expect(fit?.rSquaredTotal).toBeCloseTo(expected.r2_lmfit_rsquared, 6);
    },
  );
});
