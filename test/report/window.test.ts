import { describe, expect, it } from "vitest";
import { realMap } from "../../src/core/tensor.ts";
import { cropped, isWhole, windowOf } from "../../src/report/window.ts";

const estimate = (value: number) => ({ value, standardError: 0, interval95: [value, value] }) as const;
const fit = (sigma: number, center = 112) => ({
  sigmaX: estimate(sigma),
  sigmaY: estimate(sigma),
  centerX: estimate(center),
  centerY: estimate(center),
});
const field = (extent: number, center = 111.5) => ({
  width: extent,
  height: extent,
  centerX: center,
  centerY: center,
});
const input = [224, 224] as const;

describe("what a picture shows of a map", () => {
  it.each([
    ["four sigma on either side", fit(3), null, { x: 100, y: 100, width: 25, height: 25 }],
    [
      "four sigma, smaller than the theoretical field",
      fit(3),
      field(99),
      { x: 100, y: 100, width: 25, height: 25 },
    ],
    [
      "the theoretical field, smaller than four sigma",
      fit(5),
      field(16),
      { x: 102, y: 102, width: 20, height: 20 },
    ],
    [
      "the theoretical field, where there is no Gaussian",
      null,
      field(60),
      { x: 79, y: 79, width: 66, height: 66 },
    ],
    ["some pixels at least", fit(0.5), null, { x: 108, y: 108, width: 9, height: 9 }],
    ["no more than there is", fit(3, 2), null, { x: 0, y: 0, width: 25, height: 25 }],
    ["also where the center is outside", fit(3, -40), null, { x: 0, y: 0, width: 25, height: 25 }],
    ["all, where a part would hide little", fit(30), field(196), { x: 0, y: 0, width: 224, height: 224 }],
    ["all, where the field is larger", fit(90), field(483), { x: 0, y: 0, width: 224, height: 224 }],
    ["all, where nothing is known", null, null, { x: 0, y: 0, width: 224, height: 224 }],
  ])("is %s", (_, gaussian, theoretical, window) => {
    expect(windowOf(input, gaussian, theoretical)).toEqual(window);
  });

  it("is as high as the map where that is lower", () => {
    expect(windowOf([20, 224], fit(8), null)).toEqual({ x: 80, y: 0, width: 65, height: 20 });
    expect(isWhole({ x: 0, y: 0, width: 224, height: 20 }, [20, 224])).toBe(true);
  });

  it("has the map's pixels", () => {
    const map = realMap(
      3,
      4,
      Float64Array.from({ length: 12 }, (_, k) => k),
    );
    const part = cropped(map, { x: 1, y: 1, width: 2, height: 2 });
    expect([part.shape, Array.from(part.data)]).toEqual([
      [2, 2],
      [5, 6, 9, 10],
    ]);
  });
});
