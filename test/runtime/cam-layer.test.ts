import { describe, expect, it } from "vitest";
import { camLayer, cellsReachScores } from "../../src/runtime/cam-layer.ts";
import { defaultLayer, findLayer } from "../../src/runtime/layers.ts";
import type { Network } from "../../src/runtime/network.ts";
import { openModel } from "../../src/runtime/open.ts";
import { float32, sizeOf } from "../../src/core/tensor.ts";
import { noise } from "../onnx/small-model.ts";
import { casePath } from "./cases.ts";

const opened = async (name: string): Promise<Network> =>
  (await openModel(casePath(name), { threads: 1 })).network;

/** Whether the gradient of the best score by a layer's cells is zero, by running it. */
async function reached(network: Network, name: string): Promise<boolean> {
  const program = await network.differentiate({
    target: network.logits.name,
    objective: { kind: "top" },
    withRespectTo: name,
  });
  const { shape } = network.input;
  const { gradient } = await program.run({ image: float32(shape, noise([sizeOf(shape)], 3).data) });
  await program.release();
  const [, , channels = 1] = gradient.shape;
  return gradient.data.slice(channels).some((value) => value !== 0);
}

describe.each([
  ["class_token", "/blocks/blocks.1/norm1/LayerNormalization_output_0", "/blocks/blocks.1/Add_output_0"],
  ["class_token_hf", "/vit/layers.1/layernorm_before/Add_1_output_0", "/vit/layers.1/Add_output_0"],
])("a vision transformer that reads its class token alone: %s", (file, normalization, residual) => {
  it("is drawn at the last block's first normalization", async () => {
    const network = await opened(file);
    const usual = defaultLayer(network);
    expect(cellsReachScores(network, usual)).toBe(false);
    expect(camLayer(network, usual).name).toBe(normalization);
  });

  it("knows which layers have a gradient: those where running it gives one", async () => {
    const network = await opened(file);
    const names = [defaultLayer(network).name, normalization, residual];
    expect(await Promise.all(names.map((name) => reached(network, name)))).toEqual([false, true, false]);
    expect(names.map((name) => cellsReachScores(network, { name }))).toEqual([false, true, false]);
  });
});

it("any other network is drawn at its default layer", async () => {
  const network = await opened("binary_sigmoid");
  const usual = defaultLayer(network);
  expect(camLayer(network, usual)).toBe(usual);
  expect(camLayer({ ...network, graph: null }, findLayer(network, usual.name)).name).toBe(usual.name);
});
