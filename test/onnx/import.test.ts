import { TensorProto_DataType as DataType } from "onnx-buf";
import { describe, expect, test } from "vitest";
import { print } from "../../src/graph/print.ts";
import { numbersOf } from "../../src/core/tensor.ts";
import { exportModel } from "../../src/onnx/export.ts";
import { run } from "./run.ts";
import {
  floats,
  imageShape,
  imported,
  info,
  ints,
  model,
  node,
  noise,
  stored,
  type SmallModel,
} from "./small-model.ts";

const relu = node("Relu", ["x"], ["y"]);
const recorded = [info("y", imageShape)];

test("says where the model comes from", async () => {
  const bytes = model({ nodes: [relu], recorded, ir: 9, opset: 17, metadata: { mean: "[0.5]" } });
  const { opset, irVersion, producer, metadata, inputSymbolic, widened } = await imported(bytes);
  expect({ opset, irVersion, producer, metadata, inputSymbolic, widened }).toEqual({
    opset: 17,
    irVersion: 9,
    producer: "hand",
    metadata: { mean: "[0.5]" },
    inputSymbolic: false,
    widened: [],
  });
});

describe("constants", () => {
  const quantized: SmallModel = {
    nodes: [
      node("DequantizeLinear", ["w8", "scale", "zero"], ["w"], { axis: 0 }),
      node("Conv", ["x", "w"], ["conv"]),
      node("Identity", ["bias"], ["same"]),
      node("Constant", [], ["shift"], { value_floats: { floats: [1, 2] } }),
      node("Shape", ["conv"], ["shape"], { start: 2 }),
      node("Cast", ["shape"], ["extents"], { to: 1 }),
      node("Mul", ["extents", "shift"], ["area"]),
      node("ReduceProd", ["area"], ["norm"]),
      node("Add", ["conv", "same"], ["sum"]),
      node("Div", ["sum", "norm"], ["y"]),
    ],
    stored: [
      stored(
        "w8",
        DataType.INT8,
        [2, 4, 1, 1],
        new Uint8Array(Int8Array.of(1, -2, 3, 4, 5, 6, 7, -8).buffer),
      ),
    ],
    initializers: {
      scale: floats(0.5, 0.25),
      zero: { dtype: "int8", shape: [2], data: Int8Array.of(0, 1) },
      bias: noise([2, 1, 1]),
    },
    opset: 15,
  };

  test("are folded by one run, dequantized weights and shape arithmetic alike", async () => {
    const runs: [purpose: string, outputs: string[]][] = [];
    const { graph } = await imported(model(quantized), {
      run: async (bytes, feeds, purpose) => {
        const results = await run(bytes, feeds, purpose);
        runs.push([purpose, Object.keys(results)]);
        return results;
      },
    });
    expect(runs).toEqual([["compute its constants", ["w", "norm"]]]);
    expect(print(graph)).toMatchInlineSnapshot(`
      "input x: float32[1,4,6,5]
      constant same: float32[2,1,1]
      constant w: float32[2,4,1,1]
      constant norm: float32[1]
      conv: float32[1,2,6,5] = Conv(x, w; kernel=[1,1]; stride=[1,1]; dilation=[1,1]; before=[0,0]; after=[0,0]; group=1)
      sum: float32[1,2,6,5] = Add(conv, same)
      y: float32[1,2,6,5] = Div(sum, norm)
      return y"
    `);
    const w = graph.constants.get("w");
    expect(w && numbersOf(w)).toEqual([0.5, -1, 1.5, 2, 1, 1.25, 1.5, -2.25]);
    expect(numbersOf(graph.constants.get("norm") ?? floats())).toEqual([6 * 1 * 5 * 2]);
  });

  test("that need no engine do not start one", async () => {
    const nodes = [
      node("Constant", [], ["one"], { value_float: { f: 1 } }),
      node("Constant", [], ["axes"], { value_ints: [2, 3] }),
      node("Identity", ["axes"], ["alias"]),
      node("ReduceMean", ["x", "alias"], ["mean"]),
      node("Add", ["mean", "one"], ["y"]),
    ];
    const types = [info("mean", [1, 4, 1, 1]), info("y", [1, 4, 1, 1])];
    const engine = () => Promise.reject(new Error("no engine here"));
    const { graph } = await imported(model({ nodes, recorded: types }), {
      run: engine,
      infer: () => Promise.resolve(new Map()),
    });
    expect(graph.nodes.map(({ op }) => op)).toEqual(["ReduceMean", "Add"]);
  });

  test("int4 weights behind DequantizeLinear are folded; elsewhere they are refused", async () => {
    const int4 = stored("w4", DataType.INT4, [4, 1, 1], Uint8Array.of(0x21, 0xf3));
    const scale = floats(0.5);
    const nodes = [
      node("Reshape", ["scale", "none"], ["s"]),
      node("DequantizeLinear", ["w4", "s"], ["w"]),
      node("Mul", ["x", "w"], ["y"]),
    ];
    const { graph } = await imported(
      model({ opset: 21, ir: 10, nodes, stored: [int4], initializers: { scale, none: ints() } }),
    );
    const w = graph.constants.get("w");
    expect(w && numbersOf(w)).toEqual([0.5, 1, 1.5, -0.5]);
    const bare = [node("Custom", ["x", "w4"], ["y"], {}, { domain: "odd" })];
    await expect(
      imported(model({ opset: 21, nodes: bare, stored: [int4], recorded, domains: { odd: 1 } })),
    ).rejects.toThrow('net.onnx: tensor "w4" has elements of type int4, which erfit does not compute with');
  });
});

describe("a graph that is not one is refused", () => {
  test.each<[string, SmallModel, string]>([
    [
      "a cycle",
      {
        nodes: [
          node("Add", ["x", "b"], ["a"], {}, { name: "first" }),
          node("Relu", ["a"], ["b"]),
          node("Neg", ["b"], ["y"]),
        ],
      },
      'net.onnx: Add node "first" is part of a cycle',
    ],
    [
      "an undefined input",
      { nodes: [node("Add", ["x", "ghost"], ["y"])] },
      'net.onnx: Add node of "y" reads tensor "ghost", which nothing defines',
    ],
    [
      "a second definition",
      { nodes: [relu, node("Neg", ["x"], ["y"], {}, { name: "n" })] },
      'net.onnx: Neg node "n" defines tensor "y" a second time',
    ],
    [
      "a node that defines an initializer",
      { nodes: [relu], initializers: { y: floats(1) } },
      'defines tensor "y" a second time',
    ],
    ["an undefined output", { nodes: [relu], outputs: ["z"] }, 'net.onnx: nothing defines its output "z"'],
    [
      "an old opset",
      { nodes: [relu], opset: 6 },
      "net.onnx: erfit reads ONNX opset 7 and newer, found opset 6",
    ],
    ["a missing operand", { nodes: [node("Add", ["x"], ["y"])] }, "Add"],
    [
      "an unknown operator",
      { nodes: [node("Wonder", ["x"], ["y"], {}, { name: "w" })] },
      "No Op registered for Wonder",
    ],
    [
      "training mode of every position by itself",
      {
        opset: 8,
        nodes: [
          node("BatchNormalization", ["x", "s", "s", "s", "s"], ["y", "m", "v", "sm", "sv"], { spatial: 0 }),
        ],
        initializers: { s: noise([4, 6, 5]) },
      },
      "is in training mode: export the model for inference",
    ],
    [
      "a window of another rank",
      { nodes: [node("MaxPool", ["x"], ["y"], { kernel_shape: [3] })], recorded },
      'net.onnx: MaxPool node of "y" has a window of 1 dimensions over 2 spatial ones',
    ],
    [
      "an axis beyond the shape",
      { nodes: [node("Concat", ["x", "x"], ["y"], { axis: 9 })], recorded },
      "has axis 9, and its input has 4 dimensions",
    ],
    [
      "a sparse or damaged weight",
      {
        nodes: [node("Mul", ["x", "w"], ["y"])],
        stored: [stored("w", DataType.FLOAT, [1000, 1000], new Uint8Array(8))],
        recorded,
      },
      'net.onnx: tensor "w": expected 4000000 bytes for float[1000,1000], found 8: the file is damaged',
    ],
  ])("%s", async (_, small, message) => {
    await expect(imported(model(small))).rejects.toThrow(message);
    await expect(imported(model(small))).rejects.toMatchObject({ name: "ErfitError", kind: "input" });
  });

  test("nodes out of order are not: they are put in order", async () => {
    const nodes = [node("Neg", ["b"], ["y"]), node("Add", ["a", "x"], ["b"]), node("Relu", ["x"], ["a"])];
    const { graph } = await imported(
      model({ nodes, recorded: ["a", "b", "y"].map((name) => info(name, imageShape)) }),
    );
    expect(graph.nodes.map(({ op }) => op)).toEqual(["Relu", "Add", "Neg"]);
    expect((await run(exportModel(graph), { x: noise(imageShape) }, "test"))["y"]?.shape).toEqual(imageShape);
  });
});
