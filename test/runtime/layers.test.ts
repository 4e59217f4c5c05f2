import { describe, expect, it } from "vitest";
import { defaultLayer, findLayer, findTensor, layersOf, type Layer } from "../../src/runtime/layers.ts";
import { geometryOf } from "../../src/runtime/geometry.ts";
import type { Network } from "../../src/runtime/network.ts";
import { openModel } from "../../src/runtime/open.ts";
import { fakeNetwork, tensor } from "./fake-network.ts";
import { onDisk, smallOnnx } from "./small-onnx.ts";
import { thrown } from "../thrown.ts";

const resnet = fakeNetwork(
  [
    tensor("conv1_out", "Conv", [1, 64, 112, 112], "conv1"),
    tensor("pool1", "MaxPool", [1, 64, 56, 56], "maxpool"),
    tensor("a", "Conv", [1, 512, 7, 7], "layer4.0.conv1"),
    tensor("b", "Relu", [1, 512, 7, 7], "layer4.0.relu"),
    tensor("c", "Relu", [1, 512, 7, 7], "layer40.relu"),
    tensor("pooled", "AveragePool", [1, 512, 4, 4], "avgpool"),
    tensor("mean", "ReduceMean", [1, 512, 1, 1], "head.pool"),
    tensor("logits", "Gemm", [1, 10], "head.fc"),
  ],
  { offPath: new Set(["aux_head"]) },
);

describe("layers", () => {
  it("are the maps of at least two by two cells, in order", () => {
    expect(layersOf(resnet).map(({ name }) => name)).toEqual(["conv1_out", "pool1", "a", "b", "c", "pooled"]);
  });

  it("the default is the last that is no pool's output", () => {
    expect(defaultLayer(resnet).name).toBe("c");
  });

  it("the sidecar's choice goes before it, even a pool", () => {
    expect(defaultLayer(resnet, "pool1").name).toBe("pool1");
    expect(thrown(() => defaultLayer(resnet, "gone")).message).toContain('"gone"');
  });

  it("nor a part of one, nor in a head that still has positions", () => {
    const vit = fakeNetwork([
      tensor("normed", "LayerNormalization", [1, 197, 192], "norm"),
      tensor("cells", "Slice", [1, 196, 192]),
      tensor("keys", "Add", [1, 196, 384], "attn_pool.kv"),
    ]);
    expect(defaultLayer(vit).name).toBe("normed");
    expect(defaultLayer(fakeNetwork([tensor("keys", "Add", [1, 196, 384], "attn_pool.kv")])).name).toBe(
      "keys",
    );
  });

  it("is one whose gradient can be built", () => {
    const barred = { ...resnet, hasGradient: (name: string) => name !== "b" && name !== "c" };
    expect(defaultLayer(barred).name).toBe("a");
  });

  it("a pool is better than nothing", () => {
    expect(defaultLayer(fakeNetwork([tensor("p", "MaxPool", [1, 8, 7, 7])])).name).toBe("p");
  });

  it("none at all is said", () => {
    const error = thrown(() => defaultLayer(fakeNetwork([tensor("logits", "Gemm", [1, 10])])));
    expect(error.message).toContain("no feature map");
    expect(error.kind).toBe("input");
  });
});

describe("a stated grid", () => {
  const vit = fakeNetwork([
    tensor("early", "Add", [1, 785, 96], "stages.0"),
    tensor("late", "Add", [1, 211, 192], "stages.1"),
    tensor("logits", "Gemm", [1, 10], "fc"),
  ]);

  it("is that of the tokens whose number allows it, and the default layer has it", () => {
    expect(layersOf(vit).map(({ name }) => name)).toEqual(["early"]);
    expect(layersOf(vit, [14, 15]).map(({ name, grid }) => [name, grid.height, grid.width])).toEqual([
      ["early", 28, 28],
      ["late", 14, 15],
    ]);
    expect(defaultLayer(vit, undefined, [14, 15]).name).toBe("late");
    expect(defaultLayer(vit, "late", [14, 15]).grid.prefixTokens).toBe(1);
    expect(findLayer(vit, "stages.1", [15, 14]).grid).toMatchObject({ height: 15, width: 14 });
  });

  it("that no layer has, or not this one, is refused with both", () => {
    const error = thrown(() => findLayer(vit, "early", [14, 14]));
    expect(error.message).toContain('layer "early" of shape [1, 785, 96] is no grid of 14 x 14 cells');
    expect(error.message).toContain("28 x 28");
    expect(thrown(() => defaultLayer(vit, undefined, [3, 3])).message).toContain("3 x 3 cells");
    expect(thrown(() => findLayer(vit, "late")).remedy).toContain("grid: 14,14");
  });
});

describe("a layer by its name", () => {
  it("is the tensor, or the last tensor of the module and what is inside it", () => {
    expect(findTensor(resnet, "a").name).toBe("a");
    expect(findTensor(resnet, "layer4.0.conv1").name).toBe("a");
    expect(findTensor(resnet, "layer4").name).toBe("b"); // layer40 is another module
    expect(findTensor(resnet, "head").name).toBe("logits");
  });

  it("may leave out a root that all modules share", () => {
    const network = fakeNetwork([
      tensor("a", "Conv", [1, 4, 7, 7], "model.layer3.0.conv1"),
      tensor("b", "Relu", [1, 4, 7, 7], "model.layer4.1.act"),
    ]);
    expect(findTensor(network, "layer3").name).toBe("a");
    expect(() => findTensor(network, "layer5")).toThrow(/no layer named "layer5"/);
  });

  it("a tensor's name goes before a module's", () => {
    const network = fakeNetwork([
      tensor("x", "Conv", [1, 4, 7, 7], "y"),
      tensor("y", "Relu", [1, 4, 7, 7], "x"),
    ]);
    expect([findTensor(network, "x").name, findTensor(network, "y").name]).toEqual(["x", "y"]);
  });

  it("an unknown name meets the nearest ones", () => {
    const error = thrown(() => findTensor(resnet, "Layer4.0.conv2"));
    expect(error.message).toBe('no layer named "Layer4.0.conv2"');
    expect(error.remedy).toMatch(/^nearest names: layer4\.0\.conv1, /);
    expect(error.remedy).toContain("erfit layers");
    expect(error.kind).toBe("input");
  });

  it("one that the image does not reach is told from one that is not there", () => {
    const error = thrown(() => findTensor(resnet, "aux_head"));
    expect(error.message).toContain('"aux_head" is in the file, but the image does not reach it');
  });

  it("a network without any layer says so", () => {
    expect(thrown(() => findTensor(fakeNetwork([]), "x")).remedy).toContain("no tensor");
  });

  it("a tensor that is no map is refused with its shape", () => {
    const error = thrown(() => findLayer(resnet, "logits"));
    expect(error.message).toContain('"logits" of shape [1, 10] is not a feature map');
  });
});

describe("a layer's geometry", () => {
  const layerOf = (network: Network, name: string): Layer => findLayer(network, name);

  it("of a real network: the central cell, the stride between cells, the field", async () => {
    const { network } = await openModel(await onDisk(smallOnnx()), { threads: 1 });
    expect(geometryOf(network, layerOf(network, "conv2"))).toEqual({
      cell: [6, 5],
      stride: [2, 2],
      receptiveField: { height: 5, width: 5, centerY: 12, centerX: 10 },
    });
    expect(geometryOf(network, layerOf(network, "relu"), [0, 0])).toEqual({
      cell: [0, 0],
      stride: [1, 1],
      receptiveField: { height: 3, width: 3, centerY: 0, centerX: 0 },
    });
  });

  it("has the spacing of the fields, along each axis, not that of the grid", () => {
    const moving: Network = {
      ...resnet,
      receptiveField: (_, [, , row, column]) => ({
        height: 9,
        width: 9,
        centerY: 16 * (row ?? 0),
        centerX: 8 * (column ?? 0),
      }),
    };
    expect(geometryOf(moving, layerOf(moving, "a")).stride).toEqual([16, 8]);
  });

  it("falls back on the grid's spacing where fields do not move, or nothing is known", () => {
    const everywhere = { height: 224, width: 224, centerY: 111.5, centerX: 111.5 };
    const mixing: Network = { ...resnet, receptiveField: () => everywhere };
    expect(geometryOf(mixing, layerOf(mixing, "a"))).toEqual({
      cell: [3, 3],
      stride: [32, 32],
      receptiveField: everywhere,
    });
    expect(geometryOf(resnet, layerOf(resnet, "a"))).toMatchObject({
      stride: [32, 32],
      receptiveField: null,
    });
  });
});
