import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cropRegion, viewsOf } from "../../src/input/crops.ts";

describe("viewsOf", () => {
  it("numbers the further crops of photographs; a tensor is itself alone", () => {
    const cat = { name: "cat.jpg", path: "p/cat.jpg", kind: "photograph" } as const;
    const ready = { name: "ready.npy", path: "p/ready.npy", kind: "tensor" } as const;
    const views = viewsOf([cat, ready], 3);
    expect(views.map(({ name, crop }) => [name, crop])).toEqual([
      ["cat.jpg", 0],
      ["cat.jpg#1", 1],
      ["cat.jpg#2", 2],
      ["ready.npy", 0],
    ]);
    expect(views[2]?.source).toBe(cat);
  });
});

describe("cropRegion", () => {
  const side = fc.integer({ min: 1, max: 5000 });
  it("lies within any photograph", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1000 }), side, side, side, side, (crop, h, w, inputH, inputW) => {
        const { top, left, height, width } = cropRegion(crop, [h, w], [inputH, inputW]);
        expect(Math.min(top, left)).toBeGreaterThanOrEqual(0);
        expect(Math.min(height, width)).toBeGreaterThanOrEqual(1);
        expect(top + height).toBeLessThanOrEqual(h);
        expect(left + width).toBeLessThanOrEqual(w);
      }),
      { numRuns: 1000 },
    );
  });

  it("has the input's aspect, and a quarter to all of the largest region's area", () => {
    const shares = Array.from({ length: 200 }, (_, i) => {
      const { height, width } = cropRegion(i + 1, [3000, 4000], [224, 224]);
      expect(height).toBe(width);
      return (height * width) / 3000 ** 2;
    });
    expect(Math.min(...shares)).toBeGreaterThan(0.249);
    expect(Math.min(...shares)).toBeLessThan(0.27);
    expect(Math.max(...shares)).toBeGreaterThan(0.98);
  });

  it("spreads: eight regions have their centers on all sides of the middle, at small and large scales", () => {
    const regions = Array.from({ length: 8 }, (_, i) => cropRegion(i + 1, [1000, 1000], [224, 224]));
    const quadrants = new Set(
      regions.map(({ top, left, height, width }) => [top + height / 2 > 500, left + width / 2 > 500].join()),
    );
    expect(quadrants.size).toBe(4);
    expect(regions.filter(({ height }) => height < 800).length).toBeGreaterThanOrEqual(3);
    expect(regions.filter(({ height }) => height > 800).length).toBeGreaterThanOrEqual(3);
  });

  it("stays what it was: results on record depend on it", () => {
    expect([1, 2, 3].map((crop) => cropRegion(crop, [480, 640], [224, 224]))).toMatchInlineSnapshot(`
      [
        {
          "height": 336,
          "left": 15,
          "top": 25,
          "width": 336,
        },
        {
          "height": 285,
          "left": 213,
          "top": 164,
          "width": 285,
        },
        {
          "height": 472,
          "left": 25,
          "top": 4,
          "width": 472,
        },
      ]
    `);
  });
});
