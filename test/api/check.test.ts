import ndarray from "ndarray";
import { describe, expect, it } from "vitest";
import {
  calibrate,
  cam,
  ErfitError,
  evaluate,
  fitGaussian,
  openModel,
  probe,
  readMap,
  upsample,
  type Model,
} from "../../src/index.ts";
import { network, opened, untyped } from "./small.ts";

describe("arguments of the wrong kind, as JavaScript lets them pass", () => {
  let model: Model;
  const grid = [[1, 2]];
  const cases: readonly (readonly [string, () => unknown, RegExp])[] = [
    [
      "an option that is none",
      () => untyped(probe, [model, "x", { protcol: "signed" }]),
      /^probe: no option is called "protcol"$/,
    ],
    [
      "a name that is none",
      () => untyped(probe, [model, "x", { protocol: "luo" }]),
      /^probe: option protocol: expected one of "openerf".*; found 'luo'$/,
    ],
    [
      "a cell in words",
      () => untyped(probe, [model, "x", { cell: "3,3" }]),
      /option cell: expected \[row, column\].*found '3,3'$/,
    ],
    [
      "options that are none",
      () => untyped(probe, [model, "x", null]),
      /options must be an object, found null/,
    ],
    [
      "a model that is none",
      () => untyped(calibrate, [{}, "x"]),
      /calibrate: the model must be one that openModel opened/,
    ],
    ["images that are none", () => untyped(cam, [model, 7]), /cam: the images must be a path/],
    [
      "a method that is none",
      () => untyped(cam, [model, "x", { method: ["gradcam"] }]),
      /option method.*expected one of "cam", "grad-cam", .*'gradcam'/,
    ],
    [
      "a calibration that is none",
      () => untyped(cam, [model, "x", { calibration: 7 }]),
      /option calibration: expected a calibration.*found 7$/,
    ],
    [
      "a share in percent",
      () => calibrate(model, "x", { until: 1 }),
      /option until: expected a share of sigma between 0 and 1.*; found 1$/,
    ],
    [
      "a signal that is none",
      () => untyped(evaluate, [model, "x", { signal: true }]),
      /option signal: expected AbortSignal; found true/,
    ],
    ["a map that is none", () => untyped(fitGaussian, ["erf.npy"]), /fitGaussian: the map: expected a map/],
    [
      "rows of different lengths",
      () => fitGaussian([[1, 2], [3]]),
      /rows of one length; row 0 has 2 numbers, row 1 has 1/,
    ],
    [
      "an array that is too short",
      () => fitGaussian({ shape: [2, 2], data: [1, 2, 3] }),
      /shape \[2, 2\] needs 4 numbers, found 3/,
    ],
    ["elements that are none", () => untyped(fitGaussian, [[["a"]]]), /one of type string/],
    [
      "a vector for a map",
      () => fitGaussian(ndarray([1, 2], [2])),
      /expected a map \[height, width\], found shape \[2\]/,
    ],
    ["a size that is none", () => untyped(upsample, [grid, 32]), /the size must be \[height, width\]/],
    [
      "a Gaussian without a sigma",
      () => upsample(grid, [4, 4], { upsampling: "gaussian" }),
      /Gaussian upsampling needs a sigma/,
    ],
    [
      "a sigma that is none",
      () => upsample(grid, [4, 4], { sigma: { sigmaX: -1, sigmaY: 2 } }),
      /option sigma/,
    ],
  ];

  it.each(cases)("%s", async (_, call, words) => {
    model = await opened();
    expect(call).toThrow(ErfitError);
    expect(call).toThrow(words);
  });

  it("a path that is none, an option of opening", async () => {
    await expect(untyped(openModel, [3])).rejects.toThrow(/must be the model's path/);
    await expect(untyped(openModel, [network, { preprocessing: "tim" }])).rejects.toThrow(
      /"timm".*found 'tim'/,
    );
    await expect(untyped(readMap, [7])).rejects.toThrow(/named by its path, found number/);
  });
});
