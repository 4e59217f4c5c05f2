import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { centerRegion, largestWithin, resizedSize } from "../../src/input/crops.ts";

const shorterSide = (to: number, rounding: "down" | "nearest") =>
  ({ rule: "shorterSide", to, rounding }) as const;

describe("resizedSize", () => {
  it.each([
    { photograph: [375, 500], to: 224, nearest: [224, 299], down: [224, 298] },
    { photograph: [500, 375], to: 224, nearest: [299, 224], down: [298, 224] },
    { photograph: [100, 100], to: 256, nearest: [256, 256], down: [256, 256] },
    // Halves go to the even number, as Python's round() has it.
    { photograph: [4, 5], to: 2, nearest: [2, 2], down: [2, 2] },
    { photograph: [4, 7], to: 2, nearest: [2, 4], down: [2, 3] },
  ] as const)("shorter side of $photograph to $to", ({ photograph, to, nearest, down }) => {
    expect(resizedSize(shorterSide(to, "nearest"), photograph)).toEqual(nearest);
    expect(resizedSize(shorterSide(to, "down"), photograph)).toEqual(down);
  });

  it("covers a size that is not square", () => {
    const cover = { rule: "cover", size: [200, 100], rounding: "nearest" } as const;
    expect(resizedSize(cover, [300, 600])).toEqual([200, 400]);
    expect(resizedSize(cover, [600, 150])).toEqual([400, 100]);
  });

  it("is exact, or nothing, on request", () => {
    expect(resizedSize({ rule: "exact", size: [7, 9] }, [300, 600])).toEqual([7, 9]);
    expect(resizedSize({ rule: "none" }, [300, 600])).toEqual([300, 600]);
  });

  it("never makes the other side shorter", () => {
    const sides = fc.integer({ min: 1, max: 4000 });
    fc.assert(
      fc.property(sides, sides, fc.integer({ min: 1, max: 600 }), (height, width, to) => {
        const size = resizedSize(shorterSide(to, "down"), [height, width]);
        expect(Math.min(...size)).toBe(to);
      }),
    );
  });
});

describe("centerRegion", () => {
  it("rounds its offset as asked: 57.5 is 57, or 58 in torchvision", () => {
    expect(centerRegion([256, 339], [224, 224], "down")).toEqual({
      top: 16,
      left: 57,
      height: 224,
      width: 224,
    });
    expect(centerRegion([256, 339], [224, 224], "nearest")).toMatchObject({ top: 16, left: 58 });
    expect(centerRegion([256, 341], [224, 224], "nearest")).toMatchObject({ left: 58 });
  });
});

it("largestWithin touches the nearer side", () => {
  expect(largestWithin([300, 600], [224, 224])).toEqual([300, 300]);
  expect(largestWithin([300, 600], [100, 400])).toEqual([150, 600]);
});
