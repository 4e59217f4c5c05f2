import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { gaussianMap } from "../../../src/fit/surface.ts";
import { readMap } from "../../../src/core/npy.ts";
import { realMap } from "../../../src/core/tensor.ts";
import { erfFigure } from "../../../src/report/erf/figure.ts";
import type { ErfFigure } from "../../../src/report/erf/text.ts";
import { pngOf } from "../../../src/report/png.ts";
import { referencePath, withoutReference } from "../../reference.ts";
import { difference, elementsOf, pixelsOf, pointsOf, spanOf, textsOf } from "../reading.ts";

const estimate = (value: number, half: number) =>
  ({ value, standardError: half / 2, interval95: [value - half, value + half] }) as const;
const truth = { amplitude: 1, centerX: 70, centerY: 40, sigmaX: 20, sigmaY: 10 };
const fit: NonNullable<ErfFigure["fit"]> = {
  amplitude: estimate(1, 0.01),
  centerX: estimate(70, 0.5),
  centerY: estimate(40, 0.5),
  sigmaX: estimate(20, 0.52),
  sigmaY: estimate(10, 0.13),
  rSquared: 0.98765,
  intervalSource: "photographs",
};
const calibration: ErfFigure = {
  title: "vgg16.onnx, block5_conv3",
  photographs: 7,
  views: 56,
  map: gaussianMap(truth, [86, 129]),
  fit,
  field: { height: 60, width: 61, centerY: 39.5, centerX: 70 },
  scale: "linear",
  warning: "Few photographs.",
};

/** Greatest share per pixel, in units of the color bar's label. */
const peak =
  1e4 * (Math.max(...calibration.map.data) / calibration.map.data.reduce((sum, value) => sum + value));

/** Where the first tick of that value stands, from the frame's left. */
function tickAt(svg: string, value: string): number {
  const ticks = Array.from(svg.matchAll(/<text[^>]*transform="translate\(([\d.]+),[^>]*>([^<]*)</g));
  return Number(ticks.find(([, , text = ""]) => text === value)?.[1] ?? NaN);
}

describe("a calibration", async () => {
  const { svg } = await erfFigure(calibration);
  const texts = textsOf(svg);
  // Of the map's 129 x 86 pixels the theoretical field takes 61 x 60: the picture shows 69 x 69, from column 36 and row 5 on.
  const [pixel, first] = [172 / 69, { x: 36, y: 5 }];

  it("says layer, sigmas with their intervals, R², photographs and the warning", () => {
    expect(texts.slice(0, 3)).toEqual([
      "vgg16.onnx, block5_conv3",
      "σX\u00a0= 20.00 ± 0.52 px, \u00a0σY\u00a0= 10.00 ± 0.13 px,  R² = 0.988",
      "7 photographs, 56 views;  ± is the 95 % interval over photographs",
    ]);
    expect(texts.at(-1)).toBe("Few photographs.");
  });

  it("has the panels: ERF, two marginals, residual, and a color bar with each of the two maps", () => {
    for (const label of ["x (px)", "y (px)", "share per column (%)", "share per row (%)"])
      expect(texts).toContain(label);
    expect(texts.filter((text) => text.startsWith("share per pixel"))).toHaveLength(1);
    expect(texts.filter((text) => text.startsWith("measured − fitted"))).toHaveLength(1);
    expect(elementsOf(svg).filter((name) => name === "image")).toHaveLength(5);
  });

  it("draws the ellipses at 1 and 2 sigma around the fitted center, in pixels of the map", () => {
    for (const sigmas of [1, 2]) {
      const [, path = ""] =
        new RegExp(`aria-description="${sigmas}-sigma ellipse".*?<path[^>]* d="([^"]*)"`).exec(svg) ?? [];
      const { x, y } = pointsOf(path);
      expect(spanOf(x) / pixel / 2).toBeCloseTo(sigmas * 20, 1);
      expect(spanOf(y) / pixel / 2).toBeCloseTo(sigmas * 10, 1);
      // The frame begins half a pixel before the center of its first pixel; its panel has a left margin of 56.
      expect((Math.min(...x) + Math.max(...x)) / 2).toBeCloseTo(56 + (70 - first.x + 0.5) * pixel, 1);
      expect((Math.min(...y) + Math.max(...y)) / 2).toBeCloseTo((40 - first.y + 0.5) * pixel, 1);
    }
  });

  it("frames the theoretical receptive field, in pixels of the map, or says that it is the whole image", async () => {
    const [, place = ""] = /aria-description="theoretical receptive field".*?<rect([^>]*)>/.exec(svg) ?? [];
    const [x = NaN, width = NaN, y = NaN, height = NaN] = ["x", "width", "y", "height"].map((name) =>
      Number(new RegExp(` ${name}="([-\\d.]+)"`).exec(place)?.[1]),
    );
    expect([x - 56, y, width, height].map((length) => length / pixel)).toEqual(
      [40 - first.x, 10 - first.y, 61, 60].map((length) => expect.closeTo(length, 6) as number),
    );
    expect(texts).toContain("dotted: theoretical field, 61 × 60 px");
    const whole = { height: 483, width: 483, centerY: 43, centerX: 64 };
    const large = await erfFigure({ ...calibration, field: whole });
    expect(textsOf(large.svg)).toContain("theoretical field: 483 × 483 px, the whole image");
    expect(elementsOf(large.svg).filter((name) => name === "image")).toHaveLength(4);
    expect(textsOf(large.svg)).not.toContain("whole input,");
  });

  it.each(["linear", "power", "log"] as const)(
    "has ticks of its colors where the values are: %s",
    async (scale) => {
      const { svg: scaled } = await erfFigure({ ...calibration, scale });
      const place = {
        linear: (value: number) => value / peak,
        power: (value: number) => Math.sqrt(value / peak),
        log: (value: number) => 1 + Math.log10(value / peak) / 4,
      }[scale];
      const values =
        scale === "log"
          ? ["0.001", "0.01", "0.1", "1"]
          : scale === "power"
            ? ["0.2", "1", "5"]
            : ["2", "4", "6"];
      for (const value of values) expect(tickAt(scaled, value) / 172).toBeCloseTo(place(Number(value)), 6);
    },
  );

  it("shows where in the whole input that is", () => {
    expect(texts).toContain("whole input,");
    expect(texts).toContain("129 × 86 px");
    const [, place = ""] = /aria-description="what the picture shows".*?<rect([^>]*)>/.exec(svg) ?? [];
    const unit = 38 / 129;
    const numbers = ["x", "y", "width", "height"].map((name) =>
      Number(new RegExp(` ${name}="([-\\d.]+)"`).exec(place)?.[1]),
    );
    expect(numbers).toEqual([36, 5, 69, 69].map((length) => expect.closeTo(length * unit, 6) as number));
  });

  it("draws them tilted where the Gaussian is", async () => {
    const tilted = await erfFigure({
      ...calibration,
      map: gaussianMap({ ...truth, rho: 0.6 }, [86, 129]),
      fit: { ...fit, rho: estimate(0.6, 0.01) },
    });
    const [, path = ""] =
      /aria-description="1-sigma ellipse".*?<path[^>]* d="([^"]*)"/.exec(tilted.svg) ?? [];
    const { x, y } = pointsOf(path);
    const [middleX, middleY] = [(70 - first.x + 0.5) * pixel + 56, (40 - first.y + 0.5) * pixel];
    // Every point is at the Mahalanobis distance 1 from the center.
    x.forEach((column, i) => {
      const [u, v] = [(column - middleX) / (20 * pixel), ((y[i] ?? NaN) - middleY) / (10 * pixel)];
      expect((u * u - 2 * 0.6 * u * v + v * v) / (1 - 0.6 ** 2)).toBeCloseTo(1, 1);
    });
    expect(spanOf(x) / pixel / 2).toBeCloseTo(20, 1);
  });

  it("becomes a PNG of the asked size, with its text drawn", async () => {
    const drawn = await pixelsOf(pngOf(svg, 2));
    const wordless = await pixelsOf(pngOf(svg.replace(/>[^<>]+</g, "><"), 2));
    const [, width, height] = /^<svg[^>]*?viewBox="0 0 ([\d.]+) ([\d.]+)"/.exec(svg) ?? [];
    expect(drawn.width).toBe(Math.ceil(2 * Number(width)));
    expect(Math.abs(drawn.height - 2 * Number(height))).toBeLessThanOrEqual(1);
    expect(difference(drawn.rgb, wordless.rgb)).toBeGreaterThan(5000);
  });
});

it("without a fit there are no ellipses and no residual, and the figure says why", async () => {
  const { svg } = await erfFigure({ ...calibration, fit: null, warning: "The map is flat." });
  expect(svg).not.toContain("ellipse");
  expect(textsOf(svg)).toContain("No Gaussian is reported");
  expect(textsOf(svg)).toContain("The map is flat.");
  expect(textsOf(svg).join()).not.toContain("fitted");
  expect(elementsOf(svg).filter((name) => name === "image")).toHaveLength(3);
});

it.each([
  ["zeros", realMap(8, 8, new Float64Array(64))],
  ["NaN", realMap(8, 8, new Float64Array(64).fill(NaN))],
  ["one pixel", realMap(1, 1, Float64Array.of(1))],
])("a map without a shape is drawn all the same: %s", async (_, map) => {
  const { svg } = await erfFigure({ ...calibration, map, fit: null, warning: null });
  expect(svg).not.toContain("NaN");
  expect((await pixelsOf(pngOf(svg, 1))).width).toBe(490);
});

it("escapes a title, leaves out its middle, and replaces what XML cannot hold", async () => {
  const hostile = await erfFigure({ ...calibration, title: `<script>alert("&\u0001")</script>` });
  expect(elementsOf(hostile.svg)).not.toContain("script");
  expect(textsOf(hostile.svg)[0]).toBe(`<script>alert("&\uFFFD")</script>`);
  const long =
    textsOf((await erfFigure({ ...calibration, title: `model.onnx ${"/layer".repeat(40)}` })).svg)[0] ?? "";
  expect(long).toMatch(/^model.onnx .*….*\/layer$/);
  expect(long.length).toBeLessThan(65);
});

it("the same calibration gives the same picture", async () => {
  const [once, again] = [await erfFigure(calibration), await erfFigure(calibration)];
  expect(difference(pngOf(once.svg, 1), pngOf(again.svg, 1))).toBe(0);
  expect(once.svg).toBe(again.svg);
});

describe.skipIf(withoutReference("a figure of a measured ERF"))("a measured ERF", () => {
  it("of VGG-16 is drawn", async () => {
    const name = "vgg16-sample.table1.erf.npy";
    const map = readMap(readFileSync(referencePath("erfs", name)), name);
    const { svg } = await erfFigure({ ...calibration, map });
    const { rgb, width, height } = await pixelsOf(pngOf(svg, 1));
    expect([width, height]).toEqual([490, expect.any(Number)]);
    expect(new Set(rgb).size).toBeGreaterThan(200);
  });
});
