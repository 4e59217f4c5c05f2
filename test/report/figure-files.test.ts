import { describe, expect, it } from "vitest";
import { convergenceFigure } from "../../src/report/convergence/figure.ts";
import { erfFigure, mapFigure } from "../../src/report/erf/figure.ts";
import { figureFiles } from "../../src/report/figure-files.ts";
import { figureStyle, leastWidth, pointsOf } from "../../src/report/figure-style.ts";
import { pdfOf } from "../../src/report/pdf.ts";
import { pngOf } from "../../src/report/png.ts";
import { fitMap } from "../../src/fit/fit.ts";
import { elementsOf, pixelsOf, textsOf } from "./reading.ts";

/** A round Gaussian in the middle of 64 x 64 pixels. */
const map = {
  shape: [64, 64] as const,
  data: Float64Array.from({ length: 64 * 64 }, (_, pixel) =>
    Math.exp(-((Math.floor(pixel / 64) - 31) ** 2 + ((pixel % 64) - 33) ** 2) / 200),
  ),
};
const fitted = fitMap(map, { model: "gaussian", theoreticalCenter: null });
const erf = mapFigure(map, fitted, "linear");

const sizeIn = (svg: string, name: string) => new RegExp(`^<svg[^>]*? ${name}="([^"]*)"`).exec(svg)?.[1];

describe("a length", () => {
  it.each([
    ["3.35in", 241.2],
    ["85 mm", (85 * 72) / 25.4],
    ["8.5cm", (85 * 72) / 25.4],
    [".5in", 36],
    ["7pt", 7],
  ])("%s", (text, points) => {
    expect(pointsOf(text)).toBeCloseTo(points, 9);
  });

  it.each(["3.35", "in", "-1in", "0in", "3 furlongs", "", "1e400in", "3.35inch", "toString"])(
    "%j is none",
    (text) => {
      expect(pointsOf(text)).toBeUndefined();
    },
  );
});

describe("a figure of 3.35 in with letters of 7 pt", () => {
  const style = figureStyle({ width: "3.35in", fontSize: "7pt" });

  it("is so wide as an SVG, whose letters are as high", async () => {
    const { svg } = await erfFigure(erf, style);
    expect(sizeIn(svg, "width")).toBe("3.35in");
    const units = Number(sizeIn(svg, "viewBox")?.split(" ")[2]);
    expect((11 / units) * 3.35 * 72).toBeCloseTo(7, 9);
  });

  it("has 300 dots an inch as a PNG", async () => {
    const { width } = await pixelsOf(pngOf((await erfFigure(erf, style)).svg));
    expect(width).toBe(Math.round(3.35 * 300));
  });

  it("is a page of that size as a PDF, of vectors, with its fonts in the file", async () => {
    const text = Buffer.from(await pdfOf((await erfFigure(erf, style)).svg)).toString("latin1");
    const [, wide = "", high = ""] = /MediaBox \[0 0 ([\d.]+) ([\d.]+)\]/.exec(text) ?? [];
    expect(Number(wide)).toBeCloseTo(3.35 * 72, 3);
    expect(Number(high)).toBeGreaterThan(200);
    expect(text).toMatch(/\/FontName \/[A-Z]{6}\+DejaVuSans\n/);
    expect(text).toMatch(/\/FontName \/[A-Z]{6}\+DejaVuSans-Bold\n/);
    expect(text.match(/\/FontFile2 /g)).toHaveLength(2);
    expect(text).not.toMatch(/\/Subtype \/Image[^>]*\/SMask/); // no picture is transparent: see determinism below
    // The maps and their bars are pictures; all else is not.
    expect(text.match(/\/Subtype \/Image/g)?.length ?? 0).toBeLessThanOrEqual(8);
  });

  it("is the same bytes again, in every format", async () => {
    const output = { style, formats: ["pdf", "svg", "png"] as const };
    const [once, again] = [await erfFigure(erf, style), await erfFigure(erf, style)];
    const files = await figureFiles("erf", once.svg, output);
    expect(Object.keys(files)).toEqual(["erf.pdf", "erf.svg", "erf.png"]);
    expect(await figureFiles("erf", again.svg, output)).toEqual(files);
  });
});

it("writes each format once", async () => {
  const { svg } = await erfFigure(erf);
  const output = { style: figureStyle({}), formats: ["svg", "svg"] as const };
  expect(await figureFiles("erf", svg, output)).toEqual({ "erf.svg": svg });
});

it("draws no title where none is wanted, and moves up by its line", async () => {
  const history = [1, 2].map((photographs) => ({
    photographs,
    sigmaX: 10,
    sigmaY: 10,
    halfWidthX: 1,
    halfWidthY: 1,
  }));
  const titleless = figureStyle({ title: false });
  const of = { title: "net.onnx, last", history, target: null };
  for (const [titled, bare] of [
    [await erfFigure({ ...erf, title: of.title }), await erfFigure({ ...erf, title: of.title }, titleless)],
    [convergenceFigure(of), convergenceFigure(of, titleless)],
  ] as const) {
    expect(textsOf(titled.svg)).toContain(of.title);
    expect(textsOf(bare.svg)).not.toContain(of.title);
    expect(bare.svg).toContain(`<title>${of.title}</title>`);
    expect(Number(sizeIn(titled.svg, "height")) - Number(sizeIn(bare.svg, "height"))).toBe(18);
  }
});

it("draws the map alone: one frame, no profiles, no words on the fit", async () => {
  const style = figureStyle({ width: "1.6in", mapOnly: true, title: false }, leastWidth.map);
  const { svg } = await erfFigure(erf, style);
  expect(sizeIn(svg, "width")).toBe("1.6in");
  const texts = textsOf(svg).join("\n");
  expect(texts).toContain("x (px)");
  expect(texts).not.toMatch(/per column|R²|measured/);
  expect(elementsOf(svg).filter((name) => name === "image")).toHaveLength(2); // the map and its bar
});

it.each(["magma", "greys", "plasma"] as const)("draws the map in the colors of %s", async (colorMap) => {
  const [plain, other] = [await erfFigure(erf), await erfFigure(erf, figureStyle({ colorMap }))];
  const images = ({ svg }: { readonly svg: string }) => svg.match(/data:image[^"]*/g) ?? [];
  const changed = images(plain).map((image, k) => image !== images(other)[k]);
  expect(changed).toEqual([true, true, false, false]); // the residual's stay blue and red
});

it.each([
  [{ width: "1in" }, /width: 1 in are too narrow for letters of 7 pt/, /at least 2\.80 in/],
  [{ fontSize: "20pt" }, /width: 5\.1 in are too narrow for letters of 20 pt/, /fontSize/],
  [{ width: "900in" }, /too wide/, /at most/],
  [{ width: "3.35" }, /width: expected a length such as 3\.35in/, /^$/],
] as const)("refuses %o", (choices, message, remedy) => {
  expect(() => figureStyle(choices)).toThrow(message);
  try {
    figureStyle(choices);
  } catch (thrown) {
    expect(String(Reflect.get(Object(thrown), "remedy") ?? "")).toMatch(remedy);
  }
});

it("does what its own error says: the least width has room", async () => {
  const { svg } = await erfFigure(erf, figureStyle({ width: "2.80in" }));
  const png = await pixelsOf(pngOf(svg));
  expect(png.width).toBe(840);
});
