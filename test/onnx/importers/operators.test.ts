import { expect, test } from "vitest";
import type { Op } from "../../../src/graph/operators.ts";
import { exportModel } from "../../../src/onnx/export.ts";
import { importers } from "../../../src/onnx/importers/table.ts";
import { relativeDifference, run } from "../run.ts";
import { comparison, type Case } from "./case.ts";
import { float, floats, imageShape, imported, ints, model, node, noise } from "../small-model.ts";
import { float32, int64, type Shape } from "../../../src/core/tensor.ts";

const one = float32([], [0.3]);
const per4 = (seed: number) => noise([4], seed);
const positive = (shape: Shape) =>
  float32(
    shape,
    noise(shape, 9).data.map((value) => Math.abs(value) + 0.5),
  );

const kernel = { kernel_shape: [3, 3] };
const strided = { ...kernel, strides: [2, 2] };
const weights = noise([6, 4, 3, 3], 2);
const transposed = noise([4, 3, 3, 3], 2);

/** x / √(mean of squares + ε), times the scale. */
const rms: readonly Op[] = ["Mul", "ReduceMean", "Add", "Sqrt", "Div", "Mul"];

const cases: Readonly<Record<string, readonly Case[]>> = {
  ...Object.fromEntries(
    [
      "Identity",
      "Neg",
      "Abs",
      "Sign",
      "Reciprocal",
      "Exp",
      "Sin",
      "Cos",
      "Erf",
      "Floor",
      "Ceil",
      "Round",
    ].map((op) => [op, [{}]]),
  ),
  ...Object.fromEntries(
    ["Relu", "Sigmoid", "Tanh", "Softplus", "Softsign"].map((op) => [op, [{}, { opset: 7 }]]),
  ),
  HardSwish: [{ opset: 14 }],
  Mish: [{ opset: 18 }],
  LeakyRelu: [{}, { attributes: { alpha: float(0.3) }, opset: 7 }],
  ThresholdedRelu: [{ attributes: { alpha: float(0.1) } }],
  Elu: [{ attributes: { alpha: float(0.7) } }],
  Celu: [{ attributes: { alpha: float(0.7) } }],
  Selu: [{}, { attributes: { alpha: float(1.5), gamma: float(1.2) } }],
  HardSigmoid: [{}, { attributes: { alpha: float(0.3), beta: float(0.4) } }],
  Gelu: [{}, { attributes: { approximate: "tanh" } }],
  Swish: [{ opset: 24, becomes: ["Sigmoid", "Mul"] }],
  Shrink: [
    {
      attributes: { lambd: float(0.3), bias: float(0.1) },
      becomes: ["Greater", "Sub", "Where", "Less", "Add", "Where"],
    },
    { becomes: ["Greater", "Sub", "Where", "Less", "Add", "Where"] },
  ],
  Clip: [
    { opset: 7, attributes: { min: float(-0.2), max: float(0.4) } },
    { opset: 7, attributes: { min: float(-0.2) } },
    { opset: 11, constants: [null, one] },
    { constants: [float32([], [-0.1]), one] },
  ],
  Dropout: [
    { opset: 7, attributes: { ratio: float(0.4) }, becomes: ["Identity"] },
    { opset: 13, constants: [one], becomes: ["Identity"] },
  ],
  Cast: [{ attributes: { to: 6 } }, { attributes: { to: 1 }, becomes: ["Identity"] }],
  CastLike: [{ constants: [ints(1)], becomes: ["Cast"] }],
  ...Object.fromEntries(
    ["Add", "Sub", "Mul", "Div"].map((op) => [
      op,
      [{ constants: [noise([4, 1, 1])] }, { constants: [one], opset: 7 }],
    ]),
  ),
  Pow: [{ constants: [floats(2)] }],
  PRelu: [{ constants: [noise([4, 1, 1])] }],
  Mod: [{ constants: [one], attributes: { fmod: 1 } }],
  Sum: [
    { opset: 7, constants: [noise(imageShape, 2)], becomes: ["Add"] },
    { constants: [noise(imageShape, 2), noise(imageShape, 3)], becomes: ["Add", "Add"] },
  ],
  Mean: [{ constants: [noise(imageShape, 2), noise([5], 3)], becomes: ["Add", "Add", "Mul"] }],
  Max: [
    { constants: [noise(imageShape, 2)], opset: 8 },
    { constants: [noise([5], 2), one], becomes: ["Max", "Max"] },
    { becomes: ["Identity"] },
  ],
  Min: [{ constants: [noise(imageShape, 2)] }],
  ...Object.fromEntries(
    ["Greater", "Less", "GreaterOrEqual", "LessOrEqual", "Equal"].map((op) => [op, [{ constants: [one] }]]),
  ),

  MatMul: [{ constants: [noise([5, 3])] }],
  Einsum: [
    { constants: [noise([5, 3])], attributes: { equation: "bchw, wk -> bchk" } },
    { constants: [noise([5, 3])], attributes: { equation: "...w,wk->...k" } },
    { constants: ["x"], attributes: { equation: "bA...,ba...->...A" } },
    { constants: [noise([5, 3])], attributes: { equation: "bzhw,wa" } },
    { constants: [noise([1, 4, 6, 3])], attributes: { equation: "...w,...k" } },
  ],
  Conv: [
    { constants: [weights] },
    {
      opset: 7,
      constants: [weights, noise([6])],
      attributes: { ...strided, pads: [1, 0, 1, 2], dilations: [1, 2] },
    },
    { constants: [noise([4, 1, 3, 3])], attributes: { group: 4, auto_pad: "SAME_UPPER", strides: [2, 3] } },
    { constants: [weights], attributes: { auto_pad: "SAME_LOWER", strides: [2, 2] } },
    { constants: [weights], attributes: { auto_pad: "VALID", strides: [2, 1] } },
  ],
  ConvTranspose: [
    {
      constants: [transposed, noise([3])],
      attributes: { ...strided, pads: [1, 1, 0, 1], output_padding: [1, 0] },
    },
    { constants: [transposed], attributes: { ...strided, auto_pad: "SAME_UPPER" } },
    { constants: [transposed], attributes: { ...strided, auto_pad: "SAME_LOWER" } },
    { constants: [transposed], attributes: { ...strided, output_shape: [12, 10] } },
    { constants: [noise([4, 2, 2, 2])], attributes: { group: 2, dilations: [2, 1] } },
  ],
  Col2Im: [
    {
      shape: [1, 12, 20],
      constants: [ints(5, 6), ints(2, 2)],
      becomes: ["Reshape", "Reshape", "ConvTranspose"],
    },
    {
      shape: [1, 18, 12],
      constants: [ints(6, 7), ints(3, 3)],
      attributes: { strides: [2, 2], pads: [1, 1, 1, 1] },
      becomes: ["Reshape", "Reshape", "ConvTranspose"],
    },
    {
      shape: [1, 12, 4],
      constants: [ints(7, 6), ints(3, 2)],
      attributes: { strides: [2, 3], dilations: [2, 1], pads: [0, 1, 1, 0] },
      becomes: ["Reshape", "Reshape", "ConvTranspose"],
    },
  ],
  MaxPool: [
    { attributes: { ...strided, pads: [1, 1, 1, 1] } },
    { opset: 10, attributes: { ...strided, ceil_mode: 1, dilations: [1, 2] } },
    { opset: 7, attributes: { ...strided, auto_pad: "SAME_UPPER" } },
    {
      opset: 10,
      attributes: { kernel_shape: [2, 2], strides: [2, 2], auto_pad: "SAME_UPPER", ceil_mode: 1 },
    },
    { attributes: strided, outputs: ["y", "indices"] },
  ],
  AveragePool: [
    { opset: 7, attributes: { ...strided, pads: [1, 1, 1, 1] } },
    { opset: 7, attributes: { ...strided, pads: [1, 0, 1, 0], count_include_pad: 1 } },
    { opset: 10, attributes: { kernel_shape: [2, 2], strides: [2, 2], ceil_mode: 1 } },
    { opset: 19, attributes: { kernel_shape: [2, 2], dilations: [2, 1] } },
    { attributes: { ...kernel, auto_pad: "SAME_LOWER", strides: [2, 2] } },
  ],
  LpPool: [
    { opset: 11, attributes: { ...strided, p: 2 }, becomes: ["Abs", "Pow", "AveragePool", "Mul", "Pow"] },
    {
      attributes: { ...strided, p: 3, pads: [1, 1, 1, 1] },
      becomes: ["Abs", "Pow", "AveragePool", "Mul", "Pow"],
    },
  ],
  GlobalAveragePool: [{ opset: 7, becomes: ["ReduceMean"] }],
  GlobalMaxPool: [{ opset: 7, becomes: ["ReduceMax"] }],
  GlobalLpPool: [{ attributes: { p: 3 }, becomes: ["Abs", "Pow", "ReduceSum", "Pow"] }],

  BatchNormalization: [
    { constants: [per4(1), per4(2), per4(3), positive([4])] },
    {
      opset: 7,
      constants: [per4(1), per4(2), per4(3), positive([4])],
      attributes: { epsilon: float(0.1), momentum: float(0.9) },
    },
    { opset: 14, constants: [per4(1), per4(2), per4(3), positive([4])], attributes: { training_mode: 0 } },
  ],
  InstanceNormalization: [{ constants: [per4(1), per4(2)], attributes: { epsilon: float(0.01) } }],
  LayerNormalization: [
    { opset: 17, constants: [noise([5]), noise([5], 2)], attributes: { axis: -1, epsilon: float(1e-6) } },
    { opset: 17, constants: [noise([6, 5])], attributes: { axis: 2 } },
  ],
  GroupNormalization: [
    {
      opset: 21,
      constants: [per4(1), per4(2)],
      attributes: { num_groups: 2 },
      becomes: ["Reshape", "InstanceNormalization", "Reshape", "Reshape", "Mul", "Reshape", "Add"],
    },
    {
      opset: 18,
      constants: [noise([2], 1), noise([2], 2)],
      attributes: { num_groups: 2 },
      becomes: ["Reshape", "InstanceNormalization", "Reshape"],
    },
  ],
  RMSNormalization: [
    { opset: 23, constants: [noise([5])], becomes: rms },
    { opset: 23, constants: [noise([6, 5])], attributes: { axis: -2, epsilon: float(0.1) }, becomes: rms },
  ],
  SimplifiedLayerNormalization: [{ opset: 17, constants: [noise([5])], becomes: rms }],
  LpNormalization: [
    { attributes: { axis: 1 }, becomes: ["ReduceL2", "Greater", "Where", "Div"] },
    { opset: 7, attributes: { p: 1 }, becomes: ["Abs", "ReduceSum", "Greater", "Where", "Div"] },
  ],
  Hardmax: [
    { becomes: ["ArgMax", "Equal", "Cast"] },
    { attributes: { axis: 1 }, becomes: ["ArgMax", "Equal", "Cast"] },
    { opset: 11, becomes: ["Reshape", "ArgMax", "Equal", "Cast", "Reshape"] },
  ],
  MeanVarianceNormalization: [{ becomes: ["ReduceMean", "Sub", "Mul", "ReduceMean", "Sqrt", "Add", "Div"] }],
  LRN: [
    { attributes: { size: 3, alpha: float(0.2), beta: float(0.6), bias: float(1.5) } },
    { opset: 7, attributes: { size: 3 } },
  ],
  Softmax: [
    { opset: 7, becomes: ["Reshape", "Softmax", "Reshape"] },
    { opset: 12, attributes: { axis: -1 } },
    { opset: 11, attributes: { axis: 2 }, becomes: ["Reshape", "Softmax", "Reshape"] },
    { opset: 13, attributes: { axis: 1 } },
    {},
  ],
  LogSoftmax: [{ opset: 7, becomes: ["Reshape", "LogSoftmax", "Reshape"] }, { attributes: { axis: 2 } }],

  ...Object.fromEntries(
    ["ReduceMean", "ReduceMax", "ReduceMin", "ReduceProd", "ReduceL2", "ReduceLogSumExp"].map((op) => [
      op,
      [
        { opset: 7, attributes: { axes: [-1, 2], keepdims: 0 } },
        { opset: 18, constants: [ints(-1, 1)] },
        { opset: 13 },
      ],
    ]),
  ),
  ReduceSum: [
    { opset: 11, attributes: { axes: [1] } },
    { opset: 13, constants: [ints(1, -2)], attributes: { keepdims: 0 } },
    { attributes: { noop_with_empty_axes: 1 }, becomes: ["Opaque"] },
  ],
  ReduceL1: [{ attributes: { keepdims: 0 }, becomes: ["Abs", "ReduceSum"] }],
  ReduceSumSquare: [{ constants: [ints(2)], becomes: ["Mul", "ReduceSum"] }],
  ArgMax: [{ attributes: { axis: -1 } }, { attributes: { axis: 1, keepdims: 0 }, opset: 7 }],
  ArgMin: [{ attributes: { axis: 2 }, becomes: ["Neg", "ArgMax"] }],
  CumSum: [
    { constants: [ints(-1)], attributes: { reverse: 1 } },
    { constants: [ints(2)], attributes: { exclusive: 1 } },
  ],

  Reshape: [{ constants: [ints(0, -1)] }, { opset: 7, constants: [ints(2, 2, -1)] }],
  Flatten: [{ becomes: ["Reshape"] }, { opset: 7, attributes: { axis: 2 }, becomes: ["Reshape"] }],
  Squeeze: [
    { opset: 7, becomes: ["Reshape"] },
    { constants: [ints(0)], becomes: ["Reshape"] },
  ],
  Unsqueeze: [
    { opset: 11, attributes: { axes: [1, 4] }, becomes: ["Reshape"] },
    { constants: [ints(-1)], becomes: ["Reshape"] },
  ],
  Transpose: [{ attributes: { perm: [0, 2, 3, 1] } }, {}],
  Concat: [
    { constants: [noise([1, 2, 6, 5])], attributes: { axis: -3 } },
    { opset: 7, constants: [noise([1, 4, 6, 2])], attributes: { axis: 3 } },
  ],
  Split: [
    { opset: 11, attributes: { axis: 1, split: [1, 3] }, outputs: ["y", "z"] },
    { opset: 13, constants: [ints(2, 1, 3)], attributes: { axis: -2 }, outputs: ["y", "z", "w"] },
    { opset: 18, attributes: { axis: 3, num_outputs: 2 }, outputs: ["y", "z"] },
    { opset: 7, attributes: { axis: 1 }, outputs: ["y", "z"] },
  ],
  Slice: [
    { opset: 7, attributes: { starts: [1, -3], ends: [100, -1], axes: [1, 2] } },
    { opset: 10, constants: [ints(0, 1), ints(1, 3)] },
    { constants: [ints(-1, 5), ints(-1000, -6), ints(3, 2), ints(-2, -1)] },
    { constants: [ints(1), ints(2 ** 40), ints(-1), ints(3)] },
  ],
  Pad: [
    { opset: 7, attributes: { pads: [0, 0, 1, 2, 0, 0, 0, 1], value: float(0.5) } },
    { opset: 11, constants: [ints(0, 0, 1, 2, 0, 0, 0, 1), float32([], [0.25])] },
    { opset: 18, constants: [ints(1, 2, 0, 1), null, ints(-1, 2)], attributes: { mode: "reflect" } },
    { opset: 19, constants: [ints(0, 0, 1, 2, 0, 0, 0, 1)], attributes: { mode: "wrap" } },
    { constants: [ints(0, 0, 1, -2, 0, 0, 0, 1)], becomes: ["Slice", "Pad"] },
    { constants: [ints(0, 0, -1, -2, 0, 0, 0, 0)], becomes: ["Slice"] },
    { constants: [ints(0, 1, 1, 2, 0, 0, 0, 1)], attributes: { mode: "edge" } },
  ],
  Trilu: [
    { opset: 14, becomes: ["Where"] },
    { opset: 14, constants: [int64([], [-2])], attributes: { upper: 0 }, becomes: ["Where"] },
    { constants: [int64([], [1])], becomes: ["Where"] },
  ],
  Expand: [{ constants: [ints(2, 1, 1, 1)] }],
  Tile: [{ constants: [ints(1, 2, 1, 3)] }],
  DepthToSpace: [{ opset: 7, attributes: { blocksize: 2 } }, { attributes: { blocksize: 2, mode: "CRD" } }],
  SpaceToDepth: [{ attributes: { blocksize: 2 }, shape: [1, 3, 6, 4] }],
  Upsample: [
    { opset: 7, attributes: { scales: { floats: [1, 1, 2, 3] } }, becomes: ["Resize"] },
    { opset: 9, constants: [floats(1, 1, 1.5, 2)], attributes: { mode: "linear" }, becomes: ["Resize"] },
    { opset: 9, constants: [floats(1, 1, 2.5, 1.3)], becomes: ["Resize"] },
  ],
  Resize: [
    { opset: 10, constants: [floats(1, 1, 0.6, 0.5)] },
    { opset: 10, constants: [floats(1, 1, 2.5, 1.3)] },
    { opset: 10, constants: [floats(1, 1, 0.6, 2)], attributes: { mode: "linear" } },
    { opset: 10, constants: [floats(1, 1, 0.6, 2)], becomes: ["Resize", "Resize"] },
    { opset: 11, constants: [floats(), floats(1, 1, 1.7, 2)], attributes: { mode: "linear" } },
    {
      opset: 11,
      constants: [floats(), floats(), ints(1, 4, 9, 7)],
      attributes: { mode: "cubic", coordinate_transformation_mode: "align_corners" },
    },
    {
      opset: 13,
      constants: [null, floats(1, 1, 1.7, 2)],
      attributes: { nearest_mode: "ceil", coordinate_transformation_mode: "asymmetric" },
    },
    {
      opset: 18,
      constants: [null, null, ints(9, 7)],
      attributes: { axes: [2, 3], mode: "linear", antialias: 1 },
    },
    {
      opset: 18,
      constants: [null, null, ints(9, 9)],
      attributes: { axes: [2, 3], mode: "linear", keep_aspect_ratio_policy: "not_larger" },
    },
    {
      opset: 18,
      constants: [null, null, ints(9, 9)],
      attributes: { axes: [2, 3], keep_aspect_ratio_policy: "not_smaller" },
    },
    {
      opset: 19,
      constants: [null, floats(1, 1, 1.7, 2.3)],
      attributes: { mode: "linear", coordinate_transformation_mode: "half_pixel_symmetric" },
    },
  ],
  Gather: [
    { constants: [ints(3, -1)], attributes: { axis: -3 } },
    { opset: 7, constants: [ints(0, 2)], attributes: { axis: 2 } },
  ],
  GatherND: [
    { constants: [{ ...ints(0, 1, 0, 3), shape: [2, 2] }] },
    {
      constants: [int64([1, 4, 2, 1], [5, 0, 2, 2, 1, 3, 4, 4])],
      attributes: { batch_dims: 2 },
      becomes: ["Concat", "GatherND"],
    },
  ],
  ScatterND: [
    {
      constants: [{ ...ints(0, 1, 0, 3), shape: [2, 2] }, noise([2, 6, 5])],
      attributes: { reduction: "add" },
    },
  ],
};

const list: readonly (readonly [name: string, op: string, one: Case])[] = Object.entries(cases).flatMap(
  ([op, variants]) =>
    variants.map((one, index) => [`${op} of opset ${one.opset ?? 20} (${index + 1})`, op, one] as const),
);

test.each(list)("%s computes what ONNX Runtime computes from the file", async (_, op, variant) => {
  const { difference, operators } = await comparison(op, variant);
  expect(difference).toBeLessThan(1e-5);
  expect(operators).toEqual(variant.becomes ?? [op]);
});

test("every import rule has a case here, or one of its own", () => {
  const elsewhere = [
    "Sqrt",
    "Log",
    "Not",
    "And",
    "Or",
    "Where",
    "Gemm",
    "MaxUnpool",
    "ReduceLogSum",
    "GatherElements",
    "ScatterElements",
    "Scatter",
    "OneHot",
    "Attention",
    "RotaryEmbedding",
    "QuantizeLinear",
    "DequantizeLinear",
    "DynamicQuantizeLinear",
    "MatMulInteger",
    "ConvInteger",
  ];
  const rules = importers.get("")?.keys() ?? [];
  expect([...Object.keys(cases), ...elsewhere].toSorted()).toEqual([...rules].toSorted());
});

test("operators whose operands are computed from the image too", async () => {
  const bytes = model({
    nodes: [
      node("Relu", ["x"], ["positive"]),
      node("Sqrt", ["positive"], ["root"]),
      node("Add", ["root", "one"], ["above"]),
      node("Log", ["above"], ["log"]),
      node("ReduceLogSum", ["above", "axes"], ["total"]),
      node("Greater", ["x", "log"], ["a"]),
      node("Not", ["a"], ["b"]),
      node("And", ["a", "b"], ["c"]),
      node("Or", ["c", "a"], ["d"]),
      node("Where", ["d", "x", "log"], ["chosen"]),
      node("ArgMax", ["x"], ["best"], { axis: 3 }),
      node("GatherElements", ["chosen", "best"], ["gathered"], { axis: 3 }),
      node("ScatterElements", ["chosen", "best", "gathered"], ["scattered"], { axis: 3, reduction: "add" }),
      node("Reshape", ["best", "flat"], ["flatBest"]),
      node("OneHot", ["flatBest", "depth", "values"], ["hot"], { axis: -1 }),
      node("Gemm", ["hot", "matrix", "bias"], ["product"], { alpha: float(0.5), transA: 1, beta: float(2) }),
      node("MaxPool", ["x"], ["pooled", "indices"], { kernel_shape: [2, 2], strides: [2, 2] }),
      node("MaxUnpool", ["pooled", "indices", "size"], ["unpooled"], {
        kernel_shape: [2, 2],
        strides: [2, 2],
      }),
    ],
    initializers: {
      one,
      axes: ints(1),
      flat: ints(-1),
      depth: ints(5),
      values: floats(-1, 3),
      matrix: noise([24, 3]),
      bias: noise([3]),
      size: ints(1, 4, 6, 5),
    },
    outputs: ["total", "scattered", "product", "unpooled"],
  });
  const { graph } = await imported(bytes);
  expect(graph.nodes.map(({ op }) => op)).not.toContain("Opaque");
  const feeds = { x: noise(imageShape, 5) };
  const [expected, found] = [await run(bytes, feeds, "test"), await run(exportModel(graph), feeds, "test")];
  for (const name of Object.keys(expected))
    expect(relativeDifference(expected[name], found[name])).toBeLessThan(1e-5);
});

test("Scatter of opset 9 is ScatterElements", async () => {
  const constants = { indices: { ...ints(0, 1), shape: [1, 1, 1, 2] }, updates: noise([1, 1, 1, 2]) };
  const nodes = [node("Scatter", ["x", "indices", "updates"], ["y"], { axis: 3 })];
  const bytes = model({ opset: 9, nodes, initializers: constants });
  const { graph } = await imported(bytes);
  expect(graph.nodes[0]?.op).toBe("ScatterElements");
  const feeds = { x: noise(imageShape, 5) };
  expect(
    relativeDifference(
      (await run(bytes, feeds, "test"))["y"],
      (await run(exportModel(graph), feeds, "test"))["y"],
    ),
  ).toBe(0);
});
