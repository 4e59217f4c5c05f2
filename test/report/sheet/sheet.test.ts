import { describe, expect, it } from "vitest";
import { realMap } from "../../../src/core/tensor.ts";
import { rampOf, colorScales } from "../../../src/report/color.ts";
import { pngOf } from "../../../src/report/png.ts";
import { sheetFigure, type Sheet } from "../../../src/report/sheet/sheet.ts";
import { elementsOf, pixelsOf, textsOf } from "../reading.ts";

const plain = (color: readonly [number, number, number], width = 8, height = 8) => ({
  width,
  height,
  data: Uint8Array.from({ length: 3 * width * height }, (_, i) => color[i % 3] ?? 0),
});
const [red, blue] = [plain([255, 0, 0]), plain([0, 0, 255])];

/** A map of two halves: left and right. */
const halves = (left: number, right: number, width = 8, height = 8) =>
  realMap(
    height,
    width,
    Float64Array.from({ length: width * height }, (_, i) => (i % width < width / 2 ? left : right)),
  );
const sheet: Sheet = {
  title: "Class activation maps",
  methods: ["Grad-CAM", "Extended-CAM"],
  rows: [
    { caption: "cat.jpg: cat, 0.93", photograph: red, maps: [halves(0, 1), halves(2, 4)] },
    {
      caption: "<script>alert(1)</script>.jpg: dog, 0.41",
      photograph: blue,
      maps: [halves(-1, 0), halves(0, 8)],
    },
  ],
  scale: "own",
};

describe("a sheet", async () => {
  const { svg } = await sheetFigure(sheet);

  it("has the columns' titles, the rows' captions, and what the colors mean", () => {
    const texts = textsOf(svg);
    for (const text of [
      "photograph",
      ...sheet.methods,
      ...sheet.rows.map(({ caption }) => caption),
      colorScales.own.title,
    ])
      expect(texts).toContain(text);
    expect(elementsOf(svg)).not.toContain("script");
  });

  it("embeds its pictures as JPEG, and a photograph is where it belongs, on white", async () => {
    expect(svg.match(/data:image\/jpeg/g)).toHaveLength(6);
    const { at } = await pixels(svg);
    expect([100, 280].map((y) => nearest(at(80, y)))).toEqual(["red", "blue"]);
    expect(at(2, 2)).toEqual([255, 255, 255]);
  });
});

/** Colors of turbo's ends, half over a color. */
const [cold, hot] = [0, 1].map((end) => [...rampOf("turbo").subarray(4 * 255 * end, 4 * 255 * end + 3)]);
const over = (light: readonly number[], end: readonly number[] = []) =>
  light.map((value, c) => Math.round((value + (end[c] ?? NaN)) / 2));

async function pixels(svg: string) {
  const { rgb, width } = await pixelsOf(pngOf(svg, 1));
  return {
    rgb,
    width,
    at: (x: number, y: number) => [...rgb.subarray(3 * (y * width + x), 3 * (y * width + x) + 3)],
  };
}

const nearest = ([r = 0, g = 0, b = 0]: readonly number[]): string =>
  r > 200 && g < 60 && b < 60 ? "red" : b > 200 && r < 60 && g < 60 ? "blue" : "another";

/** Whether the left and right of every map are painted with these ends of the colors; row by row, column by column. */
async function painted(scale: Sheet["scale"]) {
  const { at } = await pixels((await sheetFigure({ ...sheet, scale })).svg);
  const lights = [
    [255, 0, 0],
    [0, 0, 255],
  ];
  // A row is as high as a picture and its caption, which is higher where it holds a bar.
  const rows = [100, 100 + 150 + (scale === "row" ? 36 : 28)];
  const end = (found: readonly number[], light: readonly number[]) => {
    const away = (color: readonly number[]) =>
      Math.max(...color.map((value, c) => Math.abs(value - (found[c] ?? NaN))));
    return away(over(light, cold)) < 12 ? "least" : away(over(light, hot)) < 12 ? "greatest" : "between";
  };
  return rows.map((y, row) =>
    [236, 392].map((middle) => [-35, 35].map((dx) => end(at(middle + 5 + dx, y), lights[row] ?? []))),
  );
}

describe("the colors of maps run", () => {
  const [least, between, greatest] = ["least", "between", "greatest"];
  it.each([
    [
      "own",
      [
        [least, greatest],
        [least, greatest],
      ],
      [
        [least, greatest],
        [least, greatest],
      ],
    ],
    [
      "row",
      [
        [least, between],
        [between, greatest],
      ],
      [
        [least, between],
        [between, greatest],
      ],
    ],
    [
      "column",
      [
        [between, greatest],
        [between, between],
      ],
      [
        [least, between],
        [least, greatest],
      ],
    ],
    [
      "sheet",
      [
        [between, between],
        [between, between],
      ],
      [
        [least, between],
        [between, greatest],
      ],
    ],
  ] as const)("over a range by %s", async (scale, first, second) => {
    expect(await painted(scale)).toEqual([first, second]);
  });

  it.each([
    ["sheet", [0, 8]],
    ["column", [0, 1, 8]],
  ] as const)("and their values stand at the bar by %s", async (scale, values) => {
    const texts = textsOf((await sheetFigure({ ...sheet, scale })).svg);
    for (const value of values) expect(texts.some((text) => Number(text) === value)).toBe(true);
    expect(texts.join()).toContain(colorScales[scale].title);
  });
});

it("one photograph stands where the first of several does, and covers neither the titles nor its caption", async () => {
  const first = sheet.rows.slice(0, 1);
  const { at } = await pixels((await sheetFigure({ ...sheet, rows: first })).svg);
  const both = await pixels((await sheetFigure(sheet)).svg);
  const band = (read: typeof at, from: number, to: number) =>
    Array.from({ length: to - from }, (_, y) => [20, 60, 85].map((x) => read(x, from + y)));
  expect(band(at, 0, 195)).toEqual(band(both.at, 0, 195));
});

it("keeps the proportions of a photograph that is not square", async () => {
  const { svg } = await sheetFigure({
    ...sheet,
    methods: [],
    rows: [{ caption: "", photograph: plain([255, 0, 0], 16, 8), maps: [] }],
  });
  const { rgb, width } = await pixelsOf(pngOf(svg, 1));
  const reds = (pixel: number) => (rgb[3 * pixel] ?? 0) > 240 && (rgb[3 * pixel + 1] ?? 255) < 30;
  const column = Array.from({ length: rgb.length / 3 / width }, (_, y) => reds(y * width + 85)).filter(
    Boolean,
  );
  expect(column.length).toBeGreaterThanOrEqual(74);
  expect(column.length).toBeLessThanOrEqual(76);
});

it("two columns of one title stay two, and a title goes on after its comma in a line of its own", async () => {
  const methods = ["Grad-CAM", "Grad-CAM", "Smooth Grad-CAM++ of every channel, bilinear-align-corners"];
  const maps = [halves(0, 1), halves(0, 1), halves(0, 1)];
  const texts = textsOf(
    (await sheetFigure({ ...sheet, methods, rows: [{ caption: "", photograph: red, maps }] })).svg,
  );
  expect(texts.filter((text) => text === "Grad-CAM")).toHaveLength(2);
  expect(texts.some((text) => /^Smooth.*….*channel\s*bilinear-align-corners$/.test(text))).toBe(true);
});

it("small values stand at their bar as a power of ten", async () => {
  const row = { caption: "", photograph: red, maps: [halves(0, 4e-5)] };
  const texts = textsOf(
    (await sheetFigure({ ...sheet, methods: ["Grad-CAM"], rows: [row], scale: "sheet" })).svg,
  );
  expect(texts.join()).toContain("(× 10⁻⁵)");
});
