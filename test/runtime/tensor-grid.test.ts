import { describe, expect, it } from "vitest";
import type { ImageInput } from "../../src/runtime/network.ts";
import { countsCells, gridOf } from "../../src/runtime/feature-grid.ts";
import type { AxisMeaning } from "../../src/graph/axes/axis.ts";

const image: ImageInput = { name: "x", shape: [1, 3, 224, 224], layout: "NCHW", height: 224, width: 224 };
const other = (extent: number): AxisMeaning => ({ counts: "other", extent });
const cells = (height: number, width: number, before = 0): AxisMeaning => ({
  counts: "cells",
  extent: before + height * width,
  height,
  width,
  before,
});

describe("a tensor as a grid", () => {
  it("is what its axes count, whatever its shape suggests", () => {
    const shape = [1, 196, 196];
    expect(gridOf({ shape }, image)).toMatchObject({ layout: "NTC", height: 14 });
    expect(gridOf({ shape, axes: [other(1), other(196), cells(14, 14)] }, image)).toEqual({
      layout: "NCT",
      height: 14,
      width: 14,
      channels: 196,
      prefixTokens: 0,
    });
    expect(gridOf({ shape, axes: [other(1), cells(14, 14), cells(14, 14)] }, image)).toBeNull();
    const registers = { shape: [1, 200, 8], axes: [other(1), cells(14, 14, 4), other(8)] };
    expect(gridOf(registers, image)).toMatchObject({ height: 14, width: 14, prefixTokens: 4 });
  });

  it("is no strip, and no batch of several", () => {
    const axes: readonly AxisMeaning[] = [
      other(1),
      { counts: "rows", extent: 3 },
      { counts: "columns", extent: 56 },
      other(96),
    ];
    expect(gridOf({ shape: [1, 3, 56, 96], axes }, image)).toBeNull();
    expect(gridOf({ shape: [4, 49, 96], axes: [other(4), cells(7, 7), other(96)] }, image)).toBeNull();
  });

  it("is what the shape suggests where no axis is known to count cells; but such a tensor is not listed", () => {
    const mixed = { shape: [1, 196, 8], axes: [other(1), other(196), other(8)] };
    expect(gridOf(mixed, image)).toMatchObject({ height: 14, width: 14 });
    expect([countsCells(mixed), countsCells({ shape: mixed.shape })]).toEqual([false, true]);
  });
});

describe("a stated grid", () => {
  it("leaves the tokens in front of it", () => {
    expect(gridOf({ shape: [1, 211, 8] }, image, [14, 15])).toEqual({
      layout: "NTC",
      height: 14,
      width: 15,
      channels: 8,
      prefixTokens: 1,
    });
    expect(gridOf({ shape: [1, 246, 8] }, image, [14, 14])).toMatchObject({ height: 14, prefixTokens: 50 });
    const behind = { shape: [1, 8, 200], axes: [other(1), other(8), cells(10, 20)] };
    expect(gridOf(behind, image, [14, 14])).toMatchObject({ layout: "NCT", prefixTokens: 4, channels: 8 });
  });

  it("does not fit fewer tokens than cells, many more, windows, or maps", () => {
    expect(gridOf({ shape: [1, 49, 8] }, image, [14, 14])).toMatchObject({ height: 7 });
    expect(gridOf({ shape: [1, 785, 8] }, image, [14, 14])).toMatchObject({ height: 28 });
    expect(gridOf({ shape: [64, 49, 8] }, image, [7, 7])).toBeNull();
    expect(gridOf({ shape: [1, 8, 28, 28] }, image, [14, 14])).toMatchObject({ layout: "NCHW", height: 28 });
  });
});
