import { describe, expect, it } from "vitest";
import { normalize } from "../../src/input/preprocessing.ts";
import { resolvePreprocessing } from "../../src/input/resolve.ts";

/** Two pixels: (10, 20, 30) and (0, 128, 255). */
const raster = { height: 1, width: 2, data: Uint8Array.of(10, 20, 30, 0, 128, 255) };
const inputSize = [1, 2] as const;

describe("normalize", () => {
  it("lists channels in channelOrder, mean and std with them", () => {
    const preprocessing = resolvePreprocessing({
      inputSize,
      preset: "caffe",
      overrides: { mean: [1, 2, 3], std: [1, 2, 4] },
    });
    const { shape, data } = normalize(raster, preprocessing, "NCHW");
    expect(shape).toEqual([1, 3, 1, 2]);
    expect([...data]).toEqual([29, 254, 9, 63, 1.75, -0.75]);
  });

  it("puts the channels last on request", () => {
    const preprocessing = resolvePreprocessing({ inputSize, preset: "tf" });
    const { shape, data } = normalize(raster, preprocessing, "NHWC");
    expect(shape).toEqual([1, 1, 2, 3]);
    const expected = [10, 20, 30, 0, 128, 255].map((gray) => Math.fround(gray / 127.5 - 1));
    for (const [i, value] of expected.entries()) expect(data[i]).toBeCloseTo(value, 6);
  });

  it("scales to 0..1 before mean and std", () => {
    const { data } = normalize(raster, resolvePreprocessing({ inputSize, preset: "torchvision" }), "NCHW");
    expect(data[5]).toBeCloseTo((1 - 0.406) / 0.225, 6);
    expect(data[1]).toBeCloseTo(-0.485 / 0.229, 6);
  });
});
