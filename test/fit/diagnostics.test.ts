import { describe, expect, it } from "vitest";
import { fitMap } from "../../src/fit/fit.ts";
import type { RealMap } from "../../src/core/tensor.ts";
import { normalized } from "../../src/fit/grid.ts";
import { momentsOf } from "../../src/fit/moments.ts";
import { gaussianAt, mapOf, mulberry32, normal, referenceFits, referenceMap } from "./maps.ts";

/** What it means. What to do about it. */
const sentences = /^.+\. [A-Z].+\.$/;

const round = gaussianAt({ amplitude: 1, centerX: 22, centerY: 18, sigmaX: 5, sigmaY: 4 });
const wide = gaussianAt({ amplitude: 1, centerX: 22, centerY: 18, sigmaX: 16, sigmaY: 15 });
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
  [
    "SPIKE_ON_PEDESTAL",
    "a spike on a wide bell",
    map((x, y) => round(6 * x - 110, 6 * y - 90) * 22 + wide(x, y)),
  ],
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

  it("SPIKE_ON_PEDESTAL: with the numbers that tell, and no call for photographs that would not help", () => {
    // As ViT-S/16's: sigma 5.9 and 61 % of the mass, the whole map 45 px wide.
    const vit = mapOf(224, 224, (x, y) => {
      const spike = gaussianAt({ amplitude: 0.61, centerX: 119, centerY: 119, sigmaX: 5.9, sigmaY: 5.9 });
      const pedestal = gaussianAt({ amplitude: 0.82, centerX: 112, centerY: 112, sigmaX: 110, sigmaY: 110 });
      return spike(x, y) + pedestal(x, y);
    });
    const { fit, warnings } = fitMap(vit);
    expect(warnings.map(({ code }) => code)).toEqual(["SPIKE_ON_PEDESTAL"]);
    expect(fit?.sigmaX.value).toBeCloseTo(5.9, 1);
    const { sigmaX } = momentsOf(normalized(vit));
    expect(warnings[0]?.message).toContain(
      `standard deviation is ${Number(sigmaX.toPrecision(3))} px, ${Number(sigmaX.toPrecision(3))} px`,
    );
    expect(warnings[0]?.message).toMatch(
      /sigma 5\.9\d? px, 5\.9\d? px, \d+ % of .*More photographs do not change that/,
    );
    const n = noise(5);
    const speckled = fitMap({ ...vit, data: vit.data.map((value) => value * Math.exp(1.3 * n(0, 0))) });
    const low = speckled.warnings.find(({ code }) => code === "LOW_R_SQUARED");
    expect(speckled.warnings.map(({ code }) => code)).toContain("SPIKE_ON_PEDESTAL");
    expect(low?.message).not.toContain("Use more photographs");
  });

  it("SPIKE_ON_PEDESTAL: not of a Gaussian in noise, of heavy tails, a second peak, or a background that the model has", () => {
    const codes = (of: RealMap, model: "gaussian" | "gaussian-background" = "gaussian") =>
      fitMap(of, { model }).warnings.map(({ code }) => code);
    const n = noise(4);
    const others = [
      map((x, y) => round(x, y) + 0.004 * n(x, y)),
      mapOf(128, 128, (x, y) => (1 + ((x - 63) / 9) ** 2 + ((y - 60) / 7) ** 2) ** -2),
      mapOf(128, 128, (x, y) => Math.exp(-Math.hypot((x - 63) / 9, (y - 60) / 7))),
      mapOf(128, 128, (x, y) => round(x - 10, y - 10) + 0.4 * round(x - 80, y - 90)),
    ];
    for (const other of others) expect(codes(other)).not.toContain("SPIKE_ON_PEDESTAL");
    const raised = mapOf(128, 128, (x, y) => round(x - 40, y - 40) + 1e-4);
    expect(codes(raised)).toContain("SPIKE_ON_PEDESTAL");
    expect(codes(raised, "gaussian-background")).not.toContain("SPIKE_ON_PEDESTAL");
  });

  it("SPIKE_ON_PEDESTAL: of the measured maps those of attention, and no other", () => {
    const spikes = Object.keys(referenceFits).filter((name) => {
      if (name === "s16_large1024") return false;
      return fitMap(referenceMap(name)).warnings.some(({ code }) => code === "SPIKE_ON_PEDESTAL");
    });
    expect(spikes.filter((name) => !/^real_.*(vit|deit|cait|beit|xcit|swinv2)/.test(name))).toEqual([]);
    if ("real_deit_tiny_patch16_224.fb_in1k" in referenceFits) expect(spikes.length).toBeGreaterThan(6);
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
