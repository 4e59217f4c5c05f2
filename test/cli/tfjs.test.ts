import { spawnSync } from "node:child_process";
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { calibrationSchema } from "../../src/calibration/schema.ts";
import { readMap, writeNpy } from "../../src/core/npy.ts";
import { testedBackends, withNode } from "../runtime/tfjs/backends.ts";
import { asGraph } from "../runtime/tfjs/twins/as-graph.ts";
import { smallTwin } from "../runtime/tfjs/twins/network.ts";
import { fill } from "../input/pictures.ts";
import { noise } from "../onnx/small-model.ts";
import {
  expectPlainWords,
  folder,
  inCheckout,
  json,
  refusal,
  run,
  sampleModel,
  samplePhotograph,
} from "./erfit.ts";
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
      images: { views: 4, skipped: [] },
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

describe.runIf(withNode)("tfjs-node", () => {
  const twin = join(folder, "small");
  const image = join(folder, "small.npy");
  beforeAll(async () => {
    await fill(twin, asGraph(smallTwin));
    writeFileSync(image, writeNpy(noise([1, smallTwin.height, smallTwin.width, 3], 3)));
  });

  /** A calibration by a Node, and what it writes on stderr. */
  function calibrated(node: string, name: string, more: readonly string[], env: NodeJS.ProcessEnv = {}) {
    const out = join(folder, name);
    const args = ["calibrate", twin, image, "--layer", "last", ...more, "--out", out];
    const { status, stderr } = spawnSync(node, [inCheckout("bin/erfit.js"), ...args], {
      cwd: folder,
      env: { ...process.env, ...env },
      encoding: "utf8",
    });
    expect(status, stderr).toBe(0);
    return { stderr, erf: readFileSync(join(out, "erf.npy")) };
  }
  const preloaded = (script: string): NodeJS.ProcessEnv => ({ NODE_OPTIONS: `--import ${script}` });

  it("runs where node:util has lost what it calls", () => {
    const script = `import { createRequire } from "node:module";
      const util = createRequire(process.execPath)("node:util");
      delete util.isNullOrUndefined; delete util.isArray;`;
    const without = preloaded(`data:text/javascript,${encodeURIComponent(script)}`);
    const { stderr, erf } = calibrated(process.execPath, "lost", [], without);
    expect(stderr).not.toMatch(/wasm|isNullOrUndefined/);
    expect(erf).toEqual(calibrated(process.execPath, "whole", ["--backend", "tfjs-node"]).erf);
  });

  const node24 = process.env["ERFIT_NODE_24"] ?? "";
  it.runIf(node24 !== "" || process.env["ERFIT_REQUIRE_TFJS_NODE"] === "1")(
    "runs on Node 24, with the same bits",
    () => {
      const { stderr, erf } = calibrated(node24, "node24", []);
      expect(stderr).not.toMatch(/wasm|Deprecat/);
      expect(erf).toEqual(calibrated(process.execPath, "node20", ["--backend", "tfjs-node"]).erf);
    },
  );

  it("that does not start is replaced by wasm with the reason, and without advice to install it", () => {
    const hidden = [
      { requests: "tfjs_binding\\.node$", message: "Module did not self-register: tfjs_binding.node" },
    ];
    const { stderr } = calibrated(process.execPath, "unstarted", [], {
      ...preloaded(pathToFileURL(inCheckout("test/cli/hide-libraries.js")).href),
      ERFIT_TEST_HIDE: JSON.stringify(hidden),
    });
    expect(stderr).toMatch(
      /^TF\.js computes on wasm, .*: tfjs-node does not start: Module did not self-register: tfjs_binding\.node$/m,
    );
    expect(stderr).not.toMatch(/npm/);
  });
});
