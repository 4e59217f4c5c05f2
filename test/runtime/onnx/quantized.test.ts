import { describe, expect, test } from "vitest";
import { defaultLayer, layersOf } from "../../../src/runtime/layers.ts";
import { openModel } from "../../../src/runtime/open.ts";
import { float32, type Tensor } from "../../../src/core/tensor.ts";
import { model, node, info, noise, type SmallModel } from "../../onnx/small-model.ts";
import { onDisk } from "../small-onnx.ts";

const scale = float32([], [0.05]);
const zero: Tensor = { dtype: "uint8", shape: [], data: Uint8Array.of(128) };
const weights: Tensor = { dtype: "uint8", shape: [2, 3, 1, 1], data: Uint8Array.of(1, 60, 120, 180, 240, 7) };

/** A convolution in integers between quantization and dequantization; a float convolution before it, if asked for. */
const integers = (before: readonly ReturnType<typeof node>[]): SmallModel => ({
  opset: 13,
  nodes: [
    ...before,
    node("QuantizeLinear", [before.length === 0 ? "x" : "features", "scale", "zero"], ["q"]),
    node(
      "QLinearConv",
      ["q", "scale", "zero", "weights", "scale", "zero", "scale", "zero"],
      ["c"],
      {},
      { name: "conv" },
    ),
    node("DequantizeLinear", ["c", "scale", "zero"], ["y"]),
  ],
  inputs: [info("x", [1, 3, 8, 8])],
  initializers: { scale, zero, weights, w: noise([3, 3, 3, 3]) },
});

const opened = async (small: SmallModel) =>
  (await openModel(await onDisk(model(small)), { threads: 1 })).network;

describe("a network that computes in integers", () => {
  test("the default is the last layer before them, and the others are listed", async () => {
    const network = await opened(integers([node("Conv", ["x", "w"], ["features"], { pads: [1, 1, 1, 1] })]));
    expect(layersOf(network).map(({ name }) => name)).toEqual(["features", "y"]);
    expect(defaultLayer(network).name).toBe("features");
  });

  test("throughout: no layer has a gradient, and the message says what to export", async () => {
    const network = await opened(integers([]));
    expect(() => defaultLayer(network)).toThrow(
      'operator QLinearConv of node "conv" computes in quantized integers: no feature map has a gradient',
    );
  });
});

test("pairs of quantization and dequantization: the default is the last, and the assumption is said once", async () => {
  const network = await opened({
    opset: 13,
    nodes: [
      node("QuantizeLinear", ["x", "scale", "zero"], ["q"]),
      node("DequantizeLinear", ["q", "scale", "zero"], ["d"]),
      node("Conv", ["d", "w"], ["c"]),
      node("QuantizeLinear", ["c", "scale", "zero"], ["cq"]),
      node("DequantizeLinear", ["cq", "scale", "zero"], ["y"]),
    ],
    inputs: [info("x", [1, 3, 8, 8])],
    initializers: { scale, zero, w: noise([4, 3, 3, 3]) },
  });
  expect(layersOf(network).map(({ name }) => name)).toEqual(["d", "c", "y"]);
  expect(defaultLayer(network).name).toBe("y");
  expect(network.remarks).toEqual([
    expect.stringMatching(/: activations are quantized; gradients pass straight/),
  ]);
});
