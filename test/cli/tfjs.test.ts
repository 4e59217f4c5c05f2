import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { calibrationSchema } from "../../src/calibration/schema.ts";
import { readMap } from "../../src/math/npy.ts";
import { testedBackends, withNode } from "../engine/tfjs/backends.ts";
import { expectPlainWords, folder, json, refusal, run, sampleModel, samplePhotograph } from "./erfit.ts";
import { unpacked } from "./nsfwjs.ts";

const calibrated = calibrationSchema.extend({ files: z.array(z.string()) });

/** A trained MobileNetV2 of Keras, pixels from 0 to 1. */
const model = unpacked("mobilenet_v2");
const cat = samplePhotograph("cat.jpg");
const unit = ["--preprocessing", "unit"];

describe.each(testedBackends.filter((name) => name !== "cpu"))("a trained TF.js model on %s", (backend) => {
  const out = join(folder, backend);
  const on = [...unit, "--backend", backend];

  it("calibrates, and gets an Extended-CAM by its calibration", async () => {
    const { files, ...calibration } = calibrated.parse(
      await json([
        "calibrate",
        model,
        samplePhotograph(""),
        "--limit",
        "4",
        "--layer",
        "block_12_add",
        ...on,
        "--out",
        out,
      ]),
    );
    expect(files).toHaveLength(4);
    expect(calibration).toMatchObject({
      model: { file: "mobilenet_v2/model.json", input: { shape: [1, 224, 224, 3], layout: "NHWC" } },
      layer: { name: "block_12_add", shape: [1, 14, 14, 96], layout: "NHWC", cell: [7, 7], stride: [16, 16] },
      images: { count: 4, skipped: [] },
      preprocessing: { source: "preset unit" },
    });
    expect(calibration.layer.receptiveField?.height).toBeGreaterThan(200);
    expect(calibration.provenance.engine).toMatch(backend === "wasm" ? /^tfjs .*wasm/ : /^tfjs .*TensorFlow/);
    expect(calibration.fit?.sigmaX.value).toBeGreaterThan(5);

    const file = join(out, "calibration.json");
    const explained = join(out, "cam");
    const args = [model, cat, "--layer", "block_12_add", ...on, "-c", file, "--out", explained, "--sheet"];
    const { code, stdout, stderr } = await run(["cam", ...args]);
    expect(code, stderr).toBe(0);
    expect(stdout).toMatch(/cat\.jpg: class \d, score -?[\d.]+, probability 0?\.?\d+/);
    expectPlainWords(stderr);
    expect(readdirSync(explained)).toContain("cat.extended.gaussian.png");
    const map = readMap(
      readFileSync(join(explained, "cat.extended.gaussian.npy")),
      "cat.extended.gaussian.npy",
    );
    expect(map.shape).toEqual([224, 224]);
    expect(new Set(map.data).size).toBeGreaterThan(1000);
  });
});

describe.concurrent("a TF.js model on the command line", () => {
  it("lists its layers, whether named by folder or by file", async () => {
    const { stdout } = await run(["layers", join(model, "model.json"), "--backend", "wasm"]);
    expect(stdout).toMatch(/^\* out_relu +1x7x7x1280 +32 +491 /m);
    expect(stdout).toMatch(/input "input_1" \[1, 224, 224, 3\], output "dense_\d+" \[1, 5\]/);
    expect((await run(["layers", model, "--backend", "wasm"])).stdout).toBe(stdout);
  });

  it.skipIf(withNode)("computes on wasm where tfjs-node is not, and says how to get it", async () => {
    const { code, stderr } = await run(["calibrate", model, cat, ...unit, "--out", join(folder, "fallback")]);
    expect(code, stderr).toBe(0);
    expect(stderr).toMatch(
      /^TF\.js computes on wasm, .*slower than tfjs-node: .*`npm install @tensorflow\/tfjs-node`/m,
    );
  });

  it("answers mistakes in one line", async () => {
    expect(await refusal(["layers", sampleModel, "--backend", "wasm"])).toMatch(
      /--backend wasm is for TF\.js models/,
    );
    expect(await refusal(["layers", model, "--backend", "webgl"])).toMatch(
      /expected one of "tfjs-node", "wasm", "cpu"/,
    );
    expect(await refusal(["cam", model, cat, "--layer", "out_rel", ...unit, "--backend", "wasm"])).toMatch(
      /no layer named "out_rel" — nearest names: out_relu/,
    );
  });
});
