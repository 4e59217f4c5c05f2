import { describe, expect, it } from "vitest";
import { z } from "zod";
import { fitMap } from "../../src/fit/fit.ts";
import { fittedSurface } from "../../src/fit/result.ts";
import { reference } from "../reference.ts";
import { farthest, gaussianAt, mapOf, referenceFits, referenceMap } from "./maps.ts";

const published = z.object({
  amp: z.number(),
  xc: z.number(),
  yc: z.number(),
  sigma_x: z.number(),
  sigma_y: z.number(),
  r_squared: z.number(),
});
const schema = z.object({
  maps: z.record(
    z.string(),
    z.object({
      verdict: z.string(),
      openerf: z.unknown(),
      models: z
        .object({ a: z.object({ lmfit: z.object({ bound_hit: z.array(z.string()) }).partial() }).partial() })
        .partial()
        .optional(),
    }),
  ),
});

const surfaceOf = (values: z.infer<typeof published>) => ({
  amplitude: values.amp,
  centerX: values.xc,
  centerY: values.yc,
  sigmaX: values.sigma_x,
  sigmaY: values.sigma_y,
});

const asOpenErf = { model: "openerf" } as const;

describe("OpenERF's fit", () => {
  // lmfit 1.3.4 on s03c_centre_outside of the reference.
  it("is held by its bound where the center lies outside, with a warning", () => {
    const truth = { amplitude: 1, centerX: -14, centerY: 64, sigmaX: 30, sigmaY: 26 };
    const { fit, warnings } = fitMap(mapOf(128, 128, gaussianAt(truth)), asOpenErf);
    const codes = warnings.map(({ code }) => code);
    expect(codes).toContain("ON_BOUND");
    expect(codes).toContain("OFF_OPTIMUM");
    expect(fit?.openerf).toEqual({ stop: "sum of squares", onBound: ["centerX"] });
    expect(fit?.centerX.value).toBeCloseTo(0, 6);
    expect(fit?.sigmaX.value).toBeCloseTo(23.15, 2);
    expect(fit?.amplitude.value).toBeCloseTo(1.95, 2);
  });

  it("does not see a narrow peak far from its start, which the default fit finds", () => {
    const truth = { amplitude: 1, centerX: 95, centerY: 30, sigmaX: 2, sigmaY: 2 };
    const { fit, warnings } = fitMap(mapOf(128, 128, gaussianAt(truth)), asOpenErf);
    expect(fit?.sigmaX.value).toBeGreaterThan(5);
    expect(warnings.map(({ code }) => code)).toContain("OFF_OPTIMUM");
  });

  it("reports even where erfit has no fit, with the reason", () => {
    const { fit, warnings } = fitMap(
      mapOf(96, 96, (x, y) => (x === 70 && y === 50 ? 1 : 0)),
      asOpenErf,
    );
    expect(fit).not.toBeNull();
    expect(warnings.map(({ code }) => code)).toContain("SINGLE_PIXEL");
  });
});

const { maps } = schema.parse({ maps: referenceFits });

describe("OpenERF's own results", () => {
  const regular = Object.entries(maps).flatMap(([name, { verdict, openerf, models }]) => {
    const parsed = published.safeParse(openerf);
    const bounds = models?.a?.lmfit?.bound_hit ?? [];
    // On a map without a peak, or a peak that its start does not see, OpenERF ends wherever rounding takes it.
    const aimless = /^(error|refuse|ok from a good start)/.test(verdict);
    return parsed.success && !aimless ? [{ name, bounds, expected: parsed.data }] : [];
  });

  it("are there", () => {
    expect(regular.length).toBeGreaterThan(reference === undefined ? 22 : 38);
  });

  it.each(regular)("$name: to 1e-8 of sigma, bounds and all", ({ name, bounds, expected }) => {
    const { fit, warnings } = fitMap(referenceMap(name), asOpenErf);
    if (fit === null) throw new Error("no fit");
    expect(farthest(fittedSurface(fit), surfaceOf(expected))).toBeLessThan(1e-8);
    expect(fit.rSquared).toBeCloseTo(expected.r_squared, 9);
    expect(fit.openerf?.onBound.length).toBe(bounds.length);
    expect(warnings.some(({ code }) => code === "ON_BOUND")).toBe(bounds.length > 0);
  });
});
