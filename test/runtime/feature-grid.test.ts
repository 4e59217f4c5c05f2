import { describe, expect, it } from "vitest";
import { cellAt, centralCell, featureGrid } from "../../src/runtime/feature-grid.ts";
import type { ImageInput, ImageLayout } from "../../src/runtime/network.ts";
import type { Shape } from "../../src/core/tensor.ts";

const image = (height: number, width = height, layout: ImageLayout = "NCHW"): ImageInput => ({
  name: "image",
  shape: layout === "NCHW" ? [1, 3, height, width] : [1, height, width, 3],
  layout,
  height,
  width,
});

/** Row, column, and flat index of the cell on a token axis, of the central cell. */
function center(shape: Shape, input: ImageInput) {
  const grid = featureGrid(shape, input);
  if (grid === null) return null;
  const [row, column] = centralCell(grid, input);
  return { layout: grid.layout, row, column, cell: cellAt(grid, row, column) };
}

describe("the central cell, as OpenERF 0.6.1 counts it", () => {
  // Tokens: T/2 - ((T + 1) % 2) (g/2 + 1), divisions rounding down, g = √T.
  it.each([
    [196, 0, 90],
    [49, 0, 24],
    [196, 1, 91],
    [196, 2, 92],
    [196, 5, 95],
    [256, 4, 119 + 4],
    [36, 1, 14 + 1],
  ])("of %d tokens behind %d others is token %d", (tokens, prefix, expected) => {
    const g = Math.sqrt(tokens);
    const byFormula = Math.floor(tokens / 2) - ((tokens + 1) % 2) * (Math.floor(g / 2) + 1);
    expect(byFormula + prefix).toBe(expected);
    expect(center([1, tokens + prefix, 48], image(g * 16))).toMatchObject({
      layout: "NTC",
      cell: [0, expected, null],
    });
  });

  it("of a convolutional map is [H/2, W/2], rounded down", () => {
    expect(center([1, 512, 7, 7], image(224))).toMatchObject({ layout: "NCHW", cell: [0, null, 3, 3] });
    expect(center([1, 512, 14, 14], image(224))).toMatchObject({ layout: "NCHW", cell: [0, null, 7, 7] });
    expect(center([1, 32, 7, 4], image(61, 53))).toMatchObject({ layout: "NCHW", cell: [0, null, 3, 2] });
  });

  it("of a channels-last map in a channels-last network too", () => {
    expect(center([1, 8, 8, 48], image(64, 64, "NHWC"))).toMatchObject({
      layout: "NHWC",
      cell: [0, 4, 4, null],
    });
  });

  it("of a channels-last map in a channels-first network (Swin) is the upper left of the middle", () => {
    expect(center([1, 8, 8, 48], image(64))).toMatchObject({ layout: "NHWC", cell: [0, 3, 3, null] });
    expect(center([1, 7, 7, 768], image(224))).toMatchObject({ layout: "NHWC", cell: [0, 3, 3, null] });
    expect(center([1, 56, 56, 96], image(224))).toMatchObject({ layout: "NHWC", cell: [0, 27, 27, null] });
  });
});

describe("a shape read as a grid", () => {
  it.each<[string, Shape, ImageInput, object | null]>([
    ["odd sizes round", [1, 32, 7, 4], image(61, 53), { layout: "NCHW", height: 7, width: 4, channels: 32 }],
    ["a wide image", [1, 64, 15, 20], image(480, 640), { layout: "NCHW", height: 15, width: 20 }],
    ["tokens of a wide image", [1, 301, 64], image(240, 320), { height: 15, width: 20, prefixTokens: 1 }],
    ["channels first where both would do", [1, 14, 14, 14], image(224), { layout: "NCHW", channels: 14 }],
    ["channels last in such a network", [1, 14, 14, 14], image(224, 224, "NHWC"), { layout: "NHWC" }],
    ["a map of one cell", [1, 512, 1, 1], image(224), { layout: "NCHW", height: 1, width: 1 }],
    ["logits", [1, 1000], image(224), null],
    [
      "tokens of an image that no patch divides",
      [1, 14 * 18, 64],
      image(225, 300),
      { height: 14, width: 18, prefixTokens: 0 },
    ],
    ["tokens of a photograph's shape", [1, 30 * 40, 64], image(480, 640), { height: 30, width: 40 }],
    ["tokens and four registers", [1, 200, 64], image(224), { height: 14, width: 14, prefixTokens: 4 }],
    ["a prime number of tokens", [1, 211, 64], image(224), null],
    ["a batch of windows", [64, 49, 96], image(224), null],
    ["heads of attention", [4, 12, 49, 49], image(224), null],
    ["another aspect", [1, 64, 40, 10], image(224), null],
    ["windows of attention", [1, 64, 49, 96], image(224), null],
    [
      "unpadded convolutions of a wide image",
      [1, 64, 388, 616],
      image(572, 800),
      { height: 388, width: 616 },
    ],
    ["more cells than pixels", [1, 8, 448, 448], image(224), null],
  ])("%s", (_, shape, input, expected) => {
    const grid = featureGrid(shape, input);
    if (expected === null) expect(grid).toBeNull();
    else expect(grid).toMatchObject(expected);
  });
});

describe("a cell as indices", () => {
  it("counts tokens row by row, behind the prefix", () => {
    const grid = { layout: "NTC", height: 3, width: 5, channels: 8, prefixTokens: 2 } as const;
    expect([cellAt(grid, 0, 0), cellAt(grid, 0, 4), cellAt(grid, 2, 1)]).toEqual([
      [0, 2, null],
      [0, 6, null],
      [0, 13, null],
    ]);
    expect(cellAt({ ...grid, layout: "NCT" }, 2, 1)).toEqual([0, null, 13]);
  });
});
