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
import type { Preprocessing } from "../../src/input/preprocessing.ts";
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
  const part = { model: loaded, layer, preprocessing: chosenPreprocessing(loaded, "tf", { resize: "none" }) };
  return { loaded, layer, calibration, part, folder: dirname(path) };
}

describe("a calibration's fit", () => {
  it("is handed out for the model, layer and input that it was made for", async () => {
    const { calibration, part } = await calibrated();
    expect(fitFor(calibration, "c.json", part)).toEqual({ fit: calibration.fit, warnings: [] });
  });

  it("is refused for anything else, with both sides named and a way round", async () => {
    const { loaded, layer, calibration, part } = await calibrated();
    const attempt = (changed: Partial<Calibration>, model = loaded, at = layer) =>
      thrown(() => fitFor({ ...calibration, ...changed }, "c.json", { ...part, model, layer: at }));

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

  it("is refused where photographs were cropped, sized or scaled differently, and warned of where little else differs", async () => {
    const { calibration, part } = await calibrated();
    const { preprocessing } = part;
    const attempt = (changed: Partial<Preprocessing>, any = false) =>
      fitFor(calibration, "c.json", { ...part, preprocessing: { ...preprocessing, ...changed } }, any);
    const unscaled = { std: [1, 1, 1] } as const;
    const refused = thrown(() => attempt(unscaled));
    expect(refused.message).toBe(
      "c.json was measured with other preprocessing: scale: 0-255 over std 127.5,127.5,127.5 (there), 0-255 over std 1,1,1 (here)",
    );
    expect(refused.kind).toBe("input");
    expect(refused.remedy).toContain("anyCalibration");
    const resized = { resize: { rule: "exact", size: [24, 20] } } as const;
    expect(thrown(() => attempt(resized)).message).toContain("resize: none (there), 24x20 (here)");
    const [shifted, ...more] = attempt({ mean: [120, 127.5, 127.5] }).warnings;
    expect([shifted?.code, more]).toEqual(["OTHER_PREPROCESSING", []]);
    expect(shifted?.message).toMatch(
      /^c\.json was measured .*: mean: 127\.5.*\(there\), 120,.*calibrate again/,
    );
    const anyway = attempt(unscaled, true);
    expect(anyway.fit).toBe(calibration.fit);
    expect(anyway.warnings.map(({ code }) => code)).toEqual(["OTHER_CALIBRATION", "OTHER_PREPROCESSING"]);
    expect(anyway.warnings[0]?.message).toBe(refused.message);
  });

  it("warns where the calibration does not record its preprocessing", async () => {
    const { calibration, part } = await calibrated();
    const bare = { ...calibration, preprocessing: { source: "sidecar" } };
    expect(fitFor(bare, "c.json", part).warnings[0]?.message).toMatch(/does not record its preprocessing/);
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
