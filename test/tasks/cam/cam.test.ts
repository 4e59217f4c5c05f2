import { describe, expect, it } from "vitest";
import { columnsFrom } from "../../../src/cam/columns.ts";
import { defaultCamOptions } from "../../../src/cam/options.ts";
import type { Upsampling } from "../../../src/cam/upsamplers.ts";
import { checkedOptions } from "../../../src/tasks/check.ts";
import { camOptions, refuseUnread } from "../../../src/tasks/cam/cam.ts";

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
    calibration: undefined,
    sigma: undefined,
  } as const;
  const refusing =
    (given: Partial<Parameters<typeof refuseUnread>[0]>, method: readonly string[] = ["extended:bilinear"]) =>
    () => {
      refuseUnread({ ...plain, ...given }, columnsFrom({ method, control: ["shuffled"] }, gaussian));
    };

  it.each([
    [{ noise: 0.5 }, /noise is for Smooth Grad-CAM\+\+: nothing here would read it/],
    [{ noiseSamples: 9 }, /noiseSamples is for Smooth Grad-CAM\+\+/],
    [{ eigenSign: "extreme" }, /eigenSign is for EigenCAM and EigenGradCAM/],
    [{ plusPlusEpsilon: 0 }, /plusPlusEpsilon is for Grad-CAM\+\+ and Smooth Grad-CAM\+\+/],
    [{ scoreMask: "half-pixel" }, /scoreMask is for Score-CAM/],
    [{ ablateTo: "zero" }, /ablateTo is for Ablation-CAM/],
    [{ position: "center" }, /position is for Gaussian upsampling/],
    [{ normalizeKernel: true }, /normalizeKernel is for Gaussian upsampling/],
    [{ sigma: { sigmaX: 32, sigmaY: 32 } }, /sigma is for Gaussian upsampling/],
    [{ anyCalibration: true }, /anyCalibration is for calibration/],
  ] as const)("%j is refused", (given, message) => {
    expect(refusing(given)).toThrow(message);
  });

  it.each([
    [{ noise: 0.5 }, ["smooth-grad-cam++"]],
    [{ plusPlusEpsilon: 0 }, ["grad-cam++"]],
    [{ eigenSign: "extreme" }, ["eigengradcam"]],
    [{ position: "center", normalizeKernel: true, sigma: { sigmaX: 32, sigmaY: 32 } }, ["grad-cam:gaussian"]],
    [{ seed: 3 }, ["grad-cam"]],
  ] as const)("%j passes with %j", (given, method) => {
    expect(refusing(given, method)).not.toThrow();
  });

  it("the seed is for noise and controls", () => {
    expect(() => {
      refuseUnread({ ...plain, seed: 3 }, columnsFrom({ method: ["extended"] }, gaussian));
    }).toThrow(/seed is for Smooth Grad-CAM\+\+ and the controls/);
  });
});

describe("values", () => {
  it.each([
    [{ noise: -1 }, /noise: expected a number, 0 or more; found -1/],
    [{ noise: NaN }, /noise: expected/],
    [{ noiseSamples: 0 }, /noiseSamples: expected a whole number, 1 or more; found 0/],
    [{ seed: 0.5 }, /seed: expected a whole number/],
  ])("%j is refused", (given, message) => {
    expect(() => checkedOptions(camOptions, given)).toThrow(message);
  });
});
