import { describe, expect, it } from "vitest";
import { columnsFrom } from "../../../src/cam/columns.ts";
import { defaultCamOptions } from "../../../src/cam/options.ts";
import type { Upsampling } from "../../../src/cam/upsamplers.ts";
import { camOptionsFrom, refuseUnread, writingsFrom } from "../../../src/cli/cam/options.ts";

const axis = { cell: 7, center: 119, stride: 16 };
const gaussian: Upsampling = {
  by: "gaussian",
  sigmaX: 32,
  sigmaY: 33,
  position: "paper",
  normalize: false,
  anchor: { x: axis, y: axis },
};

describe("options that no column reads", () => {
  const plain = {
    ...defaultCamOptions,
    anyCalibration: false,
    position: "paper",
    normalizeKernel: false,
    sheet: false,
    sheetRows: 12,
    colorScale: "own",
  } as const;
  const refusing =
    (given: Partial<Parameters<typeof refuseUnread>[0]>, method: readonly string[] = ["extended:bilinear"]) =>
    () => {
      refuseUnread({ ...plain, ...given }, columnsFrom({ method, control: ["shuffled"] }, gaussian));
    };

  it.each([
    [{ noise: 0.5 }, /--noise is for Smooth Grad-CAM\+\+: nothing here would read it/],
    [{ noiseSamples: 9 }, /--noise-samples is for Smooth Grad-CAM\+\+/],
    [{ eigenSign: "extreme" }, /--eigen-sign is for EigenCAM and EigenGradCAM/],
    [{ plusPlusEpsilon: 0 }, /--plus-plus-epsilon is for Grad-CAM\+\+ and Smooth Grad-CAM\+\+/],
    [{ scoreMask: "half-pixel" }, /--score-mask is for Score-CAM/],
    [{ ablateTo: "zero" }, /--ablate-to is for Ablation-CAM/],
    [{ position: "center" }, /--position is for Gaussian upsampling/],
    [{ normalizeKernel: true }, /--normalize-kernel is for Gaussian upsampling/],
    [{ sigma: "32" }, /--sigma is for Gaussian upsampling/],
    [{ anyCalibration: true }, /--any-calibration is for --calibration/],
    [{ sheetRows: 3 }, /--sheet-rows is for --sheet/],
    [{ colorScale: "row" }, /--color-scale is for --sheet/],
  ] as const)("%j is refused", (given, message) => {
    expect(refusing(given)).toThrow(message);
  });

  it.each([
    [{ noise: 0.5 }, ["smooth-grad-cam++"]],
    [{ plusPlusEpsilon: 0 }, ["grad-cam++"]],
    [{ eigenSign: "extreme" }, ["eigengradcam"]],
    [{ position: "center", normalizeKernel: true, sigma: "32" }, ["grad-cam:gaussian"]],
    [{ seed: 3 }, ["grad-cam"]],
    [{ sheet: true, sheetRows: 3, colorScale: "row" }, ["grad-cam"]],
  ] as const)("%j passes with %j", (given, method) => {
    expect(refusing(given, method)).not.toThrow();
  });

  it("the seed is for noise and controls", () => {
    expect(() => {
      refuseUnread({ ...plain, seed: 3 }, columnsFrom({ method: ["extended"] }, gaussian));
    }).toThrow(/--seed is for Smooth Grad-CAM\+\+ and the controls/);
  });
});

describe("values", () => {
  it.each([
    [{ noise: -1 }, /--noise: expected a standard deviation of 0 or more; found -1/],
    [{ noise: NaN }, /--noise: expected/],
    [{ noiseSamples: 0 }, /--noise-samples: expected a whole number, 1 or more; found 0/],
    [{ seed: 0.5 }, /--seed: expected a whole number/],
  ])("%j is refused", (given, message) => {
    expect(() => camOptionsFrom({ ...defaultCamOptions, ...given })).toThrow(message);
  });

  it("of what is to be written: each kind once, or none alone", () => {
    expect(writingsFrom(["maps", "maps", "grids"])).toEqual(["maps", "grids"]);
    expect(writingsFrom(["none"])).toEqual([]);
    expect(() => writingsFrom(["none", "maps"])).toThrow(/none stands alone/);
  });
});
