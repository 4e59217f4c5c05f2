import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fitMap } from "../../src/fit/fit.ts";
import {
  surfaceFrom,
  surfaceOf,
  vectorOf,
  type Surface,
  models,
  type ModelName,
} from "../../src/fit/model.ts";
import { fittedSurface, type GaussianFit } from "../../src/fit/result.ts";
import { gaussianMap } from "../../src/fit/surface.ts";
import type { RealMap } from "../../src/core/tensor.ts";
import { farthest, gaussianAt, largeMap, mapOf, mulberry32, normal, residual } from "./maps.ts";

const names = ["gaussian", "gaussian-background", "rotated", "rotated-background", "isotropic"] as const;

function fitOf(map: RealMap, model: ModelName = "gaussian"): GaussianFit {
  const { fit, warnings } = fitMap(map, { model });
  if (fit === null) throw new Error(`no fit: ${warnings.map(({ message }) => message).join(" ")}`);
  return fit;
}
const surfaceFitted = (map: RealMap, model: ModelName): Surface => fittedSurface(fitOf(map, model));

/** A tilted Gaussian, skew background and noise, so that there is a residual and every parameter is correlated. */
function noisyMap(height: number, width: number, seed: number): RealMap {
  const noise = normal(mulberry32(seed));
  const truth = { amplitude: 1, centerX: 20, centerY: 22, sigmaX: 7, sigmaY: 5, rho: 0.4 };
  const peak = 1 / (2 * Math.PI * truth.sigmaX * truth.sigmaY);
  return mapOf(height, width, (x, y) => gaussianAt(truth)(x, y) + peak * (0.02 + 1e-4 * x + 0.1 * noise()));
}

const truths = fc.record({
  amplitude: fc.constant(1),
  centerX: fc.double({ min: 10, max: 38, noNaN: true }),
  centerY: fc.double({ min: 8, max: 32, noNaN: true }),
  sigmaX: fc.double({ min: 1, max: 12, noNaN: true }),
  sigmaY: fc.double({ min: 1, max: 12, noNaN: true }),
  rho: fc.double({ min: -0.7, max: 0.7, noNaN: true }),
  background: fc.double({ min: 0, max: 1e-4, noNaN: true }),
});

describe.each(names)("a fit of the model %s", (name) => {
  const model = models[name];

  it("recovers an exact surface to rounding, whatever the starts", () => {
    fc.assert(
      fc.property(truths, (given) => {
        const truth = surfaceOf(model, vectorOf(model, surfaceFrom(given)));
        const map = mapOf(40, 48, gaussianAt(truth));
        const sum = map.data.reduce((total, value) => total + value, 0);
        const shares = { ...truth, amplitude: truth.amplitude / sum, background: truth.background / sum };
        expect(farthest(surfaceFitted(map, name), shares)).toBeLessThan(1e-11);
      }),
      { numRuns: 30 },
    );
  });

  it("moves with the map", () => {
    const noise = Float64Array.from({ length: 61 * 71 }, normal(mulberry32(5)));
    const truth = { amplitude: 1, centerX: 30, centerY: 25, sigmaX: 5, sigmaY: 4, rho: 0.3 };
    /** The same 41 x 51 picture, noise and all, in a frame of zeros. */
    const at = (shift: number): RealMap =>
      mapOf(61, 71, (x, y) => {
        const [u, v] = [x - shift, y - shift];
        const inPicture = u >= 5 && u < 56 && v >= 5 && v < 46;
        return inPicture ? gaussianAt(truth)(u, v) * (1 + 0.3 * (noise[v * 71 + u] ?? 0)) : 0;
      });
    const [still, moved] = [surfaceFitted(at(0), name), surfaceFitted(at(7), name)];
    const expected = { ...still, centerX: still.centerX + 7, centerY: still.centerY + 7 };
    // On a background the last of the Gaussian's tail, at the frame's edges, counts to first order.
    expect(farthest(moved, expected)).toBeLessThan(still.background === 0 ? 1e-12 : 1e-8);
  });

  it("does not see the map's scale", () => {
    const map = noisyMap(40, 48, 6);
    const plain = fitOf(map, name);
    fc.assert(
      fc.property(fc.double({ min: 1e-30, max: 1e30, noNaN: true }), (scale) => {
        const scaled = fitOf({ shape: map.shape, data: map.data.map((value) => value * scale) }, name);
        expect(farthest(fittedSurface(scaled), fittedSurface(plain))).toBeLessThan(1e-12);
        expect(scaled.sigmaX.standardError / plain.sigmaX.standardError).toBeCloseTo(1, 10);
      }),
      { numRuns: 10 },
    );
  });

  it("swaps x and y when the map is transposed", () => {
    const map = noisyMap(40, 48, 7);
    const transposed = mapOf(48, 40, (x, y) => map.data[x * 48 + y] ?? 0);
    const [a, b] = [fitOf(map, name), fitOf(transposed, name)];
    const there = fittedSurface(b);
    const swapped = {
      ...there,
      centerX: there.centerY,
      centerY: there.centerX,
      sigmaX: there.sigmaY,
      sigmaY: there.sigmaX,
    };
    expect(farthest(swapped, fittedSurface(a))).toBeLessThan(1e-12);
    expect(b.centerY.standardError / a.centerX.standardError).toBeCloseTo(1, 10);
    const correlation = (fit: GaussianFit, one: string, other: string): number =>
      fit.correlation[one]?.[other] ?? Number.NaN;
    expect(correlation(b, "amplitude", "sigmaY")).toBeCloseTo(correlation(a, "amplitude", "sigmaX"), 10);
    if (a.theta && b.theta) expect(Math.abs(a.theta.value + b.theta.value)).toBeCloseTo(Math.PI / 2, 12);
  });

  it("leaves a residual that is the map less the surface, and survives JSON", () => {
    const map = noisyMap(40, 48, 8);
    const fit = fitOf(map, name);
    const surface = gaussianMap(fittedSurface(fit), map.shape).data;
    const written = gaussianAt(fittedSurface(fit));
    const left = residual(map, fit).data;
    const sum = map.data.reduce((total, value) => total + value, 0);
    for (const [i, value] of left.entries()) {
      expect(Math.abs(value + (surface[i] ?? 0) - (map.data[i] ?? 0) / sum)).toBeLessThan(1e-16);
      expect(Math.abs((surface[i] ?? 0) - written(i % 48, Math.floor(i / 48)))).toBeLessThan(1e-16);
    }
    expect(left.reduce((total, value) => total + value * value, 0) / fit.sumOfSquares).toBeCloseTo(1, 12);
    expect(JSON.parse(JSON.stringify(fit))).toEqual(fit);
  });

  it("says which numbers it has", () => {
    const fit = fitOf(noisyMap(40, 48, 9), name);
    expect(Object.keys(fit.correlation)).toEqual([...model.estimates]);
    for (const estimate of model.estimates) {
      expect(fit[estimate]?.standardError).toBeGreaterThan(0);
      expect(fit.correlation[estimate]?.[estimate]).toBeCloseTo(1, 12);
    }
  });
});

describe("a fit", () => {
  it("is the least-squares optimum of a large noisy map (long-double reference, lmfit 1.3.4)", () => {
    const fit = fitOf(largeMap());
    const expected = {
      amplitude: 1.0032496544686278,
      centerX: 500.761181572342,
      centerY: 523.2111003692736,
      sigmaX: 171.10447295774844,
      sigmaY: 143.06711078752647,
    };
    expect(farthest(fittedSurface(fit), expected)).toBeLessThan(1e-12);
    expect(fit.amplitude.standardError).toBeCloseTo(0.0005124885892851036, 14);
    expect(fit.sigmaX.standardError).toBeCloseTo(0.08753447850164008, 11);
    expect(fit.rSquared).toBeCloseTo(0.8383429988363883, 12);
    expect(fit.sumOfSquares / 4.4701569459993945e-7).toBeCloseTo(1, 12);
    expect(fit.aic).toBeCloseTo(-29867225.86731, 1);
  });

  it("finds a narrow peak that binning would lose", () => {
    const truth = { amplitude: 1, centerX: 371.3, centerY: 40.8, sigmaX: 1.2, sigmaY: 0.9 };
    const noise = mulberry32(4);
    const surface = gaussianAt(truth);
    const fit = fitOf(mapOf(384, 448, (x, y) => surface(x, y) + 1e-7 * noise()));
    expect(fit.centerX.value).toBeCloseTo(371.3, 4);
    expect(fit.sigmaY.value).toBeCloseTo(0.9, 4);
  });

  it("gives intervals of Student's t over the pixels", () => {
    const fit = fitOf(noisyMap(40, 48, 9));
    const [low, high] = fit.sigmaX.interval95;
    expect((high - low) / 2 / fit.sigmaX.standardError).toBeCloseTo(1.96122, 4); // t(0.975; 1915)
    expect(fit.intervalSource).toBe("pixels");
  });
});

describe("the axes of a rotated fit", () => {
  /** Written by its angle, as the report gives it. */
  const rotatedAt =
    (major: number, minor: number, theta: number) =>
    (x: number, y: number): number => {
      const [dx, dy] = [x - 31.2, y - 29.7];
      const u = Math.cos(theta) * dx + Math.sin(theta) * dy;
      const v = Math.cos(theta) * dy - Math.sin(theta) * dx;
      return Math.exp(-((u / major) ** 2) / 2 - (v / minor) ** 2 / 2);
    };

  it("are the longer, the shorter, and the angle of the longer in (-π/2, π/2]", () => {
    const angles = fc.double({ min: -Math.PI / 2, max: Math.PI / 2, minExcluded: true, noNaN: true });
    fc.assert(
      fc.property(angles, fc.double({ min: 1.05, max: 2, noNaN: true }), (theta, ratio) => {
        const fit = fitOf(mapOf(60, 64, rotatedAt(5 * ratio, 5, theta)), "rotated");
        expect(fit.sigmaMajor?.value).toBeCloseTo(5 * ratio, 9);
        expect(fit.sigmaMinor?.value).toBeCloseTo(5, 9);
        const off = Math.abs((fit.theta?.value ?? Number.NaN) - theta);
        expect(Math.min(off, Math.PI - off)).toBeLessThan(1e-9);
      }),
      { numRuns: 30 },
    );
  });

  it("are π/2, not -π/2, apart when the longer is upright", () => {
    expect(fitOf(mapOf(60, 64, rotatedAt(4, 8, 0)), "rotated").theta?.value).toBeCloseTo(Math.PI / 2, 9);
  });
});
