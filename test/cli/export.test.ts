import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { camGrid, camMap } from "../../src/cam/cam.ts";
import type { CamColumn } from "../../src/cam/columns.ts";
import { openExplainer } from "../../src/cam/explain.ts";
import { findLayer } from "../../src/runtime/layers.ts";
import { createSession } from "../../src/runtime/onnxruntime.ts";
import { openModel } from "../../src/runtime/open.ts";
import { readMap, writeNpy } from "../../src/core/npy.ts";
import { realMap, type RealMap, type Tensor } from "../../src/core/tensor.ts";
import { decodeModel } from "../../src/onnx/file/wire.ts";
import { protocolNames } from "../../src/erf/protocols.ts";
import { worstShareOfRange } from "../cam/goldens.ts";
import { relativeDifference } from "../onnx/run.ts";
import { noise } from "../onnx/small-model.ts";
import { blockWith, notesRead } from "../python/document.ts";
import { python, withoutPython } from "../python/interpreter.ts";
import { folder, json, readArray, refusal, sampleModel, samplePhotograph } from "./erfit.ts";
import { array, imageShape, sound, written } from "./networks.ts";
import { unpacked } from "./nsfwjs.ts";

const outcome = z.looseObject({ signature: z.string(), bytes: z.int(), out: z.string() });
const exported = async (...args: readonly string[]) => outcome.parse(await json(["export", ...args]));

/** What an exported file returns for one image. */
async function returned(path: string, image: Tensor): Promise<Readonly<Record<string, Tensor>>> {
  const { graph } = decodeModel(readFileSync(path), path);
  const session = await createSession(path, "a test", { threads: 1, optimization: "all" });
  const outputs = await session.run({ [graph?.input[0]?.name ?? ""]: image });
  await session.release();
  return outputs;
}

const asMap = (tensor: Tensor | undefined): RealMap => {
  const [height = 0, width = 0] = tensor?.shape ?? [];
  return realMap(height, width, Float64Array.from(tensor?.data ?? [], Number));
};

/** Facts that a file carries, without the prefix of their names. */
function factsIn(path: string): Readonly<Record<string, string>> {
  const { metadataProps } = decodeModel(readFileSync(path), path);
  return Object.fromEntries(metadataProps.map(({ key, value }) => [key.replace(/^erfit\./, ""), value]));
}

const network = written("net.onnx", sound);
const image = noise(imageShape, 9);
const ready = array("x.npy", image);

/** Extended-CAM of the predicted class, drawn the usual way. */
async function extendedCam(model: string, layerName: string, given: Tensor<"float32">, column: CamColumn) {
  const { network: opened } = await openModel(model, { threads: 1 });
  const explainer = await openExplainer(opened, findLayer(opened, layerName), {
    score: "logit",
    images: 1,
    requirements: new Set(["gradient"]),
    classes: "predicted",
  });
  const [one] = await explainer.explain(given);
  if (one === undefined) throw new Error("an image has a class");
  const grid = await camGrid(column.method, one);
  await explainer.release();
  const { height, width } = opened.input;
  return { grid, map: camMap(column, grid, [height, width]), classIndex: one.explanation.classIndex };
}

/** A calibration of the small network's layer, and the preprocessing that it was measured with. */
const calibration = join(folder, "calibrated", "calibration.json");
const unit = ["--preprocessing", "unit"];
beforeAll(async () => {
  await json([
    ...["calibrate", network, samplePhotograph("cat.jpg"), samplePhotograph("coffee.jpg"), "--layer", "last"],
    ...[...unit, "--protocol", "absolute", "--out", join(folder, "calibrated")],
  ]);
});

describe.concurrent("export cam", () => {
  it("with a calibration: erfit's own map to 1e-5 of its range, and where it comes from", async () => {
    const out = join(folder, "extended.onnx");
    const { signature } = await exported(
      ...["cam", network, "--layer", "last", "-c", calibration, "--out", out, ...unit],
    );
    expect(signature).toBe(
      "image: float32 [1, 3, 12, 12] -> logits: float32 [1, 3], class_index: int64 [1], grid: float32 [6, 6], map: float32 [12, 12]",
    );
    const { fit, model } = z
      .object({
        fit: z.object({ sigmaX: z.object({ value: z.number() }), sigmaY: z.object({ value: z.number() }) }),
        model: z.object({ sha256: z.string() }),
      })
      .parse(JSON.parse(readFileSync(calibration, "utf8")));
    const facts = factsIn(out);
    expect(facts).toMatchObject({
      export: "cam",
      model: "net.onnx",
      model_sha256: model.sha256,
      layer: "last",
      method: "extended",
      class: "top",
      score: "logit",
      relu: "false",
      upsampling: "gaussian",
      position: "paper",
      sigma_x: String(fit.sigmaX.value),
      sigma_y: String(fit.sigmaY.value),
    });
    expect(facts["version"]).toMatch(/^\d+\.\d+\.\d+/);
    expect(decodeModel(readFileSync(out), out).docString).toContain('Extended-CAM, Gaussian: layer "last"');

    const unused = { cell: 0, center: 0, stride: 0 };
    const expected = await extendedCam(network, "last", image, {
      method: "extended",
      control: null,
      rectify: false,
      upsampling: {
        by: "gaussian",
        sigmaX: fit.sigmaX.value,
        sigmaY: fit.sigmaY.value,
        position: "paper",
        normalize: false,
        anchor: { x: unused, y: unused },
      },
    });
    const { grid, map, class_index } = await returned(out, image);
    expect(worstShareOfRange(asMap(grid), expected.grid)).toBeLessThan(1e-5);
    expect(worstShareOfRange(asMap(map), expected.map)).toBeLessThan(1e-5);
    expect(class_index?.data).toEqual(BigInt64Array.of(BigInt(expected.classIndex)));
  });

  it("with a calibration of other preprocessing, and a sigma far below the stride: refused, or warned of in the file", async () => {
    const args = ["cam", network, "--layer", "last", "-c", calibration];
    expect(await refusal(["export", ...args, "--out", join(folder, "refused.onnx")])).toMatch(
      /other preprocessing: scale: .*--preprocessing unit/,
    );
    const out = join(folder, "warned.onnx");
    const document = await exported(...args, ...unit, "--mean", "0.2,0,0", "--sigma", "0.4", "--out", out);
    const codes = ["OTHER_PREPROCESSING", "SIGMA_BELOW_STRIDE"];
    expect(document["warnings"]).toMatchObject(codes.map((code) => ({ code })));
    expect(factsIn(out)["warnings"]).toBe(codes.join(" "));
  });

  it("of a given class, whatever the image", async () => {
    const out = join(folder, "class.onnx");
    await exported("cam", network, "--layer", "last", "--class", "1", "--method", "grad-cam", "--out", out);
    const { class_index } = await returned(out, image);
    expect(class_index?.data).toEqual(BigInt64Array.of(1n));
    expect(factsIn(out)).toMatchObject({ class: "1", relu: "true", upsampling: "bilinear" });
  });

  it("CAM where the head is linear", async () => {
    const out = join(folder, "linear.onnx");
    await exported("cam", network, "--layer", "last", "--method", "cam", "--out", out);
    const { logits, grid, class_index } = await returned(out, image);
    const index = Number(class_index?.data[0]);
    const mean = asMap(grid).data.reduce((sum, value) => sum + value, 0) / 36;
    expect(mean).toBeCloseTo(Number(logits?.data[index]), 5);
  });

  it("the sample's file carries its preprocessing", async () => {
    const out = join(folder, "sample-cam.onnx");
    await exported("cam", sampleModel, "--class", "dog", "--out", out);
    const preprocessing: unknown = JSON.parse(factsIn(out)["preprocessing"] ?? "null");
    expect(preprocessing).toMatchObject({ channelOrder: "BGR", crop: { size: [224, 224] } });
  });
});

describe.concurrent("export erf", () => {
  it.each(protocolNames)("%s: what a probe of the one image gives", async (protocol) => {
    const out = join(folder, `${protocol}.onnx`);
    const probed = join(folder, `probed-${protocol}`);
    const asked = ["--layer", "last", "--cell", "2,3", "--protocol", protocol];
    await exported("erf", network, ...asked, "--out", out);
    await json(["probe", network, ready, ...asked, "--out", probed]);
    const found = asMap((await returned(out, image))["map"]);
    const expected = readMap(readFileSync(join(probed, "erf.npy")), "erf.npy");
    const total = protocol === "signed" ? 1 : found.data.reduce((sum, value) => sum + value, 0);
    const scaled = realMap(
      12,
      12,
      found.data.map((value) => value / total),
    );
    expect(worstShareOfRange(scaled, expected)).toBeLessThan(1e-5);
    expect(factsIn(out)).toMatchObject({ export: "erf", layer: "last", cell: "2,3", protocol });
  });

  it("raw: the gradient that `erfit gradient` gives", async () => {
    const out = join(folder, "raw.onnx");
    const npy = join(folder, "gradient.npy");
    await exported("erf", network, "--layer", "last", "--raw", "--out", out);
    await json(["gradient", network, ready, "--target", "last", "--out", npy]);
    const { gradient } = await returned(out, image);
    expect(gradient?.shape).toEqual([...imageShape]);
    expect(relativeDifference(readArray(npy), gradient)).toBeLessThan(1e-6);
  });
});

describe.concurrent("what is refused", () => {
  it.each([
    [
      "a method that is no graph",
      "last",
      ["--method", "score-cam"],
      /score-cam .*it needs a run of the network/,
    ],
    ["a class that does not exist", "last", ["--class", "3"], /--class 3 does not exist.*3 classes/],
    ["a Gaussian without a calibration", "last", ["--upsampling", "gaussian"], /needs a calibration/],
    ["a layer that is none", "gone", [], /no layer named "gone"/],
    ["CAM where the head bends", "first", ["--method", "cam"], /CAM needs a head that is linear/],
  ] as const)("%s", async (_, layer, options, words) => {
    expect(await refusal(["export", "cam", network, "--layer", layer, ...options])).toMatch(words);
  });

  it("a TF.js model, which has no graph", async () => {
    const model = unpacked("mobilenet_v2");
    expect(await refusal(["export", "cam", model])).toMatch(/expected an ONNX model; .*TF\.js/);
  });

  it("nothing to export, with both names", async () => {
    expect(await refusal(["export"])).toMatch(/cam or erf/);
  });

  it("a folder in the file's place", async () => {
    expect(await refusal(["export", "erf", network, "--out", folder])).toMatch(/folder stands in its place/);
  });
});

describe("docs/python.md's notes", () => {
  it("are in a file that was exported with a calibration", async () => {
    const out = join(folder, "notes.onnx");
    await exported("cam", network, "--layer", "last", "-c", calibration, "--out", out, ...unit);
    const keys = decodeModel(readFileSync(out), out).metadataProps.map(({ key }) => key);
    expect(notesRead.length).toBeGreaterThan(1);
    expect(keys).toEqual(expect.arrayContaining([...notesRead]));
  });
});

describe.skipIf(withoutPython("exported files in Python's ONNX Runtime", ["numpy", "onnxruntime"]))(
  "in Python's ONNX Runtime, by docs/python.md's code",
  () => {
    it("the sample's Extended-CAM is erfit's own, to 1e-5 of its range", async () => {
      const out = join(folder, "cam.onnx");
      await exported("cam", sampleModel, "--upsampling", "bicubic", "--out", out);
      const input = noise([1, 3, 224, 224], 3);
      const scaled = { ...input, data: input.data.map((value) => 100 * value) };
      writeFileSync(join(folder, "image.npy"), writeNpy(scaled));
      const saved = `np.save("map.npy", heat.astype(np.float64)); np.save("grid.npy", grid.astype(np.float64))`;
      const printed = python(`${blockWith("onnxruntime")}\n${saved}`, folder);
      const expected = await extendedCam(sampleModel, "block5_conv3", scaled, {
        method: "extended",
        control: null,
        rectify: false,
        upsampling: { by: "bicubic" },
      });
      expect(printed).toContain(`class ${expected.classIndex},`);
      const read = (name: string) => readMap(readFileSync(join(folder, name)), name);
      expect(worstShareOfRange(read("grid.npy"), expected.grid)).toBeLessThan(1e-5);
      expect(worstShareOfRange(read("map.npy"), expected.map)).toBeLessThan(1e-5);
    });
  },
);
