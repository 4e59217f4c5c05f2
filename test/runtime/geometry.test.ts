import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { calibrate } from "../../src/calibration/calibrate.ts";
import { geometryOf } from "../../src/runtime/geometry.ts";
import { defaultLayer, findLayer, layersOf } from "../../src/runtime/layers.ts";
import type { Network } from "../../src/runtime/network.ts";
import { openModel } from "../../src/runtime/open.ts";
import type { Shape } from "../../src/core/tensor.ts";
import { runOf } from "../calibration/small-run.ts";
import { info, model, node, noise } from "../onnx/small-model.ts";
import { onDisk } from "./small-onnx.ts";

const fixture = (name: string): string => fileURLToPath(new URL(`../fixtures/${name}`, import.meta.url));

const opened = async (path: string): Promise<Network> => (await openModel(path, { threads: 1 })).network;

/** Name, rows and columns, and stride of every layer. */
const listing = (network: Network) =>
  layersOf(network).map((layer) => {
    const { grid } = layer;
    return [layer.name, grid.height, grid.width, ...geometryOf(network, layer).stride];
  });

describe("layers of networks that people met", () => {
  it("strides that differ by axis: all maps are layers, the default is the last", async () => {
    const network = await opened(fixture("cases/stride_2_1.onnx"));
    expect(listing(network)).toEqual([
      ["/c1/Conv_output_0", 16, 32, 2, 2],
      ["/Relu_output_0", 16, 32, 2, 2],
      ["/c2/Conv_output_0", 8, 32, 4, 2],
      ["/Relu_1_output_0", 8, 32, 4, 2],
      ["/c3/Conv_output_0", 4, 32, 8, 2],
      ["/Relu_2_output_0", 4, 32, 8, 2],
    ]);
    expect(defaultLayer(network).name).toBe("/Relu_2_output_0");
    expect(findLayer(network, "c3").grid).toMatchObject({ height: 4, width: 32 });
  });

  it("F.unfold written as Pad, Gather and Transpose, and F.fold: rows and columns are followed through", async () => {
    const network = await opened(fixture("cases/unfold_fold.onnx"));
    const layer = defaultLayer(network);
    expect(layer.name).toBe("relu_1");
    expect(geometryOf(network, layer).stride).toEqual([4, 4]);
    expect(listing(network)).toContainEqual(["col2im", 32, 32, 2, 2]);
    expect(listing(network)).toContainEqual(["view_1", 16, 16, 4, 4]);
  });

  it("squeeze and excitation: the stride is that of the convolutions, and the field is the image", async () => {
    const network = await opened(fixture("cases/stride_behind_se.onnx"));
    const { stride, receptiveField } = geometryOf(network, defaultLayer(network));
    expect(stride).toEqual([16, 16]);
    expect(receptiveField).toEqual({ height: 96, width: 96, centerY: 47.5, centerX: 47.5 });
    const before = geometryOf(network, findLayer(network, "a.4"));
    expect(before).toMatchObject({ stride: [8, 8], receptiveField: { height: 15, centerY: 48 } });
  });

  it("a map larger than the image has a stride below one", async () => {
    const network = await opened(fixture("cases/super_resolution_x2.onnx"));
    expect(listing(network).at(-1)).toEqual(["sr", 96, 96, 0.5, 0.5]);
  });
});

describe.each(["pools_net", "resnet_tiny", "shuffle_se_legacy", "ties_probe", "zoo_opset9"])("%s", (name) => {
  it("has a default layer whose cells cover the image within one stride", async () => {
    const network = await opened(fixture(`gradients/${name}/model.onnx`));
    const layer = defaultLayer(network);
    const [vertical, horizontal] = geometryOf(network, layer).stride;
    const off = [
      (vertical * layer.grid.height - network.input.height) / vertical,
      (horizontal * layer.grid.width - network.input.width) / horizontal,
    ];
    expect(Math.max(...off.map(Math.abs))).toBeLessThanOrEqual(1);
  });
});

const convolution = (
  x: string,
  y: string,
  weights: string,
  [pad, stride]: readonly [number, readonly number[]],
) => node("Conv", [x, weights], [y], { kernel_shape: [3, 3], pads: [pad, pad, pad, pad], strides: stride });

const image: Shape = [1, 3, 32, 64];

/** Text recognition in small: pools of (2, 1) leave one row, which becomes a sequence. */
const textRecognizer = (): Uint8Array =>
  model({
    inputs: [info("image", image)],
    outputs: ["logits"],
    nodes: [
      convolution("image", "a", "a.w", [1, [2, 2]]),
      node("MaxPool", ["a"], ["p"], { kernel_shape: [2, 2], strides: [2, 2] }),
      convolution("p", "b", "b.w", [1, [1, 1]]),
      node("MaxPool", ["b"], ["q"], { kernel_shape: [2, 1], strides: [2, 1] }),
      node("MaxPool", ["q"], ["r"], { kernel_shape: [2, 1], strides: [2, 1] }),
      node("Conv", ["r", "c.w"], ["c"], { kernel_shape: [2, 2] }),
      node("Relu", ["c"], ["last"]),
      node("Squeeze", ["last", "two"], ["sequence"]),
      node("Transpose", ["sequence"], ["steps"], { perm: [2, 0, 1] }),
      node("MatMul", ["steps", "head.w"], ["logits"]),
    ],
    initializers: {
      "a.w": noise([4, 3, 3, 3], 1),
      "b.w": noise([4, 4, 3, 3], 2),
      "c.w": noise([6, 4, 2, 2], 3),
      "head.w": noise([6, 5], 4),
      two: { dtype: "int64", shape: [1], data: BigInt64Array.of(2n) },
    },
  });

describe("a map of one row", () => {
  it("is a layer, alone and as a sequence", async () => {
    const network = await opened(await onDisk(textRecognizer()));
    const { name, grid } = defaultLayer(network);
    expect([name, grid]).toEqual([
      "sequence",
      { layout: "NCT", height: 1, width: 15, channels: 6, prefixTokens: 0 },
    ]);
    const last = findLayer(network, "last");
    expect(geometryOf(network, last)).toMatchObject({ cell: [0, 7], stride: [16, 4] });
    const [here, next] = [geometryOf(network, last, [0, 5]), geometryOf(network, last, [0, 6])];
    expect((next.receptiveField?.centerX ?? 0) - (here.receptiveField?.centerX ?? 0)).toBe(4);
    expect(here.receptiveField?.centerY).toBe(15);
  });

  it("is calibrated as any other", async () => {
    const run = await runOf(textRecognizer());
    const { calibration } = await calibrate(run);
    expect(calibration.layer).toMatchObject({ grid: [1, 15], cell: [0, 7], stride: [16, 4] });
    expect(calibration.fit).not.toBeNull();
    expect(Math.abs((calibration.fit?.centerX.value ?? 0) - (4 * 7 + 3))).toBeLessThan(6);
  });
});

/** A stem of stride 4, and what follows it. */
const after = async (
  nodes: Parameters<typeof model>[0]["nodes"],
  initializers: Parameters<typeof model>[0]["initializers"] = {},
) =>
  opened(
    await onDisk(
      model({
        inputs: [info("image", [1, 3, 64, 48])],
        outputs: ["y"],
        nodes: [
          convolution("image", "a", "a.w", [1, [2, 2]]),
          convolution("a", "b", "b.w", [1, [2, 2]]),
          ...nodes,
        ],
        initializers: { "a.w": noise([4, 3, 3, 3], 1), "b.w": noise([4, 4, 3, 3], 2), ...initializers },
      }),
    ),
  );

describe("the stride in a decoder", () => {
  it("halves at a transposed convolution, whatever the kernel", async () => {
    for (const [kernel, pad] of [
      [2, 0],
      [4, 1],
    ] as const) {
      const network = await after(
        [
          node("ConvTranspose", ["b", "w"], ["y"], {
            kernel_shape: [kernel, kernel],
            strides: [2, 2],
            pads: [pad, pad, pad, pad],
          }),
        ],
        { w: noise([4, 4, kernel, kernel], 3) },
      );
      expect(listing(network).at(-1)).toEqual(["y", 32, 24, 2, 2]);
    }
  });

  it("halves where nearest neighbors are copied, beside a skip connection too", async () => {
    const scales = { dtype: "float32", shape: [4], data: Float32Array.of(1, 1, 2, 2) } as const;
    const network = await after(
      [
        node("Resize", ["b", "", "scales"], ["up"], { mode: "nearest" }),
        node("Concat", ["up", "a"], ["both"], { axis: 1 }),
        node("Relu", ["both"], ["y"]),
      ],
      { scales },
    );
    expect(listing(network).slice(2)).toEqual([
      ["up", 32, 24, 2, 2],
      ["both", 32, 24, 2, 2],
      ["y", 32, 24, 2, 2],
    ]);
  });
});

describe("a path that sees the whole image", () => {
  it("leaves the stride beside selective kernels' sum and an attention over channels", async () => {
    const network = await after(
      [
        node("Add", ["a", "a"], ["sum"]),
        node("GlobalAveragePool", ["sum"], ["mean"]),
        node("Softmax", ["mean"], ["weights"], { axis: 1 }),
        node("Mul", ["a", "weights"], ["weighed"]),
        convolution("weighed", "y", "w", [1, [2, 2]]),
      ],
      { w: noise([4, 4, 3, 3], 3) },
    );
    expect(listing(network).at(-1)).toEqual(["y", 16, 12, 4, 4]);
    const { receptiveField } = geometryOf(network, findLayer(network, "y"));
    expect(receptiveField).toEqual({ height: 64, width: 48, centerY: 31.5, centerX: 23.5 });
  });

  it("attention within areas, which cells share: the stride is the cells' distance", async () => {
    const shape = (...extents: readonly number[]) =>
      ({ dtype: "int64", shape: [extents.length], data: BigInt64Array.from(extents.map(BigInt)) }) as const;
    const network = await after(
      [
        node("Reshape", ["b", "areas"], ["tokens"]),
        node("MatMul", ["tokens", "mixing"], ["mixed"]),
        node("Reshape", ["mixed", "map"], ["y"]),
      ],
      { areas: shape(1, 4, 3, 64), map: shape(1, 4, 16, 12), mixing: noise([64, 64], 3) },
    );
    expect(listing(network).at(-1)).toEqual(["y", 16, 12, 4, 4]);
  });

  it("a field larger than the image that moves with its cell keeps its padding", async () => {
    const network = await after(
      [node("Conv", ["b", "w"], ["y"], { kernel_shape: [31, 31], pads: [15, 15, 15, 15] })],
      { w: noise([2, 4, 31, 31], 3) },
    );
    expect(geometryOf(network, findLayer(network, "y")).receptiveField).toEqual({
      height: 127,
      width: 127,
      centerY: 32,
      centerX: 24,
    });
  });
});
