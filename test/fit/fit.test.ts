import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fitMap } from "../../src/fit/fit.ts";
import type { Gaussian } from "../../src/fit/model.ts";
import { gaussianOf, type GaussianFit } from "../../src/fit/result.ts";
import { gaussianMap, residual } from "../../src/fit/surface.ts";
import type { RealMap } from "../../src/math/tensor.ts";
import { farthest, gaussianAt, largeMap, mapOf, mulberry32, normal } from "./maps.ts";

function fitOf(map: RealMap): GaussianFit {
  const { fit, warnings } = fitMap(map);
  if (fit === null) throw new Error(`no fit: ${warnings.map(({ message }) => message).join(" ")}`);
  return fit;
}

/** Gaussian, skew background and noise, so that there is a residual and every parameter is correlated. */
function noisyMap(height: number, width: number, truth: Gaussian, seed: number): RealMap {
  const noise = normal(mulberry32(seed));
  const surface = gaussianAt(truth);
  const peak = truth.amplitude / (2 * Math.PI * truth.sigmaX * truth.sigmaY);
  return mapOf(height, width, (x, y) => surface(x, y) + peak * (0.02 + 1e-4 * x + 0.1 * noise()));
}

const truths = fc.record({
  amplitude: fc.constant(1),
  centreX: fc.double({ min: 10, max: 38, noNaN: true }),
  centreY: fc.double({ min: 8, max: 32, noNaN: true }),
  sigmaX: fc.double({ min: 1, max: 12, noNaN: true }),
  sigmaY: fc.double({ min: 1, max: 12, noNaN: true }),
});

describe("a fit", () => {
  it("recovers an exact Gaussian to rounding, whatever the starts", () => {
    fc.assert(
      fc.property(truths, (truth) => {
        const map = mapOf(40, 48, gaussianAt(truth));
        const sum = map.data.reduce((total, value) => total + value, 0);
        expect(farthest(gaussianOf(fitOf(map)), { ...truth, amplitude: 1 / sum })).toBeLessThan(1e-12);
      }),
      { numRuns: 60 },
    );
  });

  it("is the least-squares optimum of a large noisy map (long-double reference, lmfit 1.3.4)", () => {
    const fit = fitOf(largeMap());
    const expected = {
      amplitude: 1.0032496544686278,
      centreX: 500.761181572342,
      centreY: 523.2111003692736,
      sigmaX: 171.10447295774844,
      sigmaY: 143.06711078752647,
    };
    expect(farthest(gaussianOf(fit), expected)).toBeLessThan(1e-12);
    expect(fit.amplitude.standardError).toBeCloseTo(0.0005124885892851036, 14);
    expect(fit.sigmaX.standardError).toBeCloseTo(0.08753447850164008, 11);
    expect(fit.rSquared).toBeCloseTo(0.8383429988363883, 12);
    expect(fit.sumOfSquares / 4.4701569459993945e-7).toBeCloseTo(1, 12);
    expect(fit.aic).toBeCloseTo(-29867225.86731, 1);
  });

  it("finds a narrow peak that binning would lose", () => {
    const truth = { amplitude: 1, centreX: 371.3, centreY: 40.8, sigmaX: 1.2, sigmaY: 0.9 };
    const noise = mulberry32(4);
    const surface = gaussianAt(truth);
    const fit = fitOf(mapOf(384, 448, (x, y) => surface(x, y) + 1e-7 * noise()));
    expect(fit.centreX.value).toBeCloseTo(371.3, 4);
    expect(fit.sigmaY.value).toBeCloseTo(0.9, 4);
  });

  it("moves with the map", () => {
    const truth = { amplitude: 1, centreX: 30, centreY: 25, sigmaX: 5, sigmaY: 4 };
    const noise = Float64Array.from({ length: 61 * 71 }, normal(mulberry32(5)));
    /** The same 41 x 51 picture, noise and all, in a frame of zeros. */
    const at = (shift: number): RealMap =>
      mapOf(61, 71, (x, y) => {
        const [u, v] = [x - shift, y - shift];
        const inPicture = u >= 5 && u < 56 && v >= 5 && v < 46;
        return inPicture ? gaussianAt(truth)(u, v) * (1 + 0.3 * (noise[v * 71 + u] ?? 0)) : 0;
      });
    const [still, moved] = [gaussianOf(fitOf(at(0))), gaussianOf(fitOf(at(7)))];
    const expected = { ...still, centreX: still.centreX + 7, centreY: still.centreY + 7 };
    expect(farthest(moved, expected)).toBeLessThan(1e-12);
  });

  it("does not see the map's scale", () => {
    const map = noisyMap(40, 48, { amplitude: 1, centreX: 20, centreY: 22, sigmaX: 7, sigmaY: 5 }, 6);
    const plain = fitOf(map);
    fc.assert(
      fc.property(fc.double({ min: 1e-30, max: 1e30, noNaN: true }), (scale) => {
        const scaled = fitOf({ shape: map.shape, data: map.data.map((value) => value * scale) });
        expect(farthest(gaussianOf(scaled), gaussianOf(plain))).toBeLessThan(1e-12);
        expect(scaled.sigmaX.standardError / plain.sigmaX.standardError).toBeCloseTo(1, 10);
      }),
      { numRuns: 20 },
    );
  });

  it("swaps x and y when the map is transposed", () => {
    const map = noisyMap(40, 48, { amplitude: 1, centreX: 20, centreY: 22, sigmaX: 7, sigmaY: 5 }, 7);
    const transposed = mapOf(48, 40, (x, y) => map.data[x * 48 + y] ?? 0);
    const [a, b] = [fitOf(map), fitOf(transposed)];
    const swapped = {
      amplitude: b.amplitude.value,
      centreX: b.centreY.value,
      centreY: b.centreX.value,
      sigmaX: b.sigmaY.value,
      sigmaY: b.sigmaX.value,
    };
    expect(farthest(swapped, gaussianOf(a))).toBeLessThan(1e-12);
    expect(b.centreY.standardError / a.centreX.standardError).toBeCloseTo(1, 10);
    expect(b.correlation.amplitude.sigmaY).toBeCloseTo(a.correlation.amplitude.sigmaX, 10);
  });

  it("leaves a residual that is the map less the surface, and survives JSON", () => {
    const map = noisyMap(30, 36, { amplitude: 1, centreX: 17, centreY: 14, sigmaX: 5, sigmaY: 4 }, 8);
    const fit = fitOf(map);
    const surface = gaussianMap(gaussianOf(fit), map.shape).data;
    const left = residual(map, fit).data;
    const sum = map.data.reduce((total, value) => total + value, 0);
    expect(
      Math.max(...left.map((value, i) => Math.abs(value + (surface[i] ?? 0) - (map.data[i] ?? 0) / sum))),
    ).toBeLessThan(1e-16);
    expect(left.reduce((total, value) => total + value * value, 0) / fit.sumOfSquares).toBeCloseTo(1, 12);
    expect(JSON.parse(JSON.stringify(fit))).toEqual(fit);
  });

  it("gives intervals of Student's t over the pixels", () => {
    const fit = fitOf(noisyMap(30, 36, { amplitude: 1, centreX: 17, centreY: 14, sigmaX: 5, sigmaY: 4 }, 9));
    const [low, high] = fit.sigmaX.interval95;
    expect((high - low) / 2 / fit.sigmaX.standardError).toBeCloseTo(1.96219, 4); // t(0.975; 1075)
    expect(fit.intervalSource).toBe("pixels");
  });
});
