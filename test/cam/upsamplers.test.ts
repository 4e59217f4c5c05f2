import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cellPositions, type CellPositionName } from "../../src/cam/axis-weights.ts";
import {
  upsample,
  upsampled,
  upsamplerFor,
  upsamplers,
  upsamplingMatrices,
  type GaussianSpread,
  type UpsamplerName,
  type Upsampling,
} from "../../src/cam/upsamplers.ts";
import { arrays, type RealArray } from "../../src/core/algebra.ts";
import { realMap, sizeOf, type RealMap } from "../../src/core/tensor.ts";
import { expected, mapOf } from "./fixtures.ts";
import { worstShareOfRange } from "./goldens.ts";

const spread: GaussianSpread = {
  sigmaX: 3,
  sigmaY: 5,
  position: "calibrated",
  normalize: false,
  anchor: { x: { cell: 1, center: 9.4, stride: 8 }, y: { cell: 2, center: 17.1, stride: 7.5 } },
};
const positions = Object.keys(cellPositions) as CellPositionName[];
const every: Upsampling[] = [
  ...(Object.keys(upsamplers) as UpsamplerName[]).filter((name) => name !== "gaussian").map((by) => ({ by })),
  ...positions.flatMap((position) =>
    [false, true].map((normalize): Upsampling => ({ ...spread, by: "gaussian", position, normalize })),
  ),
];
const named = every.map((upsampling) => ({
  upsampling,
  name: JSON.stringify(Object.values(upsampling).slice(0, 5)),
}));

const grids = fc
  .tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 5 }))
  .chain(([h, w]) =>
    fc
      .array(fc.double({ min: -10, max: 10, noNaN: true }), { minLength: 2 * h * w, maxLength: 2 * h * w })
      .map((values) =>
        [values.slice(0, h * w), values.slice(h * w)].map((cells) => realMap(h, w, Float64Array.from(cells))),
      ),
  );

describe.each(named)("$name", ({ upsampling }) => {
  it("is linear", () => {
    fc.assert(
      fc.property(grids, fc.double({ min: -3, max: 3, noNaN: true }), ([a = empty, b = empty], factor) => {
        const sum = upsample(
          { ...a, data: a.data.map((value, i) => value + factor * (b.data[i] ?? NaN)) },
          [11, 13],
          upsampling,
        );
        const [up, other] = [upsample(a, [11, 13], upsampling), upsample(b, [11, 13], upsampling)];
        sum.data.forEach((value, i) => {
          expect(value).toBeCloseTo((up.data[i] ?? NaN) + factor * (other.data[i] ?? NaN), 9);
        });
      }),
    );
  });
});

it.each(named.filter(({ upsampling }) => upsampling.by !== "gaussian" || upsampling.normalize))(
  "$name keeps a constant grid constant",
  ({ upsampling }) => {
    const { data } = upsample(realMap(3, 4, new Float64Array(12).fill(2.5)), [31, 17], upsampling);
    data.forEach((value) => {
      expect(value).toBeCloseTo(2.5, 12);
    });
  },
);

const empty: RealMap = realMap(0, 0, new Float64Array());

describe("by hand", () => {
  const grid = realMap(1, 2, Float64Array.of(0, 4));
  const along = (by: Exclude<UpsamplerName, "gaussian">, width: number) => [
    ...upsample(grid, [1, width], { by }).data,
  ];

  it("nearest", () => {
    expect(along("nearest", 4)).toEqual([0, 0, 4, 4]);
  });
  it("bilinear takes half-pixel centers", () => {
    expect(along("bilinear", 4)).toEqual([0, 1, 3, 4]);
    expect(along("bilinear", 1)).toEqual([2]);
  });
  it("bilinear-align-corners puts the outer cells on the outer pixels", () => {
    expect(along("bilinear-align-corners", 5)).toEqual([0, 1, 2, 3, 4]);
    expect(along("bilinear-align-corners", 1)).toEqual([0]);
  });
  it("the first axis is y: a column of cells changes from row to row", () => {
    const column = upsample(realMap(2, 1, Float64Array.of(0, 4)), [4, 2], { by: "bilinear" });
    expect([...column.data]).toEqual([0, 0, 1, 1, 3, 3, 4, 4]);
  });
  it("the positions of 2 cells on 8 pixels", () => {
    const anchor = { cell: 1, center: 5, stride: 4 };
    const at = (name: CellPositionName) => [0, 1].map((i) => cellPositions[name].pixelOf(i, 2, 8, anchor));
    expect({ paper: at("paper"), center: at("center"), calibrated: at("calibrated") }).toEqual({
      paper: [0, 4],
      center: [1.5, 5.5],
      calibrated: [1, 5],
    });
  });
});

it.each(positions)("the Gaussian is the double sum of Eq. 4: cells at their %s position", (position) => {
  fc.assert(
    fc.property(grids, ([grid = empty]) => {
      const [rows, columns] = grid.shape;
      const [height, width] = [19, 23];
      const map = upsample(grid, [height, width], { ...spread, by: "gaussian", position });
      for (let y = 0; y < height; y++)
        for (let x = 0; x < width; x++) {
          let sum = 0;
          for (let j = 0; j < rows; j++)
            for (let i = 0; i < columns; i++) {
              const dx = x - cellPositions[position].pixelOf(i, columns, width, spread.anchor.x);
              const dy = y - cellPositions[position].pixelOf(j, rows, height, spread.anchor.y);
              sum += (grid.data[j * columns + i] ?? NaN) * Math.exp(-(dx ** 2 / 18 + dy ** 2 / 50));
            }
          expect(map.data[y * width + x]).toBeCloseTo(sum, 10);
        }
    }),
    { numRuns: 20 },
  );
});

it("a normalized Gaussian much narrower than the stride takes the nearest cell, not 0 / 0", () => {
  const narrow: Upsampling = {
    ...spread,
    by: "gaussian",
    position: "center",
    normalize: true,
    sigmaX: 0.01,
    sigmaY: 0.01,
  };
  const grid = realMap(1, 2, Float64Array.of(1, 7));
  expect([...upsample(grid, [1, 8], narrow).data]).toEqual([1, 1, 1, 1, 7, 7, 7, 7]);
});

it.each([0, -1, NaN, Infinity])("refuses sigma = %s, and says what to try", (sigmaX) => {
  const refuse = () =>
    upsample(realMap(1, 1, Float64Array.of(1)), [2, 2], { ...spread, by: "gaussian", sigmaX });
  expect(refuse).toThrow(/positive sigma/);
});

it.each(expected.bicubic.maps.map((rows) => ({ want: mapOf(rows) })))(
  "bicubic is PyTorch's: 5 x 4 cells to $want.shape pixels",
  ({ want }) => {
    const found = upsample(mapOf(expected.bicubic.grid), want.shape, { by: "bicubic" });
    found.data.forEach((value, i) => {
      expect(value).toBeCloseTo(want.data[i] ?? NaN, 7);
    });
  },
);

it.each(named)("$name: the matrices applied by a dense double sum give the same map", ({ upsampling }) => {
  const grid = mapOf(expected.bicubic.grid);
  const [y = empty, x = empty] = upsamplingMatrices([5, 4], [9, 7], upsampling);
  expect([y.shape, x.shape]).toEqual([
    [9, 5],
    [7, 4],
  ]);
  const { data } = upsample(grid, [9, 7], upsampling);
  for (let row = 0; row < 9; row++)
    for (let column = 0; column < 7; column++) {
      let sum = 0;
      for (let j = 0; j < 5; j++)
        for (let i = 0; i < 4; i++)
          sum +=
            (y.data[row * 5 + j] ?? NaN) * (x.data[column * 4 + i] ?? NaN) * (grid.data[j * 4 + i] ?? NaN);
      expect(data[row * 7 + column]).toBeCloseTo(sum, 12);
    }
});

it("grids of one and of three axes are upsampled by one matrix an axis", () => {
  const [line, box] = [[3], [2, 2, 3]];
  const data = Float64Array.from({ length: 12 }, (_, i) => Math.sin(i));
  const found = (cells: readonly number[], pixels: readonly number[]) =>
    upsampled<RealArray>(
      arrays,
      { shape: cells, data: data.subarray(0, sizeOf(cells)) },
      upsamplingMatrices(cells, pixels, { by: "bilinear" }),
    );
  const along = found(line, [7]);
  expect(along.shape).toEqual([7]);
  expect([...along.data]).toEqual([
    ...upsample(realMap(1, 3, data.slice(0, 3)), [1, 7], { by: "bilinear" }).data,
  ]);
  // The first axis is not resized: each slice is its own map.
  const cube = found(box, [2, 5, 7]);
  expect(cube.shape).toEqual([2, 5, 7]);
  for (const [k, part] of [data.slice(0, 6), data.slice(6)].entries())
    expect([...cube.data.slice(35 * k, 35 * (k + 1))]).toEqual([
      ...upsample(realMap(2, 3, part), [5, 7], { by: "bilinear" }).data,
    ]);
});

it("an upsampler serves many grids of its size", () => {
  const upsampler = upsamplerFor([1, 2], [1, 4], { by: "bilinear" });
  expect([...upsampler(realMap(1, 2, Float64Array.of(0, 4))).data]).toEqual([0, 1, 3, 4]);
  expect([...upsampler(realMap(1, 2, Float64Array.of(4, 0))).data]).toEqual([4, 3, 1, 0]);
});

it("the normalized kernel is the double sum divided by that of a grid of ones", () => {
  const grid = mapOf(expected.bicubic.grid);
  const ones = { ...grid, data: grid.data.map(() => 1) };
  for (const position of positions) {
    const of = (map: RealMap, normalize: boolean) =>
      upsample(map, [19, 23], { ...spread, by: "gaussian", position, normalize });
    const [sum, kernel] = [of(grid, false), of(ones, false)];
    const quotient = { ...sum, data: sum.data.map((value, i) => value / (kernel.data[i] ?? NaN)) };
    expect(worstShareOfRange(of(grid, true), quotient)).toBeLessThan(1e-10);
  }
});
