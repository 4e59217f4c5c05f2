import { describe, expect, it } from "vitest";
import { pullbacks } from "../../../src/autodiff/pullbacks/table.ts";
import type { Builder } from "../../../src/graph/builder.ts";
import type { Value } from "../../../src/graph/graph.ts";
import type { Op, Operators } from "../../../src/graph/operators.ts";
import { random } from "../../../src/core/random.ts";
import { float32, int64 } from "../../../src/core/tensor.ts";
import { vectorCheck, type Case, type Variable } from "./vector-check.ts";
import {
  padded,
  resized,
  sliced,
  transposed as transposedWindow,
  windowed,
  type WindowLists,
} from "../../graph/by-axis.ts";

const map: Variable = { shape: [1, 4, 7, 6] };
const positive: Variable = { shape: [2, 3, 5], element: (u) => 0.5 + u };
/** Away from zero on both sides. */
const signed: Variable = { shape: [2, 3, 5], element: (u) => (u < 0.5 ? u - 0.8 : u - 0.2) };
const plain: Variable = { shape: [2, 3, 5] };

const noise = (shape: readonly number[], seed: number) => {
  const next = random(seed);
  return float32(
    shape,
    Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => 2 * next() - 1),
  );
};

/** One input, output of the same shape. */
const unary = <K extends Op>(op: K, variable: Variable, attributes: Operators[K]): Case => ({
  variables: [variable],
  build: (g, x) => g.single(op, [given(x)], attributes, "float32", variable.shape),
});

const given = (value: Value | undefined): Value => {
  if (value === undefined) throw new Error("a variable is missing");
  return value;
};

const window2 = { dilations: [1, 1] };

const conv = (
  x: readonly number[],
  weights: readonly number[],
  attributes: Omit<WindowLists, "kernelShape"> & { readonly group: number },
): Case => ({
  variables: [{ shape: x }],
  build: (g, input) =>
    g.conv(
      given(input),
      g.constant(noise(weights, 3)),
      windowed({ ...attributes, kernelShape: weights.slice(2) }),
    ),
});

const transposed = (
  weights: readonly number[],
  attributes: Omit<WindowLists, "kernelShape"> & {
    readonly outputPadding: readonly number[];
    readonly group: number;
  },
): Case => ({
  variables: [map],
  build: (g, input) =>
    g.convTranspose(
      given(input),
      g.constant(noise(weights, 3)),
      transposedWindow({
        ...attributes,
        kernelShape: weights.slice(2),
      }),
    ),
});

const pool = (
  op: "MaxPool" | "AveragePool",
  shape: readonly number[],
  attributes: WindowLists & Omit<Operators["AveragePool"], "axes">,
  x = [1, 4, 7, 6],
): Case => ({
  // Distinct, well separated values: no maximum changes within the finite differences' reach.
  variables: [{ shape: x }],
  build: (g, input) => {
    const spread = g.add(
      g.mul(given(input), op === "MaxPool" ? 0.5 : 1),
      g.constant(float32(x, shuffledRamp(x))),
    );
    const { countIncludePad, ...rest } = attributes;
    return op === "MaxPool"
      ? g.single("MaxPool", [spread], windowed(rest), "float32", shape)
      : g.single("AveragePool", [spread], windowed({ ...rest, countIncludePad }), "float32", shape);
  },
});

function shuffledRamp(shape: readonly number[]): Float32Array {
  const count = shape.reduce((a, b) => a * b, 1);
  return Float32Array.from({ length: count }, (_, i) => ((i * 37) % count) * 0.3);
}

const reduce = (
  op: "ReduceSum" | "ReduceMean" | "ReduceL2" | "ReduceLogSumExp" | "ReduceProd",
  keepDims: boolean,
): Case => ({
  variables: [plain],
  build: (g, x) =>
    g.single(op, [given(x)], { axes: [0, 2], keepDims }, "float32", keepDims ? [1, 3, 1] : [3]),
});

const extreme = (op: "ReduceMax" | "ReduceMin"): Case => ({
  variables: [{ shape: [2, 3, 5] }],
  build: (g, x) => {
    const spread = g.add(g.mul(given(x), 0.1), g.constant(float32([2, 3, 5], shuffledRamp([2, 3, 5]))));
    return g.single(op, [spread], { axes: [2], keepDims: false }, "float32", [2, 3]);
  },
});

const binary = (op: "Add" | "Sub" | "Mul" | "Div" | "Max" | "Min", a: Variable, b: Variable): Case => ({
  variables: [a, b],
  build: (g, x, y) => g.single(op, [given(x), given(y)], {}, "float32", [2, 3, 5]),
});

const resize = (attributes: Partial<Omit<Operators["Resize"], "axes">>, shape: readonly number[]): Case => ({
  variables: [map],
  build: (g, x) =>
    g.single(
      "Resize",
      [given(x)],
      resized({
        mode: "linear",
        coordinateTransformation: "half_pixel",
        nearestMode: "round_prefer_floor",
        cubicCoefficient: -0.75,
        excludeOutside: false,
        antialias: false,
        shape,
        scales: shape.map((extent, axis) => extent / (map.shape[axis] ?? 1)),
        ...attributes,
      }),
      "float32",
      shape,
    ),
});

const pad = (mode: Operators["Pad"]["mode"]): Case => ({
  variables: [map],
  build: (g, x) =>
    g.single(
      "Pad",
      [given(x)],
      padded({ mode, pads: [0, 0, 2, 1, 0, 0, 1, 3], value: 0.5 }),
      "float32",
      [1, 4, 10, 10],
    ),
});

const slice = (starts: readonly number[], steps: readonly number[], shape: readonly number[]): Case => ({
  variables: [map],
  build: (g, x) => g.sliceBy(given(x), sliced(starts, shape, steps)),
});

const indexed = (
  indices: readonly number[],
  shape: readonly number[],
  build: (g: Builder, x: Value, i: Value) => Value,
): Case => ({
  variables: [plain],
  build: (g, x) => build(g, given(x), g.constant(int64(shape, indices))),
});

const norm = (
  variable: Variable,
  build: (g: Builder, x: Value, scale: Value, bias: Value) => Value,
  channels: number,
): Case => ({
  variables: [variable],
  build: (g, x) => build(g, given(x), g.constant(noise([channels], 11)), g.constant(noise([channels], 12))),
});

/** Every operator with a gradient, in every form whose rule differs. */
const cases: Readonly<Partial<Record<Op, readonly Case[]>>> = {
  Identity: [unary("Identity", plain, {})],
  Neg: [unary("Neg", plain, {})],
  Abs: [unary("Abs", signed, {})],
  Reciprocal: [unary("Reciprocal", positive, {})],
  Sqrt: [unary("Sqrt", positive, {})],
  Exp: [unary("Exp", plain, {})],
  Log: [unary("Log", positive, {})],
  Sin: [unary("Sin", plain, {})],
  Cos: [unary("Cos", plain, {})],
  Erf: [unary("Erf", plain, {})],
  Relu: [unary("Relu", signed, {})],
  LeakyRelu: [unary("LeakyRelu", signed, { alpha: 0.2 })],
  ThresholdedRelu: [unary("ThresholdedRelu", signed, { alpha: 0.1 })],
  Elu: [unary("Elu", signed, { alpha: 0.7 })],
  Selu: [unary("Selu", signed, { alpha: 1.6, gamma: 1.05 })],
  Celu: [unary("Celu", signed, { alpha: 0.6 })],
  Sigmoid: [unary("Sigmoid", plain, {})],
  HardSigmoid: [unary("HardSigmoid", plain, { alpha: 0.2, beta: 0.5 })],
  HardSwish: [unary("HardSwish", { shape: [2, 3, 5], element: (u) => 5 * u - 2.5 }, {})],
  Tanh: [unary("Tanh", plain, {})],
  Softplus: [unary("Softplus", plain, {})],
  Softsign: [unary("Softsign", signed, {})],
  Mish: [unary("Mish", plain, {})],
  Gelu: [unary("Gelu", plain, { approximate: "none" }), unary("Gelu", plain, { approximate: "tanh" })],
  Clip: [
    unary(
      "Clip",
      { shape: [2, 3, 5], element: (u) => (u < 0.3 ? u - 1 : u > 0.7 ? u + 0.5 : u - 0.5) },
      { min: -0.4, max: 0.5 },
    ),
    unary("Clip", signed, { min: 0, max: Infinity }),
  ],
  Cast: [
    {
      variables: [plain],
      build: (g, x) => g.single("Cast", [given(x)], { to: "float32" }, "float32", plain.shape),
    },
  ],

  Add: [binary("Add", plain, { shape: [3, 1] })],
  Sub: [binary("Sub", { shape: [5] }, plain)],
  Mul: [binary("Mul", plain, { shape: [2, 1, 5] })],
  Div: [binary("Div", plain, { ...positive, shape: [3, 5] })],
  Pow: [
    {
      variables: [positive, { shape: [5], element: (u) => 1 + u }],
      build: (g, x, y) => g.pow(given(x), given(y)),
    },
    { variables: [plain], build: (g, x) => g.pow(given(x), 2) },
  ],
  Max: [
    binary(
      "Max",
      { shape: [2, 3, 5], element: (u) => u },
      { shape: [2, 3, 5], element: (u) => (u < 0.5 ? -0.5 : 1.5) },
    ),
  ],
  Min: [
    binary(
      "Min",
      { shape: [2, 3, 5], element: (u) => u },
      { shape: [2, 3, 5], element: (u) => (u < 0.5 ? -0.5 : 1.5) },
    ),
  ],
  Mod: [
    {
      variables: [{ shape: [8], element: (u) => 2.2 + 0.6 * u }],
      build: (g, x) => g.single("Mod", [given(x), 2], { fmod: true }, "float32", [8]),
    },
  ],
  PRelu: [
    {
      variables: [{ ...map, element: (u) => (u < 0.5 ? u - 0.8 : u - 0.2) }, { shape: [4, 1, 1] }],
      build: (g, x, slope) => g.single("PRelu", [given(x), given(slope)], {}, "float32", map.shape),
    },
  ],
  Where: [
    {
      variables: [plain, { shape: [5] }],
      build: (g, x, y) => g.where(g.greater(g.constant(noise([2, 3, 5], 5)), 0), given(x), given(y)),
    },
  ],

  MatMul: [
    {
      variables: [{ shape: [2, 3, 4] }, { shape: [4, 5] }],
      build: (g, a, b) => g.matmul(given(a), given(b)),
    },
    {
      variables: [{ shape: [1, 2, 3, 4] }, { shape: [3, 1, 4, 2] }],
      build: (g, a, b) => g.matmul(given(a), given(b)),
    },
    {
      variables: [{ shape: [4] }, { shape: [2, 4, 5] }],
      build: (g, a, b) => g.single("MatMul", [given(a), given(b)], {}, "float32", [2, 5]),
    },
    {
      variables: [{ shape: [2, 3, 4] }, { shape: [4] }],
      build: (g, a, b) => g.single("MatMul", [given(a), given(b)], {}, "float32", [2, 3]),
    },
  ],
  Gemm: [false, true].flatMap((transA) =>
    [false, true].map((transB): Case => ({
      variables: [{ shape: transA ? [4, 3] : [3, 4] }, { shape: transB ? [5, 4] : [4, 5] }, { shape: [5] }],
      build: (g, a, b, c) =>
        g.single(
          "Gemm",
          [given(a), given(b), given(c)],
          { alpha: 0.5, beta: 2, transA, transB },
          "float32",
          [3, 5],
        ),
    })),
  ),
  Einsum: [
    {
      variables: [{ shape: [2, 3, 4] }, { shape: [4, 5, 3] }],
      build: (g, a, b) =>
        g.single("Einsum", [given(a), given(b)], { equation: "bij,jki->bk" }, "float32", [2, 5]),
    },
    {
      variables: [{ shape: [2, 3] }, { shape: [4] }],
      build: (g, a, b) =>
        g.single("Einsum", [given(a), given(b)], { equation: "ij,k->ki" }, "float32", [4, 2]),
    },
  ],
  Conv: [
    conv([1, 8, 7, 6], [5, 8, 3, 3], { ...window2, strides: [1, 1], pads: [1, 0, 2, 1], group: 1 }),
    conv([1, 8, 6, 7], [8, 1, 3, 3], { ...window2, strides: [2, 2], pads: [1, 1, 1, 1], group: 8 }),
    conv([1, 3, 9, 8], [6, 1, 2, 3], { dilations: [2, 1], strides: [3, 2], pads: [0, 1, 1, 2], group: 3 }),
    conv([1, 4, 9, 8], [4, 1, 1, 2], { ...window2, strides: [3, 2], pads: [0, 0, 0, 0], group: 4 }),
    conv([1, 4, 7, 6], [5, 4, 3, 3], { ...window2, strides: [1, 1], pads: [1, 1, 1, 1], group: 1 }),
    conv([1, 4, 7, 6], [6, 2, 3, 2], { ...window2, strides: [1, 1], pads: [0, 1, 2, 0], group: 2 }),
    conv([1, 4, 7, 6], [4, 1, 3, 3], { ...window2, strides: [1, 1], pads: [1, 1, 1, 1], group: 4 }),
    conv([1, 4, 7, 6], [8, 1, 3, 3], { ...window2, strides: [2, 2], pads: [0, 0, 1, 1], group: 4 }),
    conv([1, 4, 7, 6], [5, 4, 3, 3], { ...window2, strides: [2, 3], pads: [1, 1, 1, 1], group: 1 }),
    conv([1, 4, 9, 8], [5, 4, 3, 3], { dilations: [2, 2], strides: [1, 1], pads: [2, 2, 2, 2], group: 1 }),
    conv([1, 4, 9, 8], [6, 2, 3, 3], { dilations: [2, 1], strides: [2, 2], pads: [1, 1, 1, 1], group: 2 }),
    conv([1, 4, 7, 6], [5, 4, 1, 1], { ...window2, strides: [1, 1], pads: [1, 1, 1, 1], group: 1 }),
    conv([1, 4, 9], [6, 4, 3], { dilations: [1], strides: [2], pads: [1, 1], group: 1 }),
    conv([1, 2, 5, 6, 4], [3, 2, 3, 2, 3], {
      dilations: [1, 1, 1],
      strides: [1, 2, 1],
      pads: [1, 0, 1, 1, 0, 1],
      group: 1,
    }),
  ],
  ConvTranspose: [
    transposed([4, 3, 3, 3], {
      ...window2,
      strides: [2, 2],
      pads: [1, 1, 1, 1],
      outputPadding: [1, 0],
      group: 1,
    }),
    transposed([4, 2, 2, 2], {
      ...window2,
      strides: [2, 2],
      pads: [0, 0, 0, 0],
      outputPadding: [0, 0],
      group: 2,
    }),
  ],

  MaxPool: [
    pool("MaxPool", [1, 4, 3, 2], {
      dilations: [1, 2],
      kernelShape: [2, 2],
      strides: [3, 3],
      pads: [1, 0, 0, 0],
      ceilMode: false,
      countIncludePad: false,
    }),
    pool("MaxPool", [1, 4, 4, 3], {
      ...window2,
      kernelShape: [2, 2],
      strides: [2, 2],
      pads: [0, 0, 0, 0],
      ceilMode: true,
      countIncludePad: false,
    }),
    pool("MaxPool", [1, 4, 3, 3], {
      ...window2,
      kernelShape: [2, 2],
      strides: [2, 2],
      pads: [0, 0, 0, 0],
      ceilMode: false,
      countIncludePad: false,
    }),
    pool("MaxPool", [1, 4, 4, 3], {
      ...window2,
      kernelShape: [3, 3],
      strides: [2, 2],
      pads: [1, 1, 1, 1],
      ceilMode: false,
      countIncludePad: false,
    }),
    pool("MaxPool", [1, 4, 7, 6], {
      ...window2,
      kernelShape: [3, 3],
      strides: [1, 1],
      pads: [1, 1, 1, 1],
      ceilMode: true,
      countIncludePad: false,
    }),
  ],
  MaxUnpool: [
    {
      variables: [{ shape: [1, 1, 2, 2] }],
      build: (g, x) =>
        g.single(
          "MaxUnpool",
          [given(x), g.constant(int64([1, 1, 2, 2], [1, 6, 8, 15]))],
          windowed({ ...window2, kernelShape: [2, 2], strides: [2, 2], pads: [0, 0, 0, 0] }),
          "float32",
          [1, 1, 4, 4],
        ),
    },
  ],
  AveragePool: [
    pool("AveragePool", [1, 4, 3, 3], {
      ...window2,
      kernelShape: [2, 2],
      strides: [2, 2],
      pads: [0, 0, 0, 0],
      ceilMode: false,
      countIncludePad: true,
    }),
    pool("AveragePool", [1, 4, 7, 6], {
      ...window2,
      kernelShape: [3, 3],
      strides: [1, 1],
      pads: [1, 1, 1, 1],
      ceilMode: false,
      countIncludePad: false,
    }),
    pool("AveragePool", [1, 4, 7, 6], {
      ...window2,
      kernelShape: [3, 3],
      strides: [1, 1],
      pads: [1, 1, 1, 1],
      ceilMode: false,
      countIncludePad: true,
    }),
    pool("AveragePool", [1, 4, 3, 3], {
      ...window2,
      kernelShape: [3, 2],
      strides: [2, 2],
      pads: [0, 0, 1, 1],
      ceilMode: false,
      countIncludePad: false,
    }),
    pool("AveragePool", [1, 4, 4, 3], {
      ...window2,
      kernelShape: [2, 2],
      strides: [2, 2],
      pads: [0, 0, 0, 0],
      ceilMode: true,
      countIncludePad: false,
    }),
    pool("AveragePool", [1, 4, 2, 2], {
      ...window2,
      kernelShape: [2, 2],
      strides: [3, 3],
      pads: [0, 0, 0, 0],
      ceilMode: false,
      countIncludePad: false,
    }),
    pool(
      "AveragePool",
      [1, 1, 4, 5, 5],
      {
        dilations: [1, 1, 1],
        kernelShape: [3, 1, 1],
        strides: [1, 1, 1],
        pads: [0, 0, 0, 0, 0, 0],
        ceilMode: false,
        countIncludePad: true,
      },
      [1, 1, 6, 5, 5],
    ),
  ],

  BatchNormalization: [
    norm(
      map,
      (g, x, scale, bias) =>
        g.single(
          "BatchNormalization",
          [x, scale, bias, g.constant(noise([4], 13)), g.constant(float32([4], [0.5, 1, 1.5, 2]))],
          { epsilon: 1e-3 },
          "float32",
          map.shape,
        ),
      4,
    ),
  ],
  InstanceNormalization: [
    norm(
      map,
      (g, x, scale, bias) =>
        g.single("InstanceNormalization", [x, scale, bias], { epsilon: 1e-3 }, "float32", map.shape),
      4,
    ),
  ],
  LayerNormalization: [
    norm(
      plain,
      (g, x, scale, bias) =>
        g.single("LayerNormalization", [x, scale, bias], { axis: 2, epsilon: 1e-3 }, "float32", plain.shape),
      5,
    ),
  ],
  LRN: [5, 3].map((size) =>
    unary("LRN", { shape: [1, 7, 3, 2] }, { size, alpha: 0.9, beta: 0.75, bias: 1.5 }),
  ),
  Softmax: [unary("Softmax", plain, { axis: 2 }), unary("Softmax", plain, { axis: 1 })],
  LogSoftmax: [unary("LogSoftmax", plain, { axis: 2 })],

  // Levels much finer than the differences: the rounding is their noise. The inner third lies in the range, the rest is clamped.
  QuantizeLinear: [
    {
      variables: [{ shape: [1, 4, 7, 6], element: (u) => (u < 0.4 ? u - 1 : u > 0.6 ? u : 3 * (u - 0.5)) }],
      build: (g, x) => {
        const step = g.constant(float32([], [0.45 / 32767]));
        const zero = g.constant({ dtype: "int16", shape: [], data: new Int16Array(1) });
        const q = g.single("QuantizeLinear", [given(x), step, zero], { axis: 0 }, "int16", [1, 4, 7, 6]);
        return g.mul(g.cast(q, "float32"), step);
      },
    },
  ],

  ReduceSum: [reduce("ReduceSum", true), reduce("ReduceSum", false)],
  ReduceMean: [reduce("ReduceMean", true), reduce("ReduceMean", false)],
  ReduceMax: [extreme("ReduceMax")],
  ReduceMin: [extreme("ReduceMin")],
  ReduceL2: [reduce("ReduceL2", true), reduce("ReduceL2", false)],
  ReduceLogSumExp: [reduce("ReduceLogSumExp", false)],
  ReduceProd: [reduce("ReduceProd", true), reduce("ReduceProd", false)],
  CumSum: [
    unary("CumSum", plain, { axis: 1, exclusive: false, reverse: false }),
    unary("CumSum", plain, { axis: 2, exclusive: true, reverse: true }),
  ],

  Reshape: [{ variables: [plain], build: (g, x) => g.reshape(given(x), [6, 5]) }],
  Transpose: [{ variables: [plain], build: (g, x) => g.transpose(given(x), [2, 0, 1]) }],
  Concat: [
    {
      variables: [plain, { shape: [2, 1, 5] }],
      build: (g, a, b) => g.concat([given(a), given(b), given(a)], 1),
    },
  ],
  Split: [
    {
      variables: [plain],
      build: (g, x) => {
        const [first, , third] = g.split(given(x), 2, [2, 1, 2]);
        return g.mul(given(first), given(third));
      },
    },
  ],
  Slice: [
    slice([0, 1, 2, 0], [1, 1, 1, 1], [1, 2, 4, 6]),
    slice([0, 0, 1, 0], [1, 1, 2, 3], [1, 4, 3, 2]),
    slice([0, 3, 6, 5], [1, -1, -2, -3], [1, 4, 3, 2]),
  ],
  Pad: [pad("constant"), pad("reflect"), pad("edge"), pad("wrap")],
  Expand: [{ variables: [{ shape: [3, 1] }], build: (g, x) => g.expand(given(x), [2, 3, 5]) }],
  Tile: [
    {
      variables: [plain],
      build: (g, x) => g.single("Tile", [given(x)], { repeats: [2, 1, 3] }, "float32", [4, 3, 15]),
    },
  ],
  DepthToSpace: (["DCR", "CRD"] as const).map((mode) => ({
    variables: [{ shape: [1, 8, 2, 3] }],
    build: (g: Builder, x?: Value) =>
      g.single("DepthToSpace", [given(x)], { blockSize: 2, mode }, "float32", [1, 2, 4, 6]),
  })),
  SpaceToDepth: [
    {
      variables: [{ shape: [1, 2, 4, 6] }],
      build: (g, x) => g.single("SpaceToDepth", [given(x)], { blockSize: 2 }, "float32", [1, 8, 2, 3]),
    },
  ],
  Resize: [
    resize({}, [1, 4, 14, 12]),
    resize({}, [1, 4, 11, 4]),
    resize({ coordinateTransformation: "align_corners" }, [1, 4, 13, 9]),
    resize({ coordinateTransformation: "pytorch_half_pixel" }, [1, 4, 14, 12]),
    resize({ mode: "cubic" }, [1, 4, 14, 12]),
    resize({ mode: "cubic", cubicCoefficient: -0.5, excludeOutside: true }, [1, 4, 10, 9]),
    resize({ mode: "nearest", coordinateTransformation: "asymmetric", nearestMode: "floor" }, [1, 4, 14, 12]),
    resize({ mode: "nearest" }, [1, 4, 10, 4]),
    resize({ antialias: true }, [1, 4, 3, 3]),
    resize({ mode: "cubic", antialias: true }, [1, 4, 4, 3]),
  ],

  Gather: [
    indexed([2, 0, 2, 1], [2, 2], (g, x, i) =>
      g.single("Gather", [x, i], { axis: 1 }, "float32", [2, 2, 2, 5]),
    ),
    indexed([-1], [], (g, x, i) => g.single("Gather", [x, i], { axis: 2 }, "float32", [2, 3])),
  ],
  GatherElements: [
    indexed([0, 2, 2, 1, 1, 0], [2, 3, 1], (g, x, i) =>
      g.single("GatherElements", [x, i], { axis: 1 }, "float32", [2, 3, 1]),
    ),
  ],
  GatherND: [
    indexed([0, 2, 1, 1, 0, 2], [3, 2], (g, x, i) =>
      g.single("GatherND", [x, i], { batchDims: 0 }, "float32", [3, 5]),
    ),
  ],
  ScatterElements: (["none", "add"] as const).map((reduction) => ({
    variables: [plain, { shape: [2, 2, 5] }],
    build: (g: Builder, x?: Value, updates?: Value) =>
      g.single(
        "ScatterElements",
        [
          given(x),
          g.constant(int64([2, 2, 5], [0, 1, 2, 0, 1, 2, 0, 1, 1, 0, 1, 0, 1, 2, 2, 0, 1, 2, 0, 1])),
          given(updates),
        ],
        { axis: 1, reduction },
        "float32",
        [2, 3, 5],
      ),
  })),
  ScatterND: (["none", "add"] as const).map((reduction) => ({
    variables: [plain, { shape: [2, 5] }],
    build: (g: Builder, x?: Value, updates?: Value) =>
      g.single(
        "ScatterND",
        [given(x), g.constant(int64([2, 2], [0, 2, 1, 0])), given(updates)],
        { reduction },
        "float32",
        [2, 3, 5],
      ),
  })),
};

/** Piecewise constant, or without a rule on purpose. */
const withoutGradient: readonly Op[] = [
  "Sign",
  "Floor",
  "Ceil",
  "Round",
  "Not",
  "Greater",
  "GreaterOrEqual",
  "Less",
  "LessOrEqual",
  "Equal",
  "And",
  "Or",
  "ArgMax",
  "OneHot",
  "Opaque",
];

/** With a scale that depends on the input, which counts as a constant: its test is the importers' (dynamic quantization). */
const straightThrough: readonly Op[] = ["DynamicQuantizeLinear"];

const tolerance = 2e-4;

describe("pullbacks agree with finite differences", () => {
  for (const [op, forms] of Object.entries(cases)) {
    it.each(forms.map((form, k) => [k + 1, form] as const))(`${op} %i`, async (_, form) => {
      expect(await vectorCheck(form)).toBeLessThan(tolerance);
    });
  }

  it("covers every operator that has a gradient", () => {
    const covered = new Set([...Object.keys(cases), ...withoutGradient, ...straightThrough]);
    expect(Object.keys(pullbacks).filter((op) => !covered.has(op))).toEqual([]);
  });

  it("rejects a rule that is wrong by 0.1 %", async () => {
    const wrong = {
      ...pullbacks,
      Tanh: ((g, a) => [g.mul(pullbacks.Tanh(g, a)[0] ?? a.dy, 1.001)]) satisfies typeof pullbacks.Tanh,
    };
    expect(await vectorCheck(unary("Tanh", plain, {}), wrong)).toBeGreaterThan(tolerance);
  });
});
