import { createHash } from "node:crypto";
import { basename, join } from "node:path";
import { describe, expect, it } from "vitest";
import { findTensor, layersOf } from "../../../src/runtime/layers.ts";
import { openModel, type OpenOptions } from "../../../src/runtime/open.ts";
import { withOutput } from "../../../src/runtime/outputs.ts";
import { openBackend } from "../../../src/runtime/tfjs/backends.ts";
import { unfused } from "../../../src/runtime/tfjs/model/graph-nodes.ts";
import { float32 } from "../../../src/core/tensor.ts";
import { noise } from "../../onnx/small-model.ts";
import { fill, scratchFolder } from "../../input/pictures.ts";
import { withNode } from "./backends.ts";
import { asGraph } from "./twins/as-graph.ts";
import { asLayers } from "./twins/as-layers.ts";
import { withWeights, type ModelFiles } from "./twins/files.ts";
import { smallTwin } from "./twins/network.ts";

const options: OpenOptions = { threads: 1, backend: "cpu" };

async function opened(files: ModelFiles) {
  const folder = await scratchFolder();
  await fill(folder, files);
  return { folder, ...(await openModel(folder, options)) };
}

const sha256 = (files: readonly (string | Uint8Array | undefined)[]) =>
  files.reduce((hash, file) => hash.update(file ?? ""), createHash("sha256")).digest("hex");

describe("an opened TF.js model", () => {
  it("is named by its folder and hashed with its shards, in their order", async () => {
    const files = asLayers(smallTwin);
    const { folder, file, path, sha256: found } = await opened(files);
    expect(path).toBe(join(folder, "model.json"));
    expect(file).toBe(join(basename(folder), "model.json"));
    expect(found).toBe(sha256([files["model.json"], files["group1-shard1of1.bin"]]));
  });

  it("has logits in front of its softmax, and names what lies before an activation", async () => {
    const [layers, graph] = [await opened(asLayers(smallTwin)), await opened(asGraph(smallTwin))];
    expect(layers.network.logits).toMatchObject({ name: "predictions/linear", shape: [1, 4] });
    expect(layers.network.output).toMatchObject({ name: "predictions", operator: "Softmax" });
    expect(graph.network.logits).toMatchObject({ name: "predictions/logits", shape: [1, 4] });
    expect(graph.network.output).toMatchObject({ name: "Identity", operator: "Identity" });
    expect([layers.network.graph, graph.network.graph]).toEqual([null, null]);
    expect(layersOf(layers.network).map(({ name }) => name)).toEqual([
      ...["stem/linear", "stem", "depthwise", "normalized", "rectified", "project", "shortcut"],
      ...["maximum", "average", "last/linear", "last"],
    ]);
    expect(graph.network.engine).toMatch(/^tfjs 4\.\d+\.\d+, cpu/);
  });

  it("says which weights are not finite", async () => {
    const spoilt = smallTwin.layers.map((layer) =>
      layer.name === "stem" && layer.kind === "convolution"
        ? { ...layer, bias: float32([8], new Float32Array(8).fill(NaN)) }
        : layer,
    );
    const { network } = await opened(asGraph({ ...smallTwin, layers: spoilt }));
    const attempt = async () => network.differentiate({ target: "last", objective: { kind: "top" } });
    await expect(attempt()).rejects.toThrow("hold NaN or infinity: stem/bias");
  });

  it("finds a graph's layers by Keras' names for their scopes", async () => {
    const inScope = JSON.parse(
      String(asGraph(smallTwin)["model.json"]).replaceAll(/"(last|stem)(\/\w+)?"/g, '"model/$1$2/Relu"'),
    ) as object; // what asGraph wrote
    const { network } = await opened({ ...asGraph(smallTwin), "model.json": JSON.stringify(inScope) });
    expect(findTensor(network, "model.last").name).toBe("model/last/Relu");
  });
});

describe("a TF.js model's logits", () => {
  /** Names of the logits and of the output of one matrix and what follows it. */
  const chain = async (activation: string, ...more: readonly object[]) => {
    const dense = { name: "dense", units: 4, use_bias: false, activation };
    const pooled = { name: "pooled", batch_input_shape: [null, 5, 6, 3] };
    const inTurn = [
      { class_name: "GlobalAveragePooling2D", config: pooled },
      { class_name: "Dense", config: dense },
      ...more,
    ];
    const modelTopology = {
      model_config: { class_name: "Sequential", config: { name: "net", layers: inTurn } },
    };
    return (await opened(withWeights({ modelTopology }, { "dense/kernel": noise([3, 4], 2) }))).network;
  };
  const ends = async (activation: string, ...more: readonly object[]) => {
    const { logits, output } = await chain(activation, ...more);
    return [logits.name, output.name];
  };
  const reshape = { class_name: "Reshape", config: { name: "reshaped", target_shape: [2, 2] } };

  it("are what a softmax or its logarithm reads, in a layer or of its own", async () => {
    expect(await ends("softmax")).toEqual(["dense/linear", "dense"]);
    expect(await ends("logSoftmax")).toEqual(["dense/linear", "dense"]);
    const softmax = { class_name: "Softmax", config: { name: "p", axis: -1 } };
    expect(await ends("linear", softmax, reshape)).toEqual(["dense", "reshaped"]);
  });

  it("are what a sigmoid reads", async () => {
    expect(await ends("sigmoid", reshape)).toEqual(["dense/linear", "reshaped"]);
  });

  it("are the output where it comes from no softmax and no sigmoid", async () => {
    expect(await ends("linear")).toEqual(["dense", "dense"]);
    expect(await ends("hardSigmoid")).toEqual(["dense", "dense"]);
  });

  it("become probabilities as the output ends", async () => {
    const rule = async (activation: string) => (await chain(activation)).probability;
    expect(await Promise.all(["softmax", "sigmoid", "hardSigmoid", "linear"].map(rule))).toEqual([
      ...["softmax", "sigmoid", "identity", "softmax"],
    ]);
  });

  it("are looked for among all outputs of a model", async () => {
    const input = { batch_input_shape: [null, 5, 6, 3] };
    const call = (layer: string) => [[[layer, 0, 0, {}]]];
    const dense = { name: "scores", units: 4, use_bias: false, activation: "softmax" };
    const layers = [
      { class_name: "InputLayer", name: "image", config: { name: "image", ...input }, inbound_nodes: [] },
      { class_name: "ReLU", name: "maps", config: { name: "maps" }, inbound_nodes: call("image") },
      {
        class_name: "GlobalAveragePooling2D",
        name: "pooled",
        config: { name: "pooled" },
        inbound_nodes: call("maps"),
      },
      { class_name: "Dense", name: "scores", config: dense, inbound_nodes: call("pooled") },
    ];
    const ends = ["maps", "pooled", "scores"].map((name) => [name, 0, 0]);
    const config = { name: "net", layers, input_layers: [["image", 0, 0]], output_layers: ends };
    const modelTopology = { model_config: { class_name: "Model", config } };
    const { network } = await opened(withWeights({ modelTopology }, { "scores/kernel": noise([3, 4], 2) }));
    expect(network.outputs.map(({ name }) => name)).toEqual(["maps", "pooled", "scores"]);
    expect(network.output.name).toBe("maps");
    expect(withOutput(network, undefined)).toMatchObject({
      output: { name: "scores" },
      logits: { name: "scores/linear" },
      probability: "softmax",
    });
  });
});

describe("models inside models", () => {
  const kernel = noise([3, 3, 3, 4], 1);
  const convolution = (name: string, more: object = {}) => ({
    class_name: "Conv2D",
    config: {
      ...{ name, filters: 4, kernel_size: [3, 3], strides: [2, 2], padding: "same", use_bias: false },
      ...{ activation: "relu", data_format: "channels_last", dilation_rate: [1, 1] },
      ...more,
    },
  });
  /** As Teachable Machine writes them: a sequence whose first layer is a model. */
  const sequential = (name: string, layers: readonly object[]) => ({
    class_name: "Sequential",
    config: { name, layers },
  });

  it("are opened up, and their layers keep their names", async () => {
    const backbone = sequential("backbone", [
      convolution("conv", { batch_input_shape: [null, 16, 16, 3] }),
      { class_name: "ReLU", config: { name: "act" } },
    ]);
    const head = sequential("head", [
      {
        class_name: "GlobalAveragePooling2D",
        config: { name: "pooled", batch_input_shape: [null, 8, 8, 4] },
      },
      { class_name: "Dense", config: { name: "dense", units: 2, activation: "softmax", use_bias: false } },
    ]);
    const modelTopology = { model_config: sequential("whole", [backbone, head]) };
    const weights = { "conv/kernel": kernel, "dense/kernel": noise([4, 2], 2) };
    const { network } = await opened(withWeights({ modelTopology }, weights));
    expect(network.tensors.map(({ name }) => name)).toEqual([
      ...["conv/linear", "conv", "act", "pooled", "dense/linear", "dense"],
    ]);
    expect([network.logits.name, network.output.name]).toEqual(["dense/linear", "dense"]);
    expect(findTensor(network, "dense").module).toMatch(/head\.dense$/);
  });
});

describe("a normalization without scale or offset", () => {
  /** Two images of one network: with weights that change nothing, and without them. */
  const normalized = (scale: boolean, center: boolean): ModelFiles => {
    const common = { axis: -1, epsilon: 1e-3, momentum: 0.99 };
    const input = { batch_input_shape: [null, 6, 5, 3] };
    const layer = {
      class_name: "BatchNormalization",
      config: { name: "bn", ...input, ...common, scale, center },
    };
    const modelTopology = {
      model_config: { class_name: "Sequential", config: { name: "net", layers: [layer] } },
    };
    const ones = float32([3], [1, 1, 1]);
    return withWeights(
      { modelTopology },
      {
        ...(scale ? { "bn/gamma": ones } : {}),
        ...(center ? { "bn/beta": float32([3], [0, 0, 0]) } : {}),
        "bn/moving_mean": noise([3], 1),
        "bn/moving_variance": float32([3], [0.5, 1, 2]),
      },
    );
  };
  const gradient = async (files: ModelFiles) => {
    const { network } = await opened(files);
    const objective = { kind: "channel-mean", cell: [0, 2, 3, null] } as const;
    const program = await network.differentiate({ target: "bn", objective });
    return (await program.run({ image: noise([1, 6, 5, 3], 4) })).gradient.data;
  };

  it("has the gradient that it has with a scale of 1 and an offset of 0", async () => {
    const expected = await gradient(normalized(true, true));
    expect(expected[(2 * 5 + 3) * 3]).toBeCloseTo(1 / 3 / Math.sqrt(0.501), 5);
    for (const [scale, center] of [
      [false, true],
      [true, false],
      [false, false],
    ] as const)
      expect(await gradient(normalized(scale, center))).toEqual(expected);
  });
});

describe("a fused node", () => {
  const fusedOps = (...names: readonly string[]) => ({
    fused_ops: { list: { s: names.map((name) => Buffer.from(name).toString("base64")) } },
  });

  it("is the operators that were fused, the last under its name", () => {
    const node = {
      name: "conv",
      op: "_FusedConv2D",
      input: ["x", "w", "b", "slope"],
      attr: fusedOps("BiasAdd", "Prelu"),
    };
    expect(unfused(node).map(({ name, op, input }) => [name, op, ...input])).toEqual([
      ["conv/product", "Conv2D", "x", "w"],
      ["conv/linear", "BiasAdd", "conv/product", "b"],
      ["conv", "Prelu", "conv/linear", "slope"],
    ]);
    const alone = { ...node, input: ["x", "w"], attr: fusedOps("LeakyRelu") };
    expect(unfused(alone).map(({ name, op }) => [name, op])).toEqual([
      ["conv/product", "Conv2D"],
      ["conv", "LeakyRelu"],
    ]);
  });

  it("and any other node is itself", () => {
    const node = { name: "act", op: "Relu", input: ["x"], attr: {} };
    expect(unfused(node)).toEqual([node]);
  });
});

describe("the backend that nobody chose", () => {
  it.runIf(withNode)("is tfjs-node where it is there, without a remark", async () => {
    expect(await openBackend(undefined, 1)).toMatchObject({ name: "tfjs-node", remark: undefined });
  });

  it.skipIf(withNode)("is wasm otherwise, with one line on why and how to get the faster one", async () => {
    const { name, remark } = await openBackend(undefined, 1);
    expect(name).toBe("wasm");
    expect(remark).toMatch(/computes on wasm, .* slower .*tfjs-node .*npm install @tensorflow\/tfjs-node/);
    await expect(openBackend("tfjs-node", 1)).rejects.toThrow(/backend: tfjs-node: tfjs-node/);
  });

  it("leaves the process its own handlers of failures", async () => {
    await openBackend("wasm", 1);
    const names = process.listeners("unhandledRejection").map(String);
    expect(names.filter((source) => source.includes("throw reason"))).toEqual([]);
  });
});
