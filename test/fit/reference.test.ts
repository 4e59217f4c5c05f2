import { describe, expect, it } from "vitest";
import { z } from "zod";
import type { EstimateName, ModelName } from "../../src/fit/model.ts";
import { fitMap } from "../../src/fit/fit.ts";
import type { GaussianFit } from "../../src/fit/result.ts";
import { reference } from "../reference.ts";
import { referenceFits, referenceMap } from "./maps.ts";

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
  stderr: numbers,
  aic: z.number(),
  bic: z.number(),
  redchi: z.number(),
  chisqr: z.number(),
  r2_lmfit_rsquared: z.number(),
});
const schema = z.object({
  maps: z.record(
    z.string(),
    z.object({ verdict: z.string(), models: z.record(z.string(), z.unknown()).optional() }),
  ),
});
const record = z.object({ reference: optimum, lmfit: z.unknown() });

/** The reference's models, and our names of its parameters in its order. */
const centered = ["amplitude", "centerX", "centerY"] as const;
const upright = [...centered, "sigmaX", "sigmaY"] as const;
const rotated = [...centered, "sigmaMajor", "sigmaMinor", "theta"] as const;
const modelsOf: Readonly<Record<string, readonly [ModelName, readonly EstimateName[]]>> = {
  a: ["gaussian", upright],
  b: ["gaussian-background", [...upright, "background"]],
  c: ["rotated", rotated],
  d: ["rotated-background", [...rotated, "background"]],
  e: ["isotropic", [...centered, "sigmaX"]],
};

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
  [/^flag: the optimum lies outside/, "CENTER_OUTSIDE"],
  [/extrapolated beyond the map|centre within 1 sigma of the border/, "EXTRAPOLATED"],
  [/: not Gaussian/, "LOW_R_SQUARED"],
  [/a central spike/, "SMALL_MASS"],
  [/sigma depends on the background/, "BACKGROUND_CHANGES_SIGMA"],
];

const { maps } = schema.parse({ maps: referenceFits });
const refused = /^(error|refuse)/;

/** Relative to the value for lengths and shares, to sigma for places, to a radian for angles (which have a period). */
function distance(fit: GaussianFit, name: EstimateName, expected: number): number {
  const found = fit[name]?.value ?? Number.NaN;
  const difference = Math.abs(found - expected);
  if (name === "theta") return Math.min(difference, Math.PI - difference);
  if (name === "centerX") return difference / fit.sigmaX.value;
  if (name === "centerY") return difference / fit.sigmaY.value;
  const peak = fit.amplitude.value / (2 * Math.PI * fit.sigmaX.value * fit.sigmaY.value);
  return difference / (name === "background" ? peak : Math.abs(expected));
}

describe("every map of the reference", () => {
  it.each(Object.entries(maps))("%s gets its verdict", (name, { verdict }) => {
    const { fit, warnings } = fitMap(referenceMap(name));
    const given = warnings.map(({ code }) => code);
    const asked = codes.filter(([pattern]) => pattern.test(verdict)).map(([, code]) => code);
    expect(given).toEqual(expect.arrayContaining(asked));
    expect(fit === null).toBe(refused.test(verdict));
    if (!refused.test(verdict))
      expect(given.includes("BACKGROUND_CHANGES_SIGMA")).toBe(asked.includes("BACKGROUND_CHANGES_SIGMA"));
    if (verdict === "ok" && name !== "s02d_snr1") expect(given).toEqual([]);
  });

  it.each(Object.entries(maps).filter(([, { verdict }]) => refused.test(verdict)))(
    "%s is refused whatever the model",
    (name) => {
      for (const [model] of Object.values(modelsOf))
        expect(fitMap(referenceMap(name), { model }).fit).toBeNull();
    },
  );

  const regular = Object.entries(maps).flatMap(([name, { verdict, models }]) =>
    Object.entries(modelsOf).flatMap(([key, [model, parameters]]) => {
      const parsed = record.safeParse(models?.[key]);
      return parsed.success && !refused.test(verdict) ? [{ name, model, parameters, ...parsed.data }] : [];
    }),
  );

  it("has regular maps to compare", () => {
    expect(regular.length).toBeGreaterThan(reference === undefined ? 120 : 200);
  });

  it.each(regular)(
    "$name, $model: parameters to 1e-12 of the long-double optimum",
    ({ name, model, parameters, reference }) => {
      const { fit } = fitMap(referenceMap(name), { model });
      if (fit === null) throw new Error("no fit");
      expect(fit.converged).toBe(true);
      for (const [i, parameter] of parameters.entries()) {
        const expected = reference.values[i] ?? Number.NaN;
        // The angle of a Gaussian that is round to 1e-6 rests on that 1e-6.
        const tolerance = parameter === "theta" ? 1e-9 : 1e-12;
        expect(distance(fit, parameter, expected), parameter).toBeLessThan(tolerance);
        // An exact Gaussian leaves nothing but rounding, whose size is nobody's result.
        if (reference.sse < 1e-25) continue;
        const standardError = fit[parameter]?.standardError ?? Number.NaN;
        expect(standardError / (reference.stderr[i] ?? Number.NaN)).toBeCloseTo(1, 8);
      }
      expect(fit.rSquared).toBeCloseTo(reference.r2, 11);
      if (reference.sse > 1e-25) expect(fit.sumOfSquares / reference.sse).toBeCloseTo(1, 8);
      for (const [i, one] of parameters.entries()) {
        for (const [j, other] of parameters.entries()) {
          const covariance = (a: number, b: number): number => reference.covar[a]?.[b] ?? Number.NaN;
          const expected = covariance(i, j) / Math.sqrt(covariance(i, i) * covariance(j, j));
          expect(fit.correlation[one]?.[other]).toBeCloseTo(expected, 10);
        }
      }
    },
  );

  const fromLmfit = regular.flatMap(({ name, model, parameters, lmfit: result, reference: { sse } }) => {
    const parsed = lmfit.safeParse(result);
    const sameMinimum = parsed.success && sse > 1e-25 && Math.abs(parsed.data.chisqr / sse - 1) < 1e-6;
    return sameMinimum ? [{ name, model, parameters, expected: parsed.data }] : [];
  });

  it.each(fromLmfit)(
    "$name, $model: standard errors, AIC, BIC, reduced chi-square and R² as lmfit defines them",
    ({ name, model, parameters, expected }) => {
      const { fit } = fitMap(referenceMap(name), { model });
      expect(fit?.aic).toBeCloseTo(expected.aic, 3);
      expect(fit?.bic).toBeCloseTo(expected.bic, 3);
      expect((fit?.reducedChiSquare ?? 0) / expected.redchi).toBeCloseTo(1, 6);
      expect(fit?.rSquaredTotal).toBeCloseTo(expected.r2_lmfit_rsquared, 6);
      for (const [i, parameter] of parameters.entries()) {
        // lmfit stops too early to tell the angle of a Gaussian that is round to 1e-4.
        const round = (fit?.sigmaMajor?.value ?? 0) < 1.0001 * (fit?.sigmaMinor?.value ?? 0);
        if (parameter === "theta" && round) continue;
        const ratio = (fit?.[parameter]?.standardError ?? 0) / (expected.stderr[i] ?? Number.NaN);
        expect(Math.abs(ratio - 1), parameter).toBeLessThan(1e-4);
      }
    },
  );
});
