import { describe, expect, it } from "vitest";
import { nearestNames, stageNames } from "../../src/runtime/layer-names.ts";
import { findLayer, layersMatching, layersOf, layerText, stagesOf } from "../../src/runtime/layers.ts";
import { fakeNetwork, tensor } from "./fake-network.ts";
import { thrown } from "../thrown.ts";

const cells = [1, 8, 7, 7];

const resnet = fakeNetwork([
  tensor("c1", "Conv", cells, "m.conv1"),
  tensor("a", "Conv", cells, "m.layer1.0.conv1"),
  tensor("b", "Add", cells, "m.layer1.0"),
  tensor("c", "Relu", cells, "m.layer1.0.act2"),
  tensor("d", "Conv", cells, "m.layer2.0.conv1"),
  tensor("e", "Relu", cells, "m.layer2.0.act2"),
  tensor("logits", "Gemm", [1, 10], "m.fc"),
]);

const labels = (layers: readonly { readonly label: string; readonly name: string }[]) =>
  layers.map(({ label, name }) => `${label} = ${name}`);

describe("a layer is called", () => {
  it("by its module, without the root, where that finds it; else by its tensor", () => {
    expect(labels(layersOf(resnet))).toEqual([
      "conv1 = c1",
      "layer1.0.conv1 = a",
      "b = b", // `layer1.0` means its last tensor, c
      "layer1.0.act2 = c",
      "layer2.0.conv1 = d",
      "layer2.0.act2 = e",
    ]);
    for (const { label, name } of layersOf(resnet)) expect(findLayer(resnet, label).name).toBe(name);
  });

  it("by the name that was asked for", () => {
    expect(labels(["layer2", "m.layer2", "e"].map((name) => findLayer(resnet, name)))).toEqual([
      "layer2 = e",
      "m.layer2 = e",
      "e = e",
    ]);
  });

  it("keeps a root after which nothing but numbers is left", () => {
    const features = fakeNetwork([
      tensor("a", "Conv", cells, "features.0"),
      tensor("b", "Relu", cells, "features.1"),
    ]);
    expect(labels(layersOf(features))).toEqual(["features.0 = a", "features.1 = b"]);
  });

  it("is shown with its tensor where that has another name", () => {
    expect(layerText(findLayer(resnet, "layer2"))).toBe('"layer2" (tensor "e")');
    expect(layerText(findLayer(resnet, "e"))).toBe('"e"');
  });
});

describe("stages", () => {
  it("are numbered modules of further modules, and end in their last feature map", () => {
    expect(labels(stagesOf(resnet))).toEqual(["layer1 = c", "layer2 = e"]);
  });

  it.each([
    [
      "blocks of a transformer",
      ["blocks.0.norm1", "blocks.0.attn.qkv", "blocks.1.norm1"],
      ["blocks.0", "blocks.1"],
    ],
    [
      "not what is in them",
      ["stages.0.blocks.0.conv", "stages.0.blocks.1.conv", "stages.1.blocks.0.conv"],
      ["stages.0", "stages.1"],
    ],
    [
      "deep within",
      ["vit.encoder.layer.0.attention", "vit.encoder.layer.1.attention", "vit.head"],
      ["encoder.layer.0", "encoder.layer.1"],
    ],
    ["with a letter after the number", ["inception3a.b1", "inception3b.b1"], ["inception3a", "inception3b"]],
    ["none among single convolutions", ["features.0", "features.1"], []],
    ["nor one numbered stem alone", ["conv1.0", "conv1.1", "body"], []],
  ])("%s", (_, modules, expected) => {
    const network = fakeNetwork(modules.map((module, k) => tensor(`t${k}`, "Conv", cells, module)));
    expect(stageNames(network)).toEqual(expected);
  });

  it("of a head are none", () => {
    const heads = ["head.0.conv", "head.1.conv", "layer1.0", "layer2.0"];
    const network = fakeNetwork(heads.map((module, k) => tensor(`t${k}`, "Conv", cells, module)));
    expect(labels(stagesOf(network))).toEqual(["layer1 = t2", "layer2 = t3"]);
  });
});

describe("a glob", () => {
  it.each([
    ["layer*", ["layer1 = c", "layer2 = e"]],
    ["m.layer*", ["layer1 = c", "layer2 = e"]],
    ["layer?.*.act2", ["layer1.0.act2 = c", "layer2.0.act2 = e"]],
    ["layer[2-9]", ["layer2 = e"]],
    ["{conv1,layer2}", ["conv1 = c1", "layer2 = e"]],
    ["[ab]", ["a = a", "b = b"]],
    ["fc*", []],
  ])("%s", (pattern, expected) => {
    expect(labels(layersMatching(resnet, pattern))).toEqual(expected);
  });

  it("parts tensors' names at slashes too", () => {
    const network = fakeNetwork([
      tensor("/layer1/act/Relu", "Relu", cells),
      tensor("/layer2/act/Relu", "Relu", cells),
    ]);
    expect(labels(layersMatching(network, "/*/act/Relu"))).toHaveLength(2);
    expect(layersMatching(network, "/*")).toEqual([]);
  });
});

it("an unknown name meets the nearest ones, parts of modules among them", () => {
  expect(nearestNames(resnet, "layr2")[0]).toBe("layer2");
  expect(thrown(() => findLayer(resnet, "layr2")).remedy).toContain("nearest names: layer2, layer1");
});
