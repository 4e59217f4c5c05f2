import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { calibrate } from "../../src/calibration/calibrate.ts";
import { fitFor, presentFit, readCalibration } from "../../src/calibration/read.ts";
import type { Calibration } from "../../src/calibration/schema.ts";
import {
  chosenCell,
  chosenLayer,
  chosenPreprocessing,
  loadModel,
} from "../../src/calibration/loaded-model.ts";
import { ErfitError } from "../../src/core/error.ts";
import { onDisk, smallOnnx } from "../runtime/small-onnx.ts";
import { noise } from "../onnx/small-model.ts";
import { photographs } from "./photographs.ts";
import { thrown } from "../thrown.ts";

async function calibrated() {
  const path = await onDisk(smallOnnx());
  const loaded = await loadModel(path, { threads: 1 });
  const layer = chosenLayer(loaded, "conv2");
  const { calibration } = await calibrate({
    model: loaded,
    layer,
    geometry: chosenCell(loaded, layer, { kind: "central" }),
    protocol: "absolute",
    photographs: await photographs(4),
    crops: 1,
    shuffled: null,
    preprocessing: chosenPreprocessing(loaded, "tf", { resize: "none" }),
  });
  return { loaded, layer, calibration, folder: dirname(path) };
}

describe("a calibration's fit", () => {
  it("is handed out for the model, layer and input that it was made for", async () => {
    const { loaded, layer, calibration } = await calibrated();
    expect(fitFor(calibration, "c.json", loaded, layer)).toBe(calibration.fit);
  });

  it("is refused for anything else, with both sides named and a way round", async () => {
    const { loaded, layer, calibration } = await calibrated();
    const attempt = (changed: Partial<Calibration>, chosen = loaded, at = layer) =>
      thrown(() => fitFor({ ...calibration, ...changed }, "c.json", chosen, at));

    const other = await loadModel(await onDisk(smallOnnx(noise([4, 3, 3, 3], 7)), "other.onnx"), {
      threads: 1,
    });
    const ofModel = attempt({}, other);
    expect(ofModel.message).toMatch(
      /^c\.json is the calibration of another model: of net\.onnx .* not of other\.onnx/,
    );
    expect(ofModel.message).toContain(other.sha256.slice(0, 12));

    const ofLayer = attempt({}, loaded, chosenLayer(loaded, "relu"));
    expect(ofLayer.message).toBe('c.json is the calibration of layer "conv2", not of "relu"');

    const { model } = calibration;
    const ofShape = attempt({ model: { ...model, input: { ...model.input, shape: [1, 3, 32, 32] } } });
    expect(ofShape.message).toContain("[1, 3, 32, 32], but the model runs at [1, 3, 24, 20]");

    for (const error of [ofModel, ofLayer, ofShape]) {
      expect(error.kind).toBe("input");
      expect(error.remedy).toContain("anyCalibration");
    }

    const empty = attempt({ fit: null });
    expect(empty.message).toContain("holds no Gaussian");
    expect(empty.remedy).toContain("upsampling: bilinear");
  });

  it("that is empty is refused whatever the model", () => {
    expect(thrown(() => presentFit(null, "c.json")).message).toContain("c.json holds no Gaussian");
  });
});

describe("a calibration file", () => {
  it("reads as it was written", async () => {
    const { calibration } = await calibrated();
    const path = await onDisk(JSON.stringify(calibration), "calibration.json");
    expect(await readCalibration(path)).toEqual(calibration);
  });

  it("that is missing, no JSON or none of erfit's is refused by name", async () => {
    const { folder, calibration } = await calibrated();
    const missing = join(folder, "gone.json");
    await expect(readCalibration(missing)).rejects.toThrow(missing);
    const text = await onDisk("sigma = 3", "calibration.json");
    await expect(readCalibration(text)).rejects.toThrow(/calibration\.json: .*JSON/);
    const spoilt = { ...calibration, layer: { ...calibration.layer, cell: ["middle"] } };
    const wrong = await onDisk(JSON.stringify(spoilt), "calibration.json");
    const attempt = readCalibration(wrong);
    await expect(attempt).rejects.toBeInstanceOf(ErfitError);
    await expect(attempt).rejects.toThrow(/not an erfit calibration: .*layer\.cell/);
  });

  it("of another version is refused", async () => {
    const { calibration } = await calibrated();
    const path = await onDisk(JSON.stringify({ ...calibration, version: 3 }), "calibration.json");
    await expect(readCalibration(path)).rejects.toThrow(/version/);
    const first = await onDisk(JSON.stringify({ ...calibration, version: 1 }), "calibration.json");
    await expect(readCalibration(first)).rejects.toThrow(/format version 1, which this erfit does not read/);
  });
});
