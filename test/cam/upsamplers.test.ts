import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { camMap, minMaxNormalise } from "../../src/cam/cam.ts";
import { cellPositions, type CellPositionName } from "../../src/cam/positions.ts";
import {
  upsample,
  upsamplers,
  type GaussianSpread,
  type UpsamplerName,
  type Upsampling,
} from "../../src/cam/upsamplers.ts";
import { realMap, type RealMap } from "../../src/math/tensor.ts";
import { withoutReference } from "../reference.ts";
import { camCases, goldenMap, paperSpread, worstShareOfRange } from "./goldens.ts";

const spread: GaussianSpread = {
  sigmaX: 3,
  sigmaY: 5,
  position: "calibrated",
  normalise: false,
  anchor: { x: { cell: 1, centre: 9.4, stride: 8 }, y: { cell: 2, centre: 17.1, stride: 7.5 } },
};
const positions = Object.keys(cellPositions) as CellPositionName[];
const every: Upsampling[] = [
  ...(Object.keys(upsamplers) as UpsamplerName[]).filter((name) => name !== "gaussian").map((by) => ({ by })),
  ...positions.flatMap((position) =>
    [false, true].map((normalise): Upsampling => ({ ...spread, by: "gaussian", position, normalise })),
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

it.each(named.filter(({ upsampling }) => upsampling.by !== "gaussian" || upsampling.normalise))(
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
  it("bilinear takes half-pixel centres", () => {
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
    const anchor = { cell: 1, centre: 5, stride: 4 };
    const at = (name: CellPositionName) => [0, 1].map((i) => cellPositions[name].pixelOf(i, 2, 8, anchor));
    expect({ paper: at("paper"), centre: at("centre"), calibrated: at("calibrated") }).toEqual({
      paper: [0, 4],
      centre: [1.5, 5.5],
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

it("a normalised Gaussian much narrower than the stride takes the nearest cell, not 0 / 0", () => {
  const narrow: Upsampling = {
    ...spread,
    by: "gaussian",
    position: "centre",
    normalise: true,
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

describe.skipIf(withoutReference("upsampled maps of PyTorch and NumPy"))("reference maps", () => {
  const cases = withoutReference("") ? [] : camCases();

  it.each(cases)("$model, image $case", (of) => {
    const size = [of.inputShape[2], of.inputShape[3]] as const;
    const gaussian: Upsampling = { by: "gaussian", ...paperSpread(...size) };
    const extended = goldenMap(of, "extended.grid");
    const gradCam = goldenMap(of, "grad-cam.grid");
    const differences = {
      "extended.gaussian": worstShareOfRange(
        camMap("extended", extended, gaussian, size),
        goldenMap(of, "extended.gaussian"),
      ),
      "extended.bilinear": worstShareOfRange(
        camMap("extended", extended, { by: "bilinear" }, size),
        goldenMap(of, "extended.bilinear"),
      ),
      "grad-cam.gaussian": worstShareOfRange(
        camMap("grad-cam", gradCam, gaussian, size),
        goldenMap(of, "grad-cam.gaussian"),
      ),
      "grad-cam.pgc": worstShareOfRange(
        minMaxNormalise(camMap("grad-cam", gradCam, { by: "bilinear" }, size)),
        goldenMap(of, "grad-cam.pgc"),
      ),
    };
    for (const [name, difference] of Object.entries(differences)) expect(difference, name).toBeLessThan(1e-6);
  });
});
