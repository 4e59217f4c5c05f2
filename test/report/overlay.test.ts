import { describe, expect, it } from "vitest";
import { realMap } from "../../src/core/tensor.ts";
import { colorMaps, paint, rangeOf, symmetricRangeOf, type ColorMapName } from "../../src/report/color.ts";
import { overlay, overlayStyle } from "../../src/report/overlay.ts";

// The first and last entries of Matplotlib's tables (van der Walt and Smith 2015), in bytes.
const ends = {
  viridis: [68, 1, 84, 253, 231, 37],
  magma: [0, 0, 4, 252, 253, 191],
  inferno: [0, 0, 4, 252, 255, 164],
} as const;
const map = realMap(1, 3, Float64Array.of(-2, 0, 6));

describe("colors", () => {
  it.each(Object.entries(ends))("%s begins and ends as Matplotlib's", (name, expected) => {
    const rgba = paint(map, name as ColorMapName, [-2, 6]);
    expect([...rgba.subarray(0, 3), ...rgba.subarray(8, 11)]).toEqual(expected);
  });

  it("are clamped outside the range, and NaN is transparent", () => {
    const within = paint(map, "viridis", [-2, 6]);
    const clamped = paint(realMap(1, 3, Float64Array.of(-9, NaN, 9)), "viridis", [-2, 6]);
    expect([...clamped.subarray(0, 4)]).toEqual([...within.subarray(0, 4)]);
    expect([...clamped.subarray(4, 8)]).toEqual([0, 0, 0, 0]);
    expect([...clamped.subarray(8)]).toEqual([...within.subarray(8)]);
  });

  it("the diverging map is light at zero, blue below and red above", () => {
    const [blue, white, red] = [0, 4, 8].map((at) => [
      ...paint(realMap(1, 3, Float64Array.of(-6, 0, 6)), "blue-red", symmetricRangeOf(map)).subarray(
        at,
        at + 3,
      ),
    ]);
    expect(Math.min(...(white ?? []))).toBeGreaterThan(235);
    expect(blue?.[2]).toBeGreaterThan(2 * (blue?.[0] ?? NaN));
    expect(red?.[0]).toBeGreaterThan(2 * (red?.[2] ?? NaN));
  });

  it.each(Object.entries(colorMaps).filter(([, { kind, uniform }]) => uniform && kind === "sequential"))(
    "%s grows lighter at every step",
    (name) => {
      const steps = realMap(
        1,
        64,
        Float64Array.from({ length: 64 }, (_, i) => i),
      );
      const rgba = paint(steps, name as ColorMapName, rangeOf(steps));
      const luminance = Array.from({ length: 64 }, (_, i) => {
        const [r = 0, g = 0, b = 0] = rgba.subarray(4 * i);
        return 0.2126 * (r / 255) ** 2.2 + 0.7152 * (g / 255) ** 2.2 + 0.0722 * (b / 255) ** 2.2;
      });
      for (let i = 1; i < 64; i++) expect(luminance[i]).toBeGreaterThan(luminance[i - 1] ?? NaN);
    },
  );

  it("a range is that of the finite values", () => {
    expect(rangeOf(realMap(1, 4, Float64Array.of(NaN, 2, -Infinity, -1)))).toEqual([-1, 2]);
    expect(rangeOf(realMap(1, 1, Float64Array.of(NaN)))).toEqual([0, 0]);
  });
});

describe("overlay", () => {
  const photograph = { height: 1, width: 3, data: Uint8Array.of(0, 0, 0, 100, 100, 100, 200, 100, 0) };

  it("mixes every pixel with the color of its own value", () => {
    const { data } = overlay(photograph, map, { colorMap: "viridis", alpha: 0.25, range: "own" });
    expect([...data.subarray(0, 3)]).toEqual([17, 0, 21]);
    // A quarter of the way from -2 to 6: Matplotlib's viridis there is (59, 82, 139).
    expect([...data.subarray(3, 6)]).toEqual([75 + 59 / 4, 75 + 82 / 4, 75 + 139 / 4].map(Math.round));
    expect([...data.subarray(6)]).toEqual([
      Math.round(150 + 253 / 4),
      Math.round(75 + 231 / 4),
      Math.round(37 / 4),
    ]);
  });

  it("takes a shared range where one is given", () => {
    const opaque = overlay(photograph, map, { colorMap: "viridis", alpha: 1, range: [6, 20] });
    expect([...opaque.data.subarray(6)]).toEqual([68, 1, 84]);
  });

  it("leaves the photograph as it is, where the map has no value and at alpha 0", () => {
    const before = [...photograph.data];
    expect([...overlay(photograph, map, { ...overlayStyle, alpha: 0 }).data]).toEqual(before);
    expect([...overlay(photograph, realMap(1, 3, new Float64Array(3).fill(NaN))).data]).toEqual(before);
    expect([...photograph.data]).toEqual(before);
  });

  it("refuses a map of another size, and names both", () => {
    expect(() => overlay(photograph, realMap(3, 1, new Float64Array(3)))).toThrow(/3 x 1.*1 x 3/);
  });
});
