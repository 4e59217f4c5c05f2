import { describe, expect, it } from "vitest";
import { outcomeText } from "../../src/cli/fit-text.ts";
import { fitMap } from "../../src/fit/fit.ts";
import { fitBlocks } from "../../src/fit/jackknife.ts";
import type { FitResult } from "../../src/fit/result.ts";
import type { RealMap } from "../../src/core/tensor.ts";
import { gaussianAt, mapOf, mulberry32, normal } from "../fit/maps.ts";

/** A tilted Gaussian in noise, as one photograph of many would give it. */
function photograph(seed: number): RealMap {
  const surface = gaussianAt({ amplitude: 1, centerX: 30, centerY: 25, sigmaX: 7, sigmaY: 5, rho: 0.4 });
  const noise = normal(mulberry32(seed));
  return mapOf(48, 64, (x, y) => surface(x, y) + 2e-4 * noise());
}

const images = {
  views: 8,
  photographs: 4,
  cropsPerPhotograph: 2,
  shuffled: null,
  effectiveNumber: 3.26,
  largestContribution: { name: "cat.jpg", share: 0.312 },
  skippedCount: 0,
  skipped: [],
  sha256: "",
};

const long = (text: string): string[] => text.split("\n").filter((line) => line.length > 100);

describe("a fit as people read it", () => {
  it("has every estimate of its model, the statistics, and what the intervals are worth", () => {
    const map = photograph(1);
    const text = outcomeText(fitMap(map, { model: "rotated-background" }), map);
    expect(text).toMatchInlineSnapshot(`
      "rotated-background: a Gaussian with axes of its own, on a constant background
                    value                      95 % interval  lmfit's error
      sigma_X       6.974  ± 0.081  px         6.893 … 7.054          0.041     (0.59 %)
      sigma_Y       4.996  ± 0.058  px         4.938 … 5.053          0.029     (0.59 %)
      sigma major   7.423  ± 0.086  px         7.338 … 7.509          0.044     (0.59 %)
      sigma minor   4.299  ± 0.050  px         4.249 … 4.348          0.025     (0.59 %)
      theta         0.434  ± 0.014  rad        0.420 … 0.448         0.0070      (1.6 %)
                    24.87  ± 0.78   °          24.09 … 25.65           0.40      (1.6 %)
      rho           0.401  ± 0.013             0.388 … 0.414         0.0067     (1.67 %)
      center x     29.983  ± 0.077  px       29.906 … 30.060          0.039     (0.13 %)
      center y     25.001  ± 0.055  px       24.946 … 25.057          0.028     (0.11 %)
      amplitude     1.000  ± 0.013             0.987 … 1.012         0.0066     (0.66 %)
      background      0.1  ± 8.2    1e-6/px       -8.1 … 8.3            4.2  (3108.29 %)
      fit          3072 pixels, 7 variables, 5 iterations, converged
      R²           0.9467 by 1 - var(residual)/var(map), OpenERF's and the paper's
                   0.9467 by 1 - SSE/SST, lmfit's: an offset of the whole map counts
      criteria     reduced chi-square 3.979e-8,  AIC -52339.1,  BIC -52296.9
      correlation  C(amplitude, sigma_Y) = +0.558; C(amplitude, sigma_X) = +0.558;
                   C(amplitude, background) = -0.511; C(center x, center y) = +0.401;
                   C(sigma_Y, background) = -0.285; C(sigma_X, background) = -0.285;
                   C(sigma_X, rho) = +0.272; C(sigma_Y, rho) = +0.272; C(sigma_X, sigma_Y) = +0.229
      The intervals are lmfit's error times Student's t: too narrow, for the pixels' residuals are
      spatially correlated. \`erfit calibrate\` over 4 photographs or more gives intervals over photographs."
    `);
    expect(long(text)).toEqual([]);
  });

  it("says that intervals are over photographs where they are, and how evenly those weigh", () => {
    const blocks = [1, 2, 3, 4, 5].map(photograph);
    const [map = photograph(1)] = blocks;
    const text = outcomeText(fitBlocks(blocks), map, images);
    expect(text).toContain("The intervals are over photographs (jackknife");
    expect(text).toMatch(/^photographs +as many as 3\.3 of equal weight, of 4; .*cat\.jpg, 31\.2 %$/m);
    expect(text).not.toContain("too narrow");
  });

  it("puts models side by side with what AIC and BIC prefer, and what that is worth", () => {
    const map = photograph(1);
    const text = outcomeText(fitMap(map, { model: "auto" }), map);
    expect(text.slice(text.indexOf("model  "))).toMatchInlineSnapshot(`
      "model                  sigma_X, px    sigma_Y, px      R²    ΔAIC    ΔBIC
      gaussian               6.66 ± 0.10  4.784 ± 0.075  0.8992  1959.6  1953.5  reported
      gaussian-background    6.64 ± 0.11  4.763 ± 0.078  0.8992  1958.5  1958.5
      rotated              6.974 ± 0.077  4.996 ± 0.055  0.9467     0.0     0.0  lowest AIC, lowest BIC
      rotated-background   6.974 ± 0.081  4.996 ± 0.058  0.9467     2.0     8.0
      isotropic            5.652 ± 0.072  5.652 ± 0.072  0.8700  2740.2  2728.1
      AIC and BIC take the pixels for independent, which they are not: they prefer the richer model too
      easily. The paper's model stays the answer; the others show how far it depends on the model."
    `);
    expect(long(text)).toEqual([]);
  });

  it("shows other models even where the paper's has no fit", () => {
    const map = photograph(1);
    const { warnings, comparison } = fitMap(map, { model: "auto" });
    const text = outcomeText({ fit: null, warnings, ...(comparison && { comparison }) }, map);
    expect(text).toMatch(/^No Gaussian is reported\.\nmodel /);
    expect(text).not.toMatch(/reported$/m);
  });

  it("of OpenERF says how it stopped, and what its bounds hold", () => {
    const map = photograph(1);
    const { fit } = fitMap(map, { model: "openerf" });
    if (fit === null) throw new Error("no fit");
    const held: FitResult = {
      fit: { ...fit, openerf: { stop: "gradient", onBound: ["centerX"] } },
      warnings: [],
    };
    expect(outcomeText(held, map)).toMatch(/^OpenERF +stopped by gradient; +on a bound: center x$/m);
    expect(outcomeText(held, map)).toMatch(/^gaussian: the Gaussian with OpenERF's start/);
  });

  it("has each warning with its code, wrapped", () => {
    const map = photograph(1);
    const message = `${"Some of many words. ".repeat(8)}Do this.`;
    const text = outcomeText({ fit: null, warnings: [{ code: "SOME_CODE", message }] }, map);
    expect(text).toMatch(/^No Gaussian is reported\.\nwarning SOME_CODE: Some of many words\./);
    expect(text.split(/\s+/).join(" ")).toContain(message);
    expect(long(text)).toEqual([]);
  });
});
