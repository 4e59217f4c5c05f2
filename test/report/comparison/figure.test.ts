import { describe, expect, it } from "vitest";
import { growthOf } from "../../../src/calibration/comparison/growth.ts";
import { gaussianMap } from "../../../src/fit/surface.ts";
import { groupsOf } from "../../../src/report/comparison/groups.ts";
import { comparisonFigure } from "../../../src/report/comparison/figure.ts";
import { growthFigure } from "../../../src/report/comparison/growth-figure.ts";
import type { PicturedErf } from "../../../src/report/comparison/pictured.ts";
import { pngOf } from "../../../src/report/png.ts";
import { erf } from "../../calibration/comparison/erfs.ts";
import { elementsOf, pixelsOf, pointsOf, spanOf, textsOf } from "../reading.ts";

/** An ERF of that sigma in the middle of 224 x 224 pixels; its layer has a grid of that many cells a side. */
function pictured(label: string, sigma: number, grid = 14, codes: readonly string[] = []): PicturedErf {
  const one = erf({ label, sigma, standardError: 0.1 * sigma, degreesOfFreedom: 19, field: 8 * sigma });
  const center = { value: 112, standardError: 0, interval95: [112, 112] as const };
  const fit = { ...one.fit, centerX: center, centerY: center };
  const layer = {
    ...one.calibration.layer,
    grid: [grid, grid] as const,
    stride: [224 / grid, 224 / grid] as const,
  };
  const warnings = codes.map((code) => ({ code, message: code }));
  const truth = { amplitude: 1, centerX: 112, centerY: 112, sigmaX: sigma, sigmaY: sigma };
  return {
    ...one,
    fit,
    calibration: { ...one.calibration, layer, warnings },
    map: gaussianMap(truth, [224, 224]),
  };
}

const pictureOf = (erfs: readonly PicturedErf[]) =>
  comparisonFigure({ erfs, scale: "linear", sharedColors: false });

const sizeOf = (svg: string): readonly number[] =>
  (/viewBox="0 0 ([\d.]+) ([\d.]+)"/.exec(svg) ?? []).slice(1).map(Number);

/** Pictures of a whole input: a frame has a dark edge and a light line. */
const locators = (svg: string): number =>
  (svg.split('aria-description="what the picture shows"').length - 1) / 2;

/** Widths of the 1-sigma ellipses in units of the figure. */
const ellipses = (svg: string): readonly number[] =>
  Array.from(svg.matchAll(/aria-description="1-sigma ellipse".*?<path[^>]* d="([^"]*)"/g), ([, path = ""]) =>
    spanOf(pointsOf(path).x),
  );

describe("a few ERFs", () => {
  it("of like size are shown at one scale, with axes", async () => {
    const erfs = [pictured("a", 5), pictured("b", 8)];
    const [a = NaN, b = NaN] = erfs.map(({ fit }) => fit.sigmaX.value);
    const ratio = b / a;
    const { svg } = await pictureOf(erfs);
    expect(textsOf(svg)).toContain("x (px)");
    expect(locators(svg)).toBe(2);
    const [small = NaN, large = NaN] = ellipses(svg);
    expect(large / small).toBeCloseTo(ratio, 2);
  });

  it("of different size fill their frames, with a bar for the scale and a picture of the whole", async () => {
    const { svg } = await pictureOf([pictured("a", 3), pictured("b", 12), pictured("c", 60)]);
    expect(textsOf(svg)).toEqual(expect.arrayContaining(["5 px", "20 px", "50 px"]));
    expect(textsOf(svg)).not.toContain("x (px)");
    expect(locators(svg)).toBe(2);
  });

  it("say which warnings put sigma in doubt", async () => {
    const { svg } = await pictureOf([
      pictured("a", 5, 14, ["LOW_R_SQUARED", "FEW_PHOTOGRAPHS"]),
      pictured("b", 8, 14, ["OF_ANOTHER_VERSION"]),
    ]);
    expect(textsOf(svg)).toEqual(expect.arrayContaining(["⚠ LOW_R_SQUARED", "⚠ OF_ANOTHER_VERSION"]));
    expect(textsOf((await pictureOf([pictured("a", 5), pictured("b", 8)])).svg).join()).not.toContain("⚠");
  });
});

describe("many ERFs", () => {
  const layers = Array.from({ length: 38 }, (_, k) =>
    pictured(`layer ${k}`, 1 + k, [112, 56, 28, 14][Math.floor(k / 10)], k === 7 ? ["TWO_PEAKS"] : []),
  );

  it("are small multiples by stage, on one page, with all names, and sigma against depth", async () => {
    expect(groupsOf(layers).map(({ title, erfs }) => [title, erfs.length])).toEqual([
      ["stride 2: 112 × 112 cells", 10],
      ["stride 4: 56 × 56 cells", 10],
      ["stride 8: 28 × 28 cells", 10],
      ["stride 16: 14 × 14 cells", 8],
    ]);
    const { svg } = await pictureOf(layers);
    const texts = textsOf(svg);
    for (const { label } of layers) expect(texts).toContain(label);
    for (const { title } of groupsOf(layers)) expect(texts).toContain(title);
    expect(texts).toContain("layer, in the order of the pictures");
    expect(texts.filter((text) => text === "⚠")).toHaveLength(1);
    expect(elementsOf(svg).filter((name) => name === "image").length).toBeGreaterThanOrEqual(38);
    const [width = NaN, height = NaN] = sizeOf(svg);
    expect(width).toBe(490);
    expect(height / width).toBeLessThan(2);
    expect((await pixelsOf(pngOf(svg, 1))).width).toBe(490);
  });

  it("are grouped by network where there are several", () => {
    const two = layers.slice(0, 8).map((one, k) => ({
      ...one,
      calibration: {
        ...one.calibration,
        model: { ...one.calibration.model, file: `${k % 2}.onnx`, sha256: String(k % 2) },
      },
    }));
    expect(groupsOf(two).map(({ title, erfs }) => [title, erfs.length])).toEqual([
      ["0.onnx", 4],
      ["1.onnx", 4],
    ]);
  });

  it("have their doubts in the growth as well", () => {
    const growth = growthOf(layers);
    if (growth === null) throw new Error("layers of one network grow");
    expect(growth.points.flatMap(({ label, warnings }) => (warnings.length > 0 ? [label] : []))).toEqual([
      "layer 7",
    ]);
    expect(textsOf(growthFigure("growth", growth).svg).join()).toContain("a warning puts σ in doubt");
  });
});
