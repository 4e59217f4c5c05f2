import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { presets, declaredInputSize, isAssumed, resolvePreprocessing } from "../../src/input/resolve.ts";
import { parseSidecar } from "../../src/input/sidecar.ts";
import { readJson, referencePath, withoutReference } from "../reference.ts";

const inputSize = [224, 224] as const;
const caffe = {
  input: { name: "input", layout: "NCHW", shape: [1, 3, 224, 224] },
  preprocess: {
    resize: { to: 256, interpolation: "bicubic", antialias: true },
    crop: { size: [224, 224] },
    channelOrder: "BGR",
    mean: [103.939, 116.779, 123.68],
    std: [1, 1, 1],
  },
};
/** The sidecar with some fields of `preprocess` changed. */
const sidecarWith = (changes: object) =>
  parseSidecar({ ...caffe, preprocess: { ...caffe.preprocess, ...changes } }, "net.json");

describe("where preprocessing comes from", () => {
  it("the sidecar", () => {
    const preprocessing = resolvePreprocessing({ inputSize, sidecar: sidecarWith({}) });
    expect(preprocessing).toEqual({
      source: "sidecar net.json",
      autoOrient: false,
      resize: { rule: "shorterSide", to: 256, rounding: "nearest" },
      interpolation: "bicubic",
      antialias: true,
      crop: { size: [224, 224], rounding: "down" },
      channelOrder: "BGR",
      scale: "0-255",
      mean: [103.939, 116.779, 123.68],
      std: [1, 1, 1],
    });
    expect(isAssumed(preprocessing)).toBe(false);
    expect(JSON.parse(JSON.stringify(preprocessing))).toEqual(preprocessing);
  });

  it("nobody: timm with ImageNet mean and std, and that is said", () => {
    const preprocessing = resolvePreprocessing({ inputSize });
    expect(preprocessing.source).toBe("assumed: timm with ImageNet mean and std");
    expect(isAssumed(preprocessing)).toBe(true);
    const timm = resolvePreprocessing({ inputSize, preset: "timm" });
    expect(timm).toEqual({ ...preprocessing, source: "preset timm" });
  });

  it("a timm configuration beside the model, in its metadata, or field by field", () => {
    const config = {
      input_size: [3, 288, 288],
      crop_pct: 0.95,
      interpolation: "bilinear",
      mean: [0.5, 0.5, 0.5],
    };
    const expected = {
      resize: { rule: "shorterSide", to: 303, rounding: "down" },
      interpolation: "bilinear",
      crop: { size: [288, 288], rounding: "nearest" },
      mean: [0.5, 0.5, 0.5],
      std: [0.229, 0.224, 0.225],
    };
    const beside = { sidecar: parseSidecar({ pretrained_cfg: config }, "config.json") };
    const inside = { metadata: { pretrained_cfg: JSON.stringify(config) } };
    const fields = {
      metadata: {
        producer: "x",
        crop_pct: "0.95",
        interpolation: "bilinear",
        input_size: "(3, 288, 288)",
        mean: "(0.5, 0.5, 0.5)",
        std: "(0.229, 0.224, 0.225)",
      },
    };
    for (const sources of [beside, inside, fields]) {
      expect(resolvePreprocessing({ inputSize: [288, 288], ...sources })).toMatchObject(expected);
      expect(declaredInputSize(sources)).toEqual([288, 288]);
    }
    expect(resolvePreprocessing({ inputSize: [288, 288], ...beside }).source).toBe("sidecar config.json");
    expect(resolvePreprocessing({ inputSize: [288, 288], ...inside }).source).toBe("metadata of the model");
  });

  it("a preset goes before the sidecar, the sidecar before the metadata, single options before all", () => {
    const metadata = { pretrained_cfg: "{}" };
    const sidecar = sidecarWith({});
    expect(resolvePreprocessing({ inputSize, preset: "tf", sidecar, metadata }).source).toBe("preset tf");
    expect(resolvePreprocessing({ inputSize, sidecar, metadata }).source).toBe("sidecar net.json");
    const preprocessing = resolvePreprocessing({
      inputSize,
      sidecar,
      overrides: {
        resize: [240, 320],
        mean: [1, 2, 3],
        channelOrder: "RGB",
        std: undefined,
        autoOrient: true,
      },
    });
    expect(preprocessing).toMatchObject({
      source: "sidecar net.json, but resize, mean, channelOrder, autoOrient as given",
      autoOrient: true,
      resize: { rule: "exact", size: [240, 320] },
      interpolation: "bicubic",
      channelOrder: "RGB",
      mean: [1, 2, 3],
      std: [1, 1, 1],
    });
  });

  it("an input that the model leaves open is as large as the sidecar says", () => {
    expect(declaredInputSize({ sidecar: sidecarWith({}) })).toEqual([224, 224]);
    const nhwc = parseSidecar({ input: { layout: "NHWC", shape: [1, 192, 160, 3] } }, "net.json");
    expect(declaredInputSize({ sidecar: nhwc })).toEqual([192, 160]);
    expect(declaredInputSize({ metadata: {} })).toBeUndefined();
  });
});

describe("presets", () => {
  it("each makes a consistent record for square and other inputs", () => {
    for (const [preset, { recipe }] of Object.entries(presets))
      for (const input of [inputSize, [227, 227], [160, 96], [1, 1]] as const)
        expect(recipe(input)).toMatchObject({ source: `preset ${preset}`, crop: { size: input } });
  });

  it.each([
    { preset: "timm", to: 256, interpolation: "bicubic", rounding: "down", white: [2.2489, 2.4286, 2.64] },
    {
      preset: "torchvision",
      to: 256,
      interpolation: "bilinear",
      rounding: "down",
      white: [2.2489, 2.4286, 2.64],
    },
    {
      preset: "caffe",
      to: 256,
      interpolation: "bicubic",
      rounding: "nearest",
      white: [151.061, 138.221, 131.32],
    },
    { preset: "tf", to: 256, interpolation: "bilinear", rounding: "nearest", white: [1, 1, 1] },
    {
      preset: "torch",
      to: 256,
      interpolation: "bicubic",
      rounding: "nearest",
      white: [2.2489, 2.4286, 2.64],
    },
  ] as const)("$preset", ({ preset, to, interpolation, rounding, white }) => {
    const found = resolvePreprocessing({ inputSize, preset });
    expect(found).toMatchObject({ resize: { rule: "shorterSide", to, rounding }, interpolation });
    const top = found.scale === "0-1" ? 1 : 255;
    for (const c of [0, 1, 2])
      expect((top - (found.mean[c] ?? NaN)) / (found.std[c] ?? NaN)).toBeCloseTo(white[c] ?? NaN, 4);
  });

  it("cover an input that is not square", () => {
    const { resize } = resolvePreprocessing({ inputSize: [256, 128], preset: "timm" });
    expect(resize).toEqual({ rule: "cover", size: [292, 146], rounding: "nearest" });
  });
});

describe("contradictions", () => {
  it.each([
    ["crop larger than resize", { resize: { to: 200 } }, /crop 224x224 is larger than resize/],
    ["exact size too low", { resize: { size: [200, 300] } }, /crop 224x224 is larger than resize/],
    ["exact size too narrow", { resize: { size: [300, 200] } }, /crop 224x224 is larger than resize/],
    [
      "crop of another size than the input",
      { crop: { size: [192, 192] } },
      /192x192 is not the size of .* 224x224/,
    ],
    ["std of 0", { std: [1, 0, 1] }, /std \[1, 0, 1\] must be above 0/],
    ["std of the other scale", { std: [0.2, 0.2, 0.2] }, /std .* too small for the scale 0-255/],
    ["mean of the other scale", { scale: "0-1" }, /mean \[103\.939, .* does not lie on the scale 0-1/],
  ])("%s", (_, changes, message) => {
    expect(() => resolvePreprocessing({ inputSize, sidecar: sidecarWith(changes) })).toThrow(message);
    expect(() => resolvePreprocessing({ inputSize, sidecar: sidecarWith(changes) })).toThrow(
      /sidecar net\.json/,
    );
  });

  it("options count too", () => {
    expect(() => resolvePreprocessing({ inputSize, overrides: { mean: [0.5] } })).toThrow(
      "mean: expected 3 numbers, one a channel, found 1",
    );
    expect(() => resolvePreprocessing({ inputSize, overrides: { std: [1, NaN, 1] } })).toThrow(/finite/);
    expect(() => resolvePreprocessing({ inputSize, overrides: { resize: 100 } })).toThrow(
      /larger than resize/,
    );
  });
});

describe("sidecar files", () => {
  it.each([
    ["mean of one number", { mean: [1] }, /^net\.json: preprocess\.mean/],
    [
      "unknown interpolation",
      { resize: { to: 256, interpolation: "cubic" } },
      /preprocess\.resize\.interpolation/,
    ],
    ["no antialiasing", { resize: { to: 256, antialias: false } }, /resize\.antialias: only true/],
    ["resize without a size", { resize: {} }, /preprocess\.resize: give either `to`/],
    ["channel order", { channelOrder: "GBR" }, /preprocess\.channelOrder/],
    ["crop of half a pixel", { crop: { size: [1.5, 2] } }, /preprocess\.crop\.size/],
  ])("%s", (_, changes, message) => {
    expect(() => sidecarWith(changes)).toThrow(message);
  });

  it("may hold nothing, or anything besides", () => {
    expect(parseSidecar({ license: "MIT" }, "net.json")).toEqual({ file: "net.json" });
    expect(() => parseSidecar([], "net.json")).toThrow(/^net\.json: /);
  });
});

describe.skipIf(withoutReference("sidecars of the reference models"))("the reference's sidecars", () => {
  it.each(["squeezenet1.1", "mobilenet_v2_1.0_224", "vgg16-sample"])("%s", (model) => {
    const sidecar = parseSidecar(readJson(referencePath("models", `${model}.json`)), `${model}.json`);
    const size = declaredInputSize({ sidecar });
    if (size === undefined) throw new Error("no input size");
    const { resize, mean } = resolvePreprocessing({ inputSize: size, sidecar });
    expect(resize).toMatchObject({ rule: "shorterSide" });
    expect(mean).toEqual(sidecar.preprocess?.mean);
    expect(sidecar.lastFeatureMap?.name).toMatch(/^(fire9_concat|last_conv|block5_conv3)$/);
    expect(sidecar.output?.classes).toMatch(/classes\.json$/);
    expect(readFileSync(referencePath("models", `${model}.json`), "utf8")).toContain(sidecar.sha256);
  });
});
