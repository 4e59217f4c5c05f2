import { describe, expect, it } from "vitest";
import { columnKey, columnsFrom } from "../../src/cam/columns.ts";
import type { Upsampling } from "../../src/cam/upsamplers.ts";

const axis = { cell: 7, center: 119, stride: 16 };
const gaussian: Upsampling = {
  by: "gaussian",
  sigmaX: 32,
  sigmaY: 33,
  position: "paper",
  normalize: false,
  anchor: { x: axis, y: axis },
};
type Given = Parameters<typeof columnsFrom>[0];
const keys = (given: Given) => columnsFrom(given, gaussian).map(columnKey);

describe("columns", () => {
  it("of methods alone: Extended-CAM as its paper has it, where that can be; the others bilinearly", () => {
    const method = ["grad-cam", "extended"];
    expect(keys({ method })).toEqual(["grad-cam.bilinear", "extended.gaussian"]);
    expect(columnsFrom({ method }, undefined).map(columnKey)).toEqual([
      "grad-cam.bilinear",
      "extended.bilinear",
    ]);
  });

  it("of methods by upsamplings: each by each, but for a method that brings its own", () => {
    const upsampling = ["nearest", "gaussian"] as const;
    expect(keys({ method: ["layercam", "grad-cam:bicubic"], upsampling })).toEqual([
      "layercam.nearest",
      "layercam.gaussian",
      "grad-cam.bicubic",
    ]);
  });

  it("of controls follow their method; random cells know no method", () => {
    const control = ["shuffled", "random"] as const;
    expect(keys({ method: ["grad-cam", "extended:bilinear"], control })).toEqual([
      "grad-cam.bilinear",
      "grad-cam-shuffled.bilinear",
      "random.bilinear",
      "extended.bilinear",
      "extended-shuffled.bilinear",
    ]);
  });

  it("come once each", () => {
    expect(keys({ method: ["extended", "extended", "extended:gaussian"] })).toEqual(["extended.gaussian"]);
  });

  it("take the ReLU that is given, or the method's own", () => {
    const rectified = (relu: boolean | undefined) =>
      columnsFrom({ method: ["grad-cam", "extended"], relu }, gaussian).map(({ rectify }) => rectify);
    expect([undefined, true, false].map(rectified)).toEqual([
      [true, false],
      [true, true],
      [false, false],
    ]);
  });

  it.each([
    [["gradcam"], /method: "gradcam": expected one of "cam", "grad-cam", .*, "extended"$/],
    [["extended:cubic"], /method: "extended:cubic": expected after the colon one of "nearest", "bilinear", /],
    [["extended:nearest:2"], /method: "extended:nearest:2": expected a method, or method:upsampling/],
    [["toString"], /"toString": expected one of/],
    [["extended:gaussian"], /upsampling: gaussian needs a calibration/],
  ])("%j is refused", (method, message) => {
    expect(() => columnsFrom({ method }, undefined)).toThrow(message);
  });
});
