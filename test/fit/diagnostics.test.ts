import { describe, expect, it } from "vitest";
import { fitMap } from "../../src/fit/fit.ts";
import type { RealMap } from "../../src/core/tensor.ts";
import { gaussianAt, mapOf, mulberry32, normal } from "./maps.ts";

/** What it means. What to do about it. */
const sentences = /^.+\. [A-Z].+\.$/;

const round = gaussianAt({ amplitude: 1, centerX: 22, centerY: 18, sigmaX: 5, sigmaY: 4 });
const map = (at: (x: number, y: number) => number): RealMap => mapOf(40, 48, at);
const noise = (seed: number): ((x: number, y: number) => number) => normal(mulberry32(seed));

const refused: readonly (readonly [code: string, what: string, map: RealMap])[] = [
  ["NON_FINITE", "one NaN", map((x, y) => (x === 3 && y === 7 ? Number.NaN : round(x, y)))],
  ["NON_FINITE", "one infinity", map((x, y) => (x === 3 && y === 7 ? Infinity : round(x, y)))],
  ["ZERO_MASS", "all zeros", map(() => 0)],
  ["ZERO_MASS", "halves that cancel", map((x) => (x < 24 ? 1 : -1))],
  ["NEGATIVE_MASS", "an upside-down Gaussian", map((x, y) => -round(x, y))],
  ["FLAT", "a constant", map(() => 1)],
  ["NO_PEAK", "a constant with noise", ((n) => map((x, y) => 1 + 0.01 * n(x, y)))(noise(1))],
  ["SINGLE_PIXEL", "one hot pixel", map((x, y) => (x === 30 && y === 12 ? 1 : 0))],
  ["SINGLE_PIXEL", "one hot pixel on a background", map((x, y) => (x === 30 && y === 12 ? 1 : 1e-3))],
  ["RUNS_AWAY", "a ramp", map((x) => 1 + x)],
  ["RUNS_AWAY", "a ridge, the same in every row", map((x) => Math.exp(-((x - 20) ** 2) / 50))],
  ["TOO_FEW_PIXELS", "2 x 2", mapOf(2, 2, (x, y) => 1 + x + 2 * y)],
  ["TOO_FEW_PIXELS", "one row", mapOf(1, 64, (x) => Math.exp(-((x - 30) ** 2) / 50))],
];

describe("a map without an honest fit", () => {
  it.each(refused)("%s: %s", (code, _, degenerate) => {
    const { fit, warnings } = fitMap(degenerate);
    expect(fit).toBeNull();
    expect(warnings.map((warning) => warning.code)).toEqual([code]);
    expect(warnings[0]?.message).toMatch(sentences);
  });

  it("names the first bad pixel", () => {
    const { warnings } = fitMap(map((x, y) => (y >= 7 && x === 3 ? Number.NaN : round(x, y))));
    expect(warnings[0]?.message).toContain("33 of the map's pixels");
    expect(warnings[0]?.message).toContain("row 7, column 3");
  });
});

const warned: readonly (readonly [code: string, what: string, map: RealMap])[] = [
  [
    "UNRESOLVED",
    "sigma 0.4 px",
    map(gaussianAt({ amplitude: 1, centerX: 22, centerY: 18, sigmaX: 0.4, sigmaY: 0.4 })),
  ],
  [
    "SIGMA_BEYOND_HALF_MAP",
    "sigma 30 px",
    map(gaussianAt({ amplitude: 1, centerX: 22, centerY: 18, sigmaX: 30, sigmaY: 25 })),
  ],
  [
    "EXTRAPOLATED",
    "a corner",
    map(gaussianAt({ amplitude: 1, centerX: 2, centerY: 3, sigmaX: 9, sigmaY: 9 })),
  ],
  [
    "CENTER_OUTSIDE",
    "a center outside",
    map(gaussianAt({ amplitude: 1, centerX: -6, centerY: 18, sigmaX: 9, sigmaY: 9 })),
  ],
  ["LOW_R_SQUARED", "noise over a peak", ((n) => map((x, y) => round(x, y) + 0.012 * n(x, y)))(noise(2))],
  ["SMALL_MASS", "a spike on a background", map((x, y) => round(2.5 * x - 33, 2.5 * y - 27) + 2e-4)],
  [
    "SECOND_MINIMUM",
    "two peaks",
    map((x, y) => round(x, y) + 0.9 * round(x - 20, y - 15) + 0.9 * round(x + 12, y - 15)),
  ],
];

describe("a map whose fit has a warning", () => {
  it.each(warned)("%s: %s", (code, _, strange) => {
    const { fit, warnings } = fitMap(strange);
    expect(fit).not.toBeNull();
    expect(warnings.map((warning) => warning.code)).toContain(code);
    for (const { message } of warnings) expect(message).toMatch(sentences);
  });

  it("has none for a plain Gaussian", () => {
    expect(fitMap(map(round)).warnings).toEqual([]);
  });

  it("does not report a second peak that explains little", () => {
    const small = gaussianAt({ amplitude: 0.3, centerX: 42, centerY: 34, sigmaX: 3, sigmaY: 3 });
    const { warnings } = fitMap(map((x, y) => round(x, y) + 0.5 * small(x, y)));
    expect(warnings.map(({ code }) => code)).not.toContain("SECOND_MINIMUM");
  });

  it("TWO_PEAKS: as high as each other, far apart", () => {
    const two = map((x, y) => round(x + 10, y) + round(x - 18, y - 12));
    expect(fitMap(two).warnings.map(({ code }) => code)).toEqual(["SECOND_MINIMUM", "TWO_PEAKS"]);
  });

  it("CENTER_OFF_THEORY: more than half a sigma from where the cell looks", () => {
    const codes = (theoreticalCenter: { x: number; y: number }): string[] =>
      fitMap(map(round), { theoreticalCenter }).warnings.map(({ code }) => code);
    expect(codes({ x: 22, y: 20.5 })).toEqual(["CENTER_OFF_THEORY"]);
    expect(codes({ x: 22, y: 19.5 })).toEqual([]);
  });

  it("BACKGROUND_CHANGES_SIGMA: a constant that the Gaussian widens for", () => {
    const raised = map((x, y) => round(x, y) + 1e-3 * (1 + 0.1 * Math.sin(x * y)));
    const { fit, warnings } = fitMap(raised);
    const told = warnings.find(({ code }) => code === "BACKGROUND_CHANGES_SIGMA");
    expect(told?.message).toMatch(sentences);
    expect(told?.message).toContain("sigma is 5 px, 4 px instead of 7.68 px");
    expect(fit?.sigmaX.value).toBeCloseTo(7.68, 2);
    const on = fitMap(raised, { model: "gaussian-background" });
    expect(on.fit?.sigmaX.value).toBeCloseTo(5, 2);
    expect(on.warnings.map(({ code }) => code)).not.toContain("BACKGROUND_CHANGES_SIGMA");
  });

  it("NO_ANGLE: a round Gaussian in noise", () => {
    const n = noise(12);
    const circle = gaussianAt({ amplitude: 1, centerX: 22, centerY: 18, sigmaX: 5, sigmaY: 5 });
    const codes = fitMap(
      map((x, y) => circle(x, y) + 2e-4 * n(x, y)),
      { model: "rotated" },
    ).warnings.map(({ code }) => code);
    expect(codes).toEqual(["NO_ANGLE"]);
  });

  it("NOT_CONVERGED: too few iterations", () => {
    const { warnings } = fitMap(
      map((x, y) => round(x, y) * (1 + 0.5 * Math.sin(x))),
      { maxIterations: 1 },
    );
    expect(warnings.map(({ code }) => code)).toContain("NOT_CONVERGED");
  });

  it("tells the second minimum's place", () => {
    const two = map(
      (x, y) =>
        round(x, y) +
        0.6 * gaussianAt({ amplitude: 1, centerX: 42, centerY: 34, sigmaX: 3, sigmaY: 3 })(x, y),
    );
    const { fit } = fitMap(two);
    const centers = [fit?.centerX.value, fit?.secondMinimum?.centerX].map((x) => Math.round(x ?? 0)).sort();
    expect(centers).toEqual([22, 42]);
    expect(fit?.secondMinimum?.sumOfSquares).toBeGreaterThan(fit?.sumOfSquares ?? Infinity);
  });
});
