import { describe, expect, it } from "vitest";
import { fills } from "../../src/evaluate/maskings.ts";
import { maskedImage } from "../../src/cam/masked-image.ts";
import { normalize } from "../../src/input/preprocessing.ts";
import type { Preprocessing } from "../../src/input/preprocessing.ts";
import { random } from "../../src/core/random.ts";
import { realMap } from "../../src/core/tensor.ts";

const [height, width] = [6, 5];
const next = random(3);
const pixels = Uint8Array.from({ length: height * width * 3 }, () => Math.floor(256 * next()));
const half = realMap(
  height,
  width,
  Float64Array.from({ length: height * width }, () => (next() < 0.5 ? 0 : 1)),
);

const caffe: Preprocessing = {
  source: "test",
  autoOrient: false,
  resize: { rule: "none" },
  interpolation: "bilinear",
  antialias: true,
  crop: { size: [height, width], rounding: "down" },
  channelOrder: "BGR",
  scale: "0-255",
  mean: [103.939, 116.779, 123.68],
  std: [1, 1, 1],
};
const torchvision: Preprocessing = {
  ...caffe,
  channelOrder: "RGB",
  scale: "0-1",
  mean: [0.485, 0.456, 0.406],
  std: [0.229, 0.224, 0.225],
};

const masked = pixels.map((pixel, k) => (half.data[Math.floor(k / 3)] === 1 ? pixel : 0));

describe("a masked photograph", () => {
  it.each([
    ["NCHW", caffe],
    ["NHWC", caffe],
    ["NCHW", torchvision],
    ["NHWC", torchvision],
  ] as const)("is the tensor of its masked pixels: %s, %o", (layout, preprocessing) => {
    const image = normalize({ height, width, data: pixels }, preprocessing, layout);
    const expected = normalize({ height, width, data: masked }, preprocessing, layout);
    const behind = fills.black.behind(image, layout, preprocessing);
    const found = maskedImage(image, behind, half, layout);
    expect(found.shape).toEqual(image.shape);
    expect([...found.data]).toEqual([...expected.data]);
  });

  it("stands half way between photograph and fill at a half", () => {
    const image = normalize({ height, width, data: pixels }, caffe, "NCHW");
    const mask = realMap(height, width, new Float64Array(height * width).fill(0.5));
    const behind = fills.mean.behind(image);
    const { data } = maskedImage(image, behind, mask, "NCHW");
    data.forEach((value, k) => {
      expect(value).toBeCloseTo((image.data[k] ?? NaN) / 2, 4);
    });
  });
});

describe("the blurred fill", () => {
  it.each(["NCHW", "NHWC"] as const)("keeps a plain color as it is, to the borders: %s", (layout) => {
    const plain = pixels.map((_, k) => [200, 100, 50][k % 3] ?? 0);
    const image = normalize({ height, width, data: plain }, torchvision, layout);
    const { data } = fills.blur.behind(image, layout);
    data.forEach((value, k) => {
      expect(value).toBeCloseTo(image.data[k] ?? NaN, 5);
    });
  });

  it("leaves less contrast than there was", () => {
    const side = 56;
    const noise = Uint8Array.from({ length: side * side * 3 }, () => Math.floor(256 * next()));
    const image = normalize({ height: side, width: side, data: noise }, caffe, "NCHW");
    const spread = (values: Float32Array) => Math.max(...values) - Math.min(...values);
    const plane = (values: Float32Array) => values.subarray(0, side * side);
    const { data } = fills.blur.behind(image, "NCHW");
    expect(spread(plane(data))).toBeLessThan(0.3 * spread(plane(image.data)));
  });
});
