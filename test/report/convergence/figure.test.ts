import { describe, expect, it } from "vitest";
import { convergenceFigure } from "../../../src/report/convergence/figure.ts";
import type { ConvergenceStep } from "../../../src/report/convergence/series.ts";
import { pngOf } from "../../../src/report/png.ts";
import { difference, elementsOf, pixelsOf, pointsOf, textsOf } from "../reading.ts";

/** Half-widths that fall exactly as 1/√photographs: 8 % and 16 % of sigma after one, 1 % and 2 % after 64. */
const history: readonly ConvergenceStep[] = [4, 8, 16, 32, 64].map((photographs, i) => ({
  photographs,
  sigmaX: 30,
  sigmaY: 20 + 0.1 * i,
  halfWidthX: (0.08 * 30) / Math.sqrt(photographs),
  halfWidthY: (0.16 * (20 + 0.1 * i)) / Math.sqrt(photographs),
}));
const title = "vgg16.onnx, block5_conv3";

/** The lines and dots of one color, in the figure's order: first the sigmas' panel, then the half-widths'. */
const linesOf = (svg: string, color: string) =>
  Array.from(
    svg.matchAll(new RegExp(`stroke-width="1.4" stroke="${color}"[^>]*><path d="([^"]*)"`, "g")),
    ([, path = ""]) => pointsOf(path),
  );
const dotsOf = (svg: string, color: string) =>
  Array.from(svg.matchAll(new RegExp(`<g fill="${color}"[^>]*><circle[^>]* cy="([\\d.]+)"`, "g")), ([, y]) =>
    Number(y),
  );
const [blue, vermilion] = ["#0072b2", "#d55e00"];

describe("the convergence of sigma", () => {
  const { svg } = convergenceFigure({ title, history, target: 0.01 });

  it("says where it stands and how many photographs the target takes: four times as many for half the width", () => {
    expect(textsOf(svg).slice(0, 4)).toEqual([
      title,
      "σX\u00a0= 30.00 ± 0.30 px (1 %), \u00a0σY\u00a0= 20.40 ± 0.41 px (2 %)",
      "64 photographs;  ± and bands: the 95 % interval over photographs",
      "The target of 1 % takes about 260 photographs, going on as 1/√photographs.",
    ]);
    expect(textsOf(svg)).toContain("target 1 %");
  });

  it("says so when the target is reached, and nothing of a target where there is none", () => {
    const reached = textsOf(convergenceFigure({ title, history, target: 0.02 }).svg);
    expect(reached).toContain("The target of 2 % is reached.");
    expect(textsOf(convergenceFigure({ title, history, target: null }).svg).join()).not.toContain("target");
  });

  it("draws half-widths that fall as 1/√photographs along a straight line, with half-decades for decades", () => {
    for (const color of [blue, vermilion]) {
      const { x = [], y = [] } = linesOf(svg, color)[1] ?? {};
      const steps = x
        .slice(1)
        .map((at, i) => [at - (x[i] ?? NaN), (y[i + 1] ?? NaN) - (y[i] ?? NaN)] as const);
      expect(steps).toHaveLength(4);
      for (const [across, down] of steps) {
        expect(across).toBeCloseTo(steps[0]?.[0] ?? NaN, 2);
        expect(down).toBeCloseTo(steps[0]?.[1] ?? NaN, 2);
      }
    }
    const guide = /stroke-dasharray="2 3"[^>]*stroke="#8f959e"[^>]*><path d="([^"]*)"/.exec(svg)?.[1] ?? "";
    const upper = linesOf(svg, vermilion)[1];
    expect(pointsOf(guide).y[0]).toBeCloseTo(upper?.y[0] ?? NaN, 2);
    expect(pointsOf(guide).y[1]).toBeCloseTo(upper?.y.at(-1) ?? NaN, 2);
  });

  it("draws the target where the half-width of 1 % is", () => {
    const target = /aria-description="target"[^>]*><line[^>]* y1="([\d.]+)"/.exec(svg)?.[1];
    expect(Number(target)).toBeCloseTo(dotsOf(svg, blue)[1] ?? NaN, 6);
    expect(dotsOf(svg, vermilion)[1]).toBeLessThan(Number(target));
  });

  it("draws each sigma in the middle of its band, and its last interval beside it", () => {
    for (const color of [blue, vermilion]) {
      const band =
        new RegExp(`fill-opacity="0.18" fill="${color}"[^>]*><path d="([^"]*)"`).exec(svg)?.[1] ?? "";
      const { y } = pointsOf(band);
      const curve = linesOf(svg, color)[0]?.y ?? [];
      expect(y).toHaveLength(2 * curve.length);
      curve.forEach((middle, i) => {
        expect(((y[i] ?? NaN) + (y[y.length - 1 - i] ?? NaN)) / 2).toBeCloseTo(middle, 2);
      });
    }
    expect(Array.from(svg.matchAll(/aria-label="rule"/g))).toHaveLength(3);
  });

  it("becomes a PNG with its text drawn, the same each time", async () => {
    const png = pngOf(svg, 1);
    const drawn = await pixelsOf(png);
    const wordless = await pixelsOf(pngOf(svg.replace(/>[^<>]+</g, "><"), 1));
    expect(drawn.width).toBe(490);
    expect(difference(drawn.rgb, wordless.rgb)).toBeGreaterThan(5000);
    expect(difference(png, pngOf(convergenceFigure({ title, history, target: 0.01 }).svg, 1))).toBe(0);
  });
});

describe("few photographs", () => {
  const step = { photographs: 3, sigmaX: 30, sigmaY: 31, halfWidthX: NaN, halfWidthY: Infinity };

  it("without an interval: the sigmas alone, and a word", () => {
    const { svg } = convergenceFigure({ title, history: [step], target: 0.01 });
    expect(textsOf(svg)).toContain("too few photographs for an interval");
    expect(textsOf(svg)).toContain("The target of 1 % is not reached.");
    expect([...dotsOf(svg, blue), ...dotsOf(svg, vermilion)].map((y) => y > 0 && y < 150)).toEqual([
      true,
      true,
    ]);
    expect(svg).not.toMatch(/NaN|Infinity/);
  });

  it("early steps without an interval or a fit do not hide the later ones", () => {
    const early = [step, { ...step, photographs: 2, sigmaX: NaN }];
    const { svg } = convergenceFigure({ title, history: [...early, ...history], target: null });
    expect(svg).not.toMatch(/NaN|Infinity/);
    expect(linesOf(svg, blue)[0]?.x).toHaveLength(6);
    expect(linesOf(svg, blue)[1]?.x).toHaveLength(5);
    expect(linesOf(svg, vermilion)[0]?.x).toHaveLength(6);
  });

  it("an interval of no width has no place on a logarithmic axis", () => {
    const exact = history.map((known) => ({ ...known, halfWidthX: 0 }));
    const { svg } = convergenceFigure({ title, history: exact, target: null });
    expect(linesOf(svg, blue)).toHaveLength(1);
    expect(linesOf(svg, vermilion)[1]?.x).toHaveLength(5);
  });

  it("one step, and none, are drawn all the same", async () => {
    const one = convergenceFigure({ title, history: history.slice(-1), target: null });
    expect(one.svg).not.toMatch(/NaN|Infinity/);
    expect((await pixelsOf(pngOf(one.svg, 1))).width).toBe(490);
    expect(textsOf(convergenceFigure({ title, history: [], target: 0.01 }).svg)).toEqual([
      title,
      "No sigma was estimated.",
    ]);
  });
});

it("escapes a title", () => {
  const { svg } = convergenceFigure({ title: `<script>alert("&\u0001")</script>`, history, target: null });
  expect(elementsOf(svg)).not.toContain("script");
});
