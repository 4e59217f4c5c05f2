import { describe, expect, it } from "vitest";
import { pngOf } from "../../src/report/png.ts";
import { sheetFigure, type Sheet } from "../../src/report/sheet.ts";
import { elementsOf, pixelsOf, textsOf } from "./reading.ts";

const plain = (colour: readonly [number, number, number], width = 8, height = 8) => ({
  width,
  height,
  data: Uint8Array.from({ length: 3 * width * height }, (_, i) => colour[i % 3] ?? 0),
});
const [red, green, blue] = [plain([255, 0, 0]), plain([0, 255, 0]), plain([0, 0, 255])];
const sheet: Sheet = {
  title: "Class activation maps",
  methods: ["Grad-CAM", "Extended-CAM"],
  rows: [
    { caption: "cat.jpg: cat, 0.93", photograph: red, overlays: [green, blue] },
    { caption: "<script>alert(1)</script>.jpg: dog, 0.41", photograph: blue, overlays: [red, green] },
  ],
  scale: {
    colourMap: "turbo",
    range: [0, 1],
    label: "each map from its least (0) to its greatest value (1)",
  },
};

describe("a sheet", async () => {
  const { svg } = await sheetFigure(sheet);

  it("has the columns' titles, the rows' captions, and what the colours mean", () => {
    const texts = textsOf(svg);
    for (const text of [
      "photograph",
      ...sheet.methods,
      ...sheet.rows.map(({ caption }) => caption),
      sheet.scale.label,
    ])
      expect(texts).toContain(text);
    expect(elementsOf(svg)).not.toContain("script");
  });

  it("puts every picture at its row and column, on white", async () => {
    const { rgb, width } = await pixelsOf(pngOf(svg, 1));
    const at = (x: number, y: number) => [...rgb.subarray(3 * (y * width + x), 3 * (y * width + x) + 3)];
    const rows = [100, 280].map((y) => [80, 240, 400].map((x) => at(x, y)));
    const [r, g, b] = [
      [255, 0, 0],
      [0, 255, 0],
      [0, 0, 255],
    ];
    expect(rows).toEqual([
      [r, g, b],
      [b, r, g],
    ]);
    expect(at(2, 2)).toEqual([255, 255, 255]);
  });
});

it("keeps the proportions of a photograph that is not square", async () => {
  const { svg } = await sheetFigure({
    ...sheet,
    methods: [],
    rows: [{ caption: "", photograph: plain([255, 0, 0], 16, 8), overlays: [] }],
  });
  const { rgb, width } = await pixelsOf(pngOf(svg, 1));
  const reds = (pixel: number) => rgb[3 * pixel] === 255 && rgb[3 * pixel + 1] === 0;
  const column = Array.from({ length: rgb.length / 3 / width }, (_, y) => reds(y * width + 85)).filter(
    Boolean,
  );
  expect(column.length).toBeGreaterThanOrEqual(74);
  expect(column.length).toBeLessThanOrEqual(76);
});

it("two columns of one title stay two, and a long title is shortened", async () => {
  const methods = ["Grad-CAM", "Grad-CAM", "Smooth Grad-CAM++, bilinear-align-corners"];
  const row = { caption: "", photograph: red, overlays: [green, blue, green] };
  const texts = textsOf((await sheetFigure({ ...sheet, methods, rows: [row] })).svg);
  expect(texts.filter((text) => text === "Grad-CAM")).toHaveLength(2);
  expect(texts.some((text) => /^Smooth.*….*corners$/.test(text))).toBe(true);
});
