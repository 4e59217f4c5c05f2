import { readFileSync } from "node:fs";
import { TensorProto_DataType as DataType } from "onnx-buf";
import { describe, expect, test } from "vitest";
import { gradientGraph } from "../../../src/autodiff/gradient.ts";
import { float32, numbersOf, sizeOf, type DType, type Shape, type Tensor } from "../../../src/core/tensor.ts";
import { exportModel } from "../../../src/onnx/export.ts";
import { computedByPyTorch } from "../../fixtures/pytorch/read.ts";
import { gradientOf } from "../gradient.ts";
import { relativeDifference, run } from "../run.ts";
import { imported, info, model, node, noise, type SmallModel } from "../small-model.ts";

/** Whole numbers of a narrow type. */
function whole(
  dtype: "int8" | "uint8" | "int16" | "uint16" | "int32",
  shape: Shape,
  values: readonly number[],
) {
  const arrays = {
    int8: Int8Array,
    uint8: Uint8Array,
    int16: Int16Array,
    uint16: Uint16Array,
    int32: Int32Array,
  };
  const tensor: { readonly dtype: DType; readonly shape: Shape; readonly data: unknown } = {
    dtype,
    shape,
    data: arrays[dtype].from(values),
  };
  return tensor as Tensor; // the type goes with the array
}

const pair = (settings: Parameters<typeof node>[3] = {}, domain = "") => [
  node("QuantizeLinear", ["x", "scale", "zero"], ["q"], settings, { domain }),
  node("DequantizeLinear", ["q", "scale", "zero"], ["y"], settings, { domain }),
];

const said = [expect.stringContaining("activations are quantized; gradients pass straight through")];

describe("QuantizeLinear and DequantizeLinear are PyTorch's fake quantization", () => {
  const types = ["int8", "uint8"] as const;
  const forms = types.flatMap((dtype) => [10, 13, 19, 20, 21, 23].map((opset) => [dtype, opset] as const));

  test.each(forms)("%s, opset %i", async (dtype, opset) => {
    const golden = computedByPyTorch(`fake-quantize-${dtype}`);
    const zero = whole(dtype, [], numbersOf(golden("zero")));
    const small = { opset, nodes: pair(), inputs: [info("x", golden("x").shape)] };
    const { graph, remarks } = await imported(
      model({ ...small, initializers: { scale: golden("scale"), zero } }),
    );
    expect(remarks).toEqual(said);
    const { y } = await run(exportModel(graph), { x: golden("x") }, "test");
    expect(relativeDifference(golden("y"), y)).toBeLessThan(1e-6);
    const dx = await gradientOf(graph, golden("x"), golden("v"));
    expect(relativeDifference(golden("dx"), dx)).toBeLessThan(1e-6);
  });

  const perChannel = computedByPyTorch("fake-quantize-channels");
  test.each<[string, Partial<SmallModel>]>([
    ["an axis", { nodes: pair({ axis: 1 }) }],
    ["an axis from the back", { nodes: pair({ axis: -3 }), opset: 13 }],
    ["the axis by default", { nodes: pair(), opset: 21 }],
    ["ONNX Runtime's domain", { nodes: pair({ axis: 1 }, "com.microsoft"), domains: { "com.microsoft": 1 } }],
  ])("one scale a channel: %s", async (_, small) => {
    const initializers = {
      scale: perChannel("scale"),
      zero: whole("int8", [3], numbersOf(perChannel("zero"))),
    };
    const inputs = [info("x", perChannel("x").shape)];
    const { graph } = await imported(model({ nodes: [], ...small, inputs, initializers }));
    const { y } = await run(exportModel(graph), { x: perChannel("x") }, "test");
    expect(relativeDifference(perChannel("y"), y)).toBeLessThan(1e-6);
    const dx = await gradientOf(graph, perChannel("x"), perChannel("v"));
    expect(relativeDifference(perChannel("dx"), dx)).toBeLessThan(1e-6);
  });
});

const shape: Shape = [1, 4, 6, 5];
const scale = float32([], [0.004]);

/** What the file computes and what the imported graph computes. */
async function bothWays(small: SmallModel, feed: Tensor = noise(shape, 5)) {
  const bytes = model(small);
  const { graph } = await imported(bytes);
  const [name = ""] = graph.inputs.map((input) => input.name);
  const [expected, found] = [
    await run(bytes, { [name]: feed }, "test"),
    await run(exportModel(graph), { [name]: feed }, "test"),
  ];
  const [output = ""] = graph.outputs.map((value) => value.name);
  return { graph, difference: relativeDifference(expected[output], found[output]) };
}

describe("further forms", () => {
  test("16 bits, whose type an attribute or the zero point names", async () => {
    const zero = whole("int16", [], [-5]);
    const exact = { opset: 21, initializers: { scale: float32([], [1e-4]), zero } };
    const { graph, difference } = await bothWays({ ...exact, nodes: pair() });
    expect(difference).toBeLessThan(1e-6);
    expect(exportModel(graph).length).toBeGreaterThan(0);
    const attribute = await bothWays({
      ...exact,
      nodes: [
        node("QuantizeLinear", ["x", "scale"], ["q"], { output_dtype: DataType.INT16 }),
        node("DequantizeLinear", ["q", "scale"], ["y"]),
      ],
    });
    expect(attribute.difference).toBeLessThan(1e-6);
    const v = noise(shape, 6);
    // All elements lie in the range: the pair counts as the identity.
    expect(relativeDifference(v, await gradientOf(attribute.graph, noise(shape, 5), v))).toBeLessThan(1e-6);
  });

  test("no zero point: 8 bits without a sign, negative elements are clamped", async () => {
    const nodes = [
      node("QuantizeLinear", ["x", "scale"], ["q"]),
      node("DequantizeLinear", ["q", "scale"], ["y"]),
    ];
    const { graph, difference } = await bothWays({ opset: 13, nodes, initializers: { scale } });
    expect(difference).toBeLessThan(1e-6);
    const [x, v] = [noise(shape, 5), noise(shape, 6)];
    const levels = numbersOf(x).map((value) => Math.round(value / 0.004));
    const inside = numbersOf(v).map((value, i) =>
      (levels[i] ?? 0) >= 0 && (levels[i] ?? 0) <= 255 ? value : 0,
    );
    expect(relativeDifference(float32(shape, inside), await gradientOf(graph, x, v))).toBeLessThan(1e-6);
  });

  test("layout and pooling between the two", async () => {
    const zero = whole("uint8", [], [128]);
    const coarse = float32([], [0.01]);
    const nodes = [
      node("QuantizeLinear", ["x", "scale", "zero"], ["q"]),
      node("Transpose", ["q"], ["turned"], { perm: [0, 1, 3, 2] }),
      node("MaxPool", ["turned"], ["pooled"], { kernel_shape: [1, 1], strides: [2, 2] }),
      node("Reshape", ["pooled", "flat"], ["row"]),
      node("DequantizeLinear", ["row", "scale", "zero"], ["y"]),
    ];
    const flat: Tensor = { dtype: "int64", shape: [2], data: BigInt64Array.of(1n, -1n) };
    const { graph, difference } = await bothWays({ nodes, initializers: { scale: coarse, zero, flat } });
    expect(difference).toBeLessThan(1e-6);
    const size = sizeOf(graph.outputs[0]?.shape ?? []);
    const ones = float32([1, size], new Float32Array(size).fill(1));
    const dx = numbersOf(await gradientOf(graph, noise(shape, 5), ones));
    expect(dx.filter((value) => value !== 0)).toHaveLength(size);
  });
});

describe("dynamic quantization", () => {
  const weights = whole(
    "int8",
    [3, 4, 3, 3],
    numbersOf(noise([3, 4, 3, 3])).map((value) => Math.round(127 * value)),
  );
  const convolution: SmallModel = {
    opset: 13,
    nodes: [
      node("DynamicQuantizeLinear", ["x"], ["q", "step", "zero"]),
      node("ConvInteger", ["q", "weights", "zero", "point"], ["sum"], { pads: [1, 1, 1, 1] }),
      node("Cast", ["sum"], ["float"], { to: 1 }),
      node("Mul", ["step", "scale"], ["steps"]),
      node("Mul", ["float", "steps"], ["y"]),
    ],
    initializers: { weights, scale, point: whole("int8", [], [2]) },
  };

  test("of a convolution: the gradient is the float convolution's", async () => {
    const { graph, difference } = await bothWays(convolution);
    expect(difference).toBeLessThan(1e-5);
    const dequantized = numbersOf(weights).map((value) => 0.004 * (value - 2));
    const float = await imported(
      model({
        nodes: [node("Conv", ["x", "w"], ["y"], { pads: [1, 1, 1, 1] })],
        initializers: { w: float32([3, 4, 3, 3], dequantized) },
      }),
    );
    const [x, v] = [noise(shape, 5), noise([1, 3, 6, 5], 6)];
    const expected = await gradientOf(float.graph, x, v);
    expect(relativeDifference(expected, await gradientOf(graph, x, v))).toBeLessThan(1e-5);
  });

  test("the cone of a cell computes the scale of the whole image", async () => {
    const { graph } = await imported(model(convolution));
    const [[image], [y]] = [graph.inputs, graph.outputs];
    if (image === undefined || y === undefined) throw new Error("no input or output");
    const objective = { kind: "channel-mean", cell: [null, null, 2, 3] } as const;
    const gradients = await Promise.all(
      [false, true].map(async (cone) => {
        const program = gradientGraph(graph, { target: y, objective, withRespectTo: image, cone });
        return (await run(exportModel(program.graph), { x: noise(shape, 5) }, "test"))[program.gradient.name];
      }),
    );
    expect(relativeDifference(gradients[0], gradients[1])).toBeLessThan(1e-6);
  });

  test("of a matrix product, with a zero point for each row and column", async () => {
    const nodes = [
      node("Reshape", ["x", "matrix"], ["rows"]),
      node("QuantizeLinear", ["rows", "step", "zero"], ["q"]),
      node("MatMulInteger", ["q", "weights", "points", "columns"], ["sum"]),
      node("Cast", ["sum"], ["float"], { to: 1 }),
      node("Mul", ["float", "step"], ["y"]),
    ];
    const matrix: Tensor = { dtype: "int64", shape: [2], data: BigInt64Array.of(24n, 5n) };
    const initializers = {
      matrix,
      step: float32([], [0.01]),
      zero: whole("uint8", [], [128]),
      points: whole("uint8", [], [128]),
      weights: whole("uint8", [5, 2], [1, 2, 3, 40, 50, 60, 255, 0, 7, 9]),
      columns: whole("uint8", [2], [3, 100]),
    };
    const { difference } = await bothWays({ nodes, initializers });
    expect(difference).toBeLessThan(1e-6);
  });

  test("integers that anything but a Cast reads stay integers, without a gradient", async () => {
    const [dq, conv] = convolution.nodes;
    if (dq === undefined || conv === undefined) throw new Error("no nodes");
    const nodes = [
      dq,
      conv,
      node("Add", ["sum", "bias"], ["more"]),
      node("Cast", ["more"], ["float"], { to: 1 }),
      node("Mul", ["float", "scale"], ["y"]),
    ];
    const initializers = { ...convolution.initializers, bias: whole("int32", [3, 1, 1], [7, 8, 9]) };
    const { graph, difference } = await bothWays({ ...convolution, nodes, initializers });
    expect(difference).toBeLessThan(1e-6);
    await expect(gradientOf(graph, noise(shape), noise([1, 3, 6, 5]))).rejects.toThrow(
      'operator Add of node "Add #2" has no gradient',
    );
  });
});

describe("what has no gradient", () => {
  const quantizedConvolution: SmallModel = {
    opset: 13,
    nodes: [
      node("QuantizeLinear", ["x", "scale", "zero"], ["q"]),
      node(
        "QLinearConv",
        ["q", "scale", "zero", "weights", "scale", "zero", "scale", "zero"],
        ["c"],
        {},
        { name: "conv" },
      ),
      node("DequantizeLinear", ["c", "scale", "zero"], ["y"]),
    ],
    initializers: {
      scale: float32([], [0.01]),
      zero: whole("uint8", [], [128]),
      weights: whole("uint8", [2, 4, 1, 1], [1, 50, 100, 150, 200, 250, 128, 7]),
    },
  };

  test("integer arithmetic throughout is refused with what to do", async () => {
    const { graph } = await imported(model(quantizedConvolution));
    await expect(gradientOf(graph, noise(shape), noise([1, 2, 6, 5]))).rejects.toMatchObject({
      message: expect.stringContaining(
        'operator QLinearConv of node "conv" computes in quantized integers and has no gradient',
      ) as string,
      remedy: "export the float model, or quantize with pairs of QuantizeLinear and DequantizeLinear (QDQ)",
    });
  });

  test("truncation: a float that becomes an integer and a float again", async () => {
    const nodes = [
      node("Mul", ["x", "hundred"], ["large"]),
      node("Cast", ["large"], ["whole"], { to: DataType.INT32 }),
      node("Cast", ["whole"], ["y"], { to: DataType.FLOAT }),
    ];
    const { graph } = await imported(model({ nodes, initializers: { hundred: float32([], [100]) } }));
    const dx = await gradientOf(graph, noise(shape), noise(shape, 2));
    expect(numbersOf(dx).every((value) => value === 0)).toBe(true);
  });

  test("8-bit floats are named, not read", async () => {
    const nodes = [
      node("Cast", ["x"], ["f8"], { to: DataType.FLOAT8E4M3FN }),
      node("Cast", ["f8"], ["y"], { to: DataType.FLOAT }),
    ];
    await expect(imported(model({ nodes }))).rejects.toThrow(
      'net.onnx: Cast node of "f8" makes float8e4m3fn, which erfit does not compute with',
    );
  });
});

describe("the cases", () => {
  const read = (name: string) =>
    new Uint8Array(readFileSync(new URL(`../../fixtures/cases/${name}.onnx`, import.meta.url)));

  test.each([
    ["qdq", "deep"],
    ["dynamic_int8", "y"],
  ])("%s has a gradient that is not zero", async (name, output) => {
    const { graph, remarks, input } = await imported(read(name));
    expect(remarks).toEqual(said);
    expect(graph.outputs.map((value) => value.name)).toEqual([output]);
    const dx = await gradientOf(graph, noise(input.shape), noise(graph.outputs[0]?.shape ?? []));
    expect(numbersOf(dx).some((value) => value !== 0)).toBe(true);
  });

  test("crnn_shape_dq: a node of whose outputs some are known is written once", async () => {
    const { graph } = await imported(read("crnn_shape_dq"));
    expect(graph.outputs.map((value) => value.shape)).toEqual([[8, 5]]);
  });
});
