import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { spreadOf } from "../../src/calibration/gaussian.ts";
import { presentFit } from "../../src/calibration/read.ts";
import type { Calibration } from "../../src/calibration/schema.ts";
import { cellPositions } from "../../src/cam/axis-weights.ts";
import { upsample } from "../../src/cam/upsamplers.ts";
import { readMap, writeNpy } from "../../src/core/npy.ts";
import { realMap, type RealMap } from "../../src/core/tensor.ts";
import { worstShareOfRange } from "../cam/goldens.ts";
import { fill, scratchFolder } from "../input/pictures.ts";
import { noise } from "../onnx/small-model.ts";
import { smallCalibration } from "./calibrated.ts";
import { blockWith, fieldsRead } from "./document.ts";
import { python, withoutPython } from "./interpreter.ts";

const upsampling = blockWith("def upsample");

const gaussianMap = (grid: RealMap, calibration: Calibration): RealMap => {
  const [, , height = 0, width = 0] = calibration.model.input.shape;
  const spread = spreadOf(presentFit(calibration.fit, ""), calibration.layer, "paper", false);
  return upsample(grid, [height, width], { by: "gaussian", ...spread });
};

const noisyGrid = (rows: number, columns: number): RealMap =>
  realMap(rows, columns, Float64Array.from(noise([rows, columns], 5).data));

const objects = z.record(z.string(), z.unknown());

/** What a chain of keys leads to in a parsed file. */
const fieldAt = (document: unknown, keys: readonly string[]): unknown =>
  keys.reduce<unknown>((within, key) => objects.parse(within)[key], document);

/** docs/python.md's formula, on the fields that it names, in plain numbers. */
function asDocumented(grid: RealMap, file: unknown): RealMap {
  const [, , height = 0, width = 0] = z.array(z.number()).parse(fieldAt(file, ["model", "input", "shape"]));
  const sigma = (name: string) => z.number().parse(fieldAt(file, ["fit", name, "value"]));
  const weights = (cells: number, pixels: number, spread: number) =>
    Array.from({ length: pixels }, (_, pixel) =>
      Array.from({ length: cells }, (__, i) =>
        Math.exp(-0.5 * ((pixel - (i * pixels) / cells) / spread) ** 2),
      ),
    );
  const [rows, columns] = grid.shape;
  const [y, x] = [weights(rows, height, sigma("sigmaY")), weights(columns, width, sigma("sigmaX"))];
  const pixels = y.flatMap((row) =>
    x.map((column) =>
      row.reduce(
        (sum, wy, i) =>
          sum + column.reduce((part, wx, j) => part + wy * (grid.data[i * columns + j] ?? NaN) * wx, 0),
        0,
      ),
    ),
  );
  return realMap(height, width, Float64Array.from(pixels));
}

describe("docs/python.md", () => {
  it("reads only fields that a calibration has", async () => {
    const file: unknown = JSON.parse(JSON.stringify(await smallCalibration()));
    expect(fieldsRead.length).toBeGreaterThan(6);
    for (const keys of fieldsRead) expect(fieldAt(file, keys), keys.join(".")).toBeDefined();
  });

  it("has Eq. 4 as erfit draws it, on those fields", async () => {
    const calibration = await smallCalibration();
    const grid = noisyGrid(...calibration.layer.grid);
    const documented = asDocumented(grid, JSON.parse(JSON.stringify(calibration)));
    expect(worstShareOfRange(documented, gaussianMap(grid, calibration))).toBeLessThan(1e-12);
  });

  it("has the place of a calibrated cell as erfit takes it", async () => {
    const { fit, layer, model } = await smallCalibration();
    const [, columns] = layer.grid;
    const width = model.input.shape[3] ?? 0;
    const { x } = spreadOf(presentFit(fit, ""), layer, "calibrated", false).anchor;
    const documented = (i: number) => (fit?.centerX.value ?? NaN) + layer.stride[1] * (i - layer.cell[1]);
    for (const i of [0, 3, columns - 1])
      expect(cellPositions.calibrated.pixelOf(i, columns, width, x)).toBeCloseTo(documented(i), 9);
  });
});

describe.skipIf(withoutPython("docs/python.md's upsampling", ["numpy"]))("the upsampling in Python", () => {
  it("makes erfit's own map, to 1e-6 of its range", async () => {
    const calibration = await smallCalibration();
    const grid = noisyGrid(...calibration.layer.grid);
    const folder = await scratchFolder();
    await fill(folder, {
      "calibration.json": JSON.stringify(calibration),
      "grid.npy": writeNpy({ dtype: "float64", ...grid }),
    });
    python(`${upsampling}\nnp.save("map.npy", upsample(np.load("grid.npy")))`, folder);
    const found = readMap(readFileSync(join(folder, "map.npy")), "map.npy");
    expect(worstShareOfRange(found, gaussianMap(grid, calibration))).toBeLessThan(1e-6);
  });
});

/** A small network in PyTorch, and one image, in place of the reader's own. */
const torchNetwork = `
import torch
torch.manual_seed(0)
layer = torch.nn.Conv2d(3, 5, 3, stride=2, padding=1)
model = torch.nn.Sequential(layer, torch.nn.ReLU(), torch.nn.Flatten(), torch.nn.Linear(600, 4))
image = torch.randn(1, 3, 24, 20)
`;

const saved = `
features = layer(image).detach().requires_grad_()
top = model[1:](features).max()
gradient, = torch.autograd.grad(top, features)
np.save("grid.npy", (features * gradient).sum(1)[0].detach().numpy().astype(np.float64))
np.save("map.npy", heat.astype(np.float64))
`;

describe.skipIf(withoutPython("docs/python.md beside pytorch-grad-cam", ["torch", "pytorch_grad_cam"]))(
  "the grid from pytorch-grad-cam",
  () => {
    it("is Eq. 8's, and its map erfit's own, to 1e-5 of the range", async () => {
      const calibration = await smallCalibration();
      const folder = await scratchFolder();
      await fill(folder, { "calibration.json": JSON.stringify(calibration) });
      python([upsampling, torchNetwork, blockWith("HiResCAM"), saved].join("\n"), folder);
      const read = (name: string) => readMap(readFileSync(join(folder, name)), name);
      const expected = gaussianMap(read("grid.npy"), calibration);
      expect(worstShareOfRange(read("map.npy"), expected)).toBeLessThan(1e-5);
    });
  },
);
