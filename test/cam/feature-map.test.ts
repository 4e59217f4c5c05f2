import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { featureMapOf, isEven, layerTensor, type FeatureMap } from "../../src/cam/feature-map.ts";
import type { FeatureGrid, FeatureLayout } from "../../src/runtime/feature-grid.ts";
import { float32, int64, sizeOf } from "../../src/core/tensor.ts";
import { thrown } from "../thrown.ts";

/** 2 channels of 2 x 3 cells, and 1 token in front where the layout has any; element (k, cell) is 10 k + cell. */
const shapes: Readonly<Record<FeatureLayout, readonly number[]>> = {
  NCHW: [1, 2, 2, 3],
  NHWC: [1, 2, 3, 2],
  NTC: [1, 7, 2],
  NCT: [1, 2, 7],
};
const elements: Readonly<Record<FeatureLayout, readonly number[]>> = {
  NCHW: [0, 1, 2, 3, 4, 5, 10, 11, 12, 13, 14, 15],
  NHWC: [0, 10, 1, 11, 2, 12, 3, 13, 4, 14, 5, 15],
  NTC: [-1, -2, 0, 10, 1, 11, 2, 12, 3, 13, 4, 14, 5, 15],
  NCT: [-1, 0, 1, 2, 3, 4, 5, -2, 10, 11, 12, 13, 14, 15],
};
const layer = (layout: FeatureLayout, more: Partial<FeatureGrid> = {}) => ({
  name: "features",
  label: "features",
  grid: { layout, channels: 2, height: 2, width: 3, prefixTokens: layout.length === 3 ? 1 : 0, ...more },
});
const layouts = Object.keys(shapes) as FeatureLayout[];

it.each(layouts)("%s is read as C x H x W, without the tokens in front", (layout) => {
  const { data, shape } = featureMapOf(float32(shapes[layout], elements[layout]), layer(layout));
  expect(shape).toEqual([2, 2, 3]);
  expect([...data]).toEqual([...elements.NCHW]);
});

it.each(layouts)("%s is written back around what is no cell", (layout) => {
  fc.assert(
    fc.property(fc.array(fc.integer(), { minLength: 12, maxLength: 12 }), (values) => {
      const around = float32(shapes[layout], elements[layout]);
      const features: FeatureMap = { shape: [2, 2, 3], data: Float32Array.from(values) };
      const written = layerTensor(features, layer(layout), around);
      expect(featureMapOf(written, layer(layout)).data).toEqual(features.data);
      expect(written.shape).toEqual(around.shape);
      elements[layout].forEach((value, i) => {
        if (value < 0) expect(written.data[i]).toBe(value);
      });
      expect([...around.data]).toEqual([...elements[layout]]);
    }),
  );
});

it("refuses a tensor of other extents, and one of integers", () => {
  const other = float32([2, 2, 2, 3], new Float32Array(24));
  expect(thrown(() => featureMapOf(other, layer("NCHW"))).message).toMatch(
    /"features".*2 x 3.*\[2, 2, 2, 3\]/,
  );
  const tokens = float32([1, 6, 2], new Float32Array(12));
  expect(thrown(() => featureMapOf(tokens, layer("NTC"))).message).toMatch(/after 1 tokens/);
  const whole = int64(shapes.NCHW, new Array<number>(sizeOf(shapes.NCHW)).fill(1));
  expect(thrown(() => featureMapOf(whole, layer("NCHW"))).message).toMatch(/int64/);
});

const twoChannels = (...data: readonly number[]): FeatureMap => ({
  shape: [2, 1, 2],
  data: Float32Array.from(data),
});

describe("an even map", () => {
  it("is one number a channel, but for rounding", () => {
    expect(isEven(twoChannels(1, 1.00001, -3, -3))).toBe(true);
    expect(isEven(twoChannels(1, 1.01, -3, -3))).toBe(false);
    expect(isEven(twoChannels(0, 0, 0, 0))).toBe(true);
    expect(isEven(twoChannels(1, 1, -3, 3))).toBe(false);
  });
});
