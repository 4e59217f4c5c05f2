import { broadcastShapes, sameShape, sizeOf, type DType, type Shape } from "../core/tensor.ts";
import { at } from "../core/required.ts";
import type { Graph, Value } from "./graph.ts";
import type { Operators, SliceAxis } from "./operators.ts";
import { coveredExtent, slidExtent } from "./window.ts";
import { none, writeOnto, type Operand, type Plain, type Writer } from "./writer.ts";

/**
 * Writes new nodes onto a graph, keeping every shape static. Methods carry the ONNX operators' names; they append a
 * node and return its output. `base` is the graph that is extended; its values may be used as operands.
 * New values get names that are neither in `base` nor in `reserved`.
 */
export function extend(base: Graph, reserved: Iterable<string> = []) {
  const writer = writeOnto(base, reserved);
  return {
    ...writer,
    ...pointwiseOperations(writer),
    ...reducingOperations(writer),
    ...layoutOperations(writer),
    ...productOperations(writer),
  };
}

export type Builder = ReturnType<typeof extend>;

/** Elementwise operators, with NumPy's broadcasting where there are several operands. */
function pointwiseOperations({ single, valueOf }: Writer) {
  const unary = (op: Plain) => (x: Value) => single(op, [x], none, x.dtype, x.shape);

  const broadcasting = (op: Plain, dtype?: DType) => (a: Operand, b: Operand) => {
    const [x, y] = [valueOf(a), valueOf(b)];
    return single(op, [x, y], none, dtype ?? x.dtype, broadcastShapes([x.shape, y.shape]));
  };

  return {
    neg: unary("Neg"),
    abs: unary("Abs"),
    sign: unary("Sign"),
    reciprocal: unary("Reciprocal"),
    sqrt: unary("Sqrt"),
    exp: unary("Exp"),
    log: unary("Log"),
    sin: unary("Sin"),
    cos: unary("Cos"),
    tanh: unary("Tanh"),
    erf: unary("Erf"),
    sigmoid: unary("Sigmoid"),
    relu: unary("Relu"),

    add: broadcasting("Add"),
    sub: broadcasting("Sub"),
    mul: broadcasting("Mul"),
    div: broadcasting("Div"),
    pow: broadcasting("Pow"),
    greater: broadcasting("Greater", "bool"),
    greaterOrEqual: broadcasting("GreaterOrEqual", "bool"),
    less: broadcasting("Less", "bool"),
    lessOrEqual: broadcasting("LessOrEqual", "bool"),
    equal: broadcasting("Equal", "bool"),
    and: broadcasting("And", "bool"),

    where(condition: Value, yes: Operand, no: Operand): Value {
      const [a, b] = [valueOf(yes), valueOf(no)];
      return single(
        "Where",
        [condition, a, b],
        none,
        a.dtype,
        broadcastShapes([condition.shape, a.shape, b.shape]),
      );
    },
    /** clamp(alpha · x + beta, 0, 1) */
    hardSigmoid: (x: Value, alpha: number, beta: number): Value =>
      single("HardSigmoid", [x], { alpha, beta }, x.dtype, x.shape),
    cast: (x: Value, to: DType): Value => (x.dtype === to ? x : single("Cast", [x], { to }, to, x.shape)),
    clip: (x: Value, min: number, max: number): Value => single("Clip", [x], { min, max }, x.dtype, x.shape),
  };
}

/** Operators that reduce axes. */
function reducingOperations({ single }: Writer) {
  const reducing =
    (op: "ReduceSum" | "ReduceMean" | "ReduceMax") =>
    (x: Value, axes: readonly number[], keepDims = true) => {
      if (axes.length === 0) return x;
      const kept = x.shape.map((extent, axis) => (axes.includes(axis) ? 1 : extent));
      const shape = keepDims ? kept : kept.filter((_, axis) => !axes.includes(axis));
      return single(op, [x], { axes, keepDims }, x.dtype, shape);
    };

  return {
    reduceSum: reducing("ReduceSum"),
    reduceMean: reducing("ReduceMean"),
    reduceMax: reducing("ReduceMax"),
    argMax: (x: Value, axis: number, keepDims: boolean): Value =>
      single(
        "ArgMax",
        [x],
        { axis, keepDims },
        "int64",
        keepDims
          ? x.shape.map((extent, k) => (k === axis ? 1 : extent))
          : x.shape.filter((_, k) => k !== axis),
      ),
  };
}

/** A Resize that repeats elements, but for its axes. */
const nearestCopies = {
  mode: "nearest",
  coordinateTransformation: "asymmetric",
  nearestMode: "floor",
  cubicCoefficient: -0.75,
  excludeOutside: false,
  antialias: false,
} as const;

/** Operators that move elements. One that would change nothing returns its input. */
function layoutOperations({ single, apply, scalar }: Writer) {
  const reshape = (x: Value, shape: Shape): Value =>
    sameShape(x.shape, shape) ? x : single("Reshape", [x], { shape }, x.dtype, shape);

  function transpose(x: Value, perm: readonly number[]): Value {
    if (perm.every((axis, position) => axis === position)) return x;
    return single(
      "Transpose",
      [x],
      { perm },
      x.dtype,
      perm.map((axis) => at(x.shape, axis)),
    );
  }

  const expand = (x: Value, shape: Shape): Value =>
    sameShape(x.shape, shape) ? x : single("Expand", [x], { shape }, x.dtype, shape);

  const zeros = (shape: Shape): Value => expand(scalar(0), shape);

  const sliceBy = (x: Value, axes: readonly SliceAxis[]): Value => {
    const shape = axes.map(({ extent }) => extent);
    return sameShape(x.shape, shape) && axes.every(({ step }) => step === 1)
      ? x
      : single("Slice", [x], { axes }, x.dtype, shape);
  };

  return {
    expand,
    zeros,
    sliceBy,
    /** The part of that shape from `starts` on. */
    slice: (x: Value, starts: readonly number[], shape: Shape): Value =>
      sliceBy(
        x,
        shape.map((extent, axis) => ({ start: at(starts, axis), step: 1, extent })),
      ),
    reshape,
    transpose,
    /** A vector with an element for each index of an axis, or of one element, shaped to broadcast over a tensor of that rank. */
    alongAxis: (vector: Value, axis: number, rank: number): Value => {
      const size = sizeOf(vector.shape);
      return size === 1 ? vector : reshape(vector, [size, ...new Array<number>(rank - 1 - axis).fill(1)]);
    },
    /** Swaps the last two axes. */
    matrixTranspose: (x: Value): Value => {
      const rank = x.shape.length;
      return transpose(x, [...Array(rank - 2).keys(), rank - 1, rank - 2]);
    },
    concat(parts: readonly Value[], axis: number): Value {
      const [first, ...others] = parts;
      if (first === undefined) throw new Error("Concat of nothing");
      if (others.length === 0) return first;
      const along = parts.reduce((sum, part) => sum + at(part.shape, axis), 0);
      return single(
        "Concat",
        parts,
        { axis },
        first.dtype,
        first.shape.map((extent, k) => (k === axis ? along : extent)),
      );
    },
    split(x: Value, axis: number, sizes: readonly number[]): readonly Value[] {
      const shapes = sizes.map((size) => x.shape.map((extent, k) => (k === axis ? size : extent)));
      return apply(
        "Split",
        [x],
        { axis, sizes },
        shapes.map((shape) => ({ dtype: x.dtype, shape })),
      );
    },
    /** Reverses the given axes. */
    reverse(x: Value, axes: readonly number[]): Value {
      return sliceBy(
        x,
        x.shape.map((extent, axis) =>
          axes.includes(axis) && extent > 1
            ? { start: extent - 1, step: -1, extent }
            : { start: 0, step: 1, extent },
        ),
      );
    },
    /** Repeats every element along the axes that grow; each extent of `shape` is a multiple of the value's own. */
    repeatNearest(x: Value, shape: Shape): Value {
      const axes = shape.map((extent, axis) => ({ extent, scale: extent / at(x.shape, axis) }));
      return single("Resize", [x], { ...nearestCopies, axes }, x.dtype, shape);
    },
    /** Zero padding; `before` and `after` list every axis. */
    pad(x: Value, before: readonly number[], after: readonly number[]): Value {
      const axes = x.shape.map((_, axis) => ({ before: at(before, axis), after: at(after, axis) }));
      const shape = x.shape.map((extent, axis) => extent + at(before, axis) + at(after, axis));
      if (sameShape(shape, x.shape)) return x;
      return single("Pad", [x], { mode: "constant", axes, value: 0 }, x.dtype, shape);
    },
    /** Adds `updates` into zeros of the given size at flat positions `indices`; where positions repeat, the sum. */
    scatterAddFlat(size: number, indices: Value, updates: Value): Value {
      const count = sizeOf(updates.shape);
      return single(
        "ScatterElements",
        [zeros([size]), reshape(indices, [count]), reshape(updates, [count])],
        { axis: 0, reduction: "add" },
        updates.dtype,
        [size],
      );
    },
  };
}

/** Matrix products and convolutions. */
function productOperations({ single }: Writer) {
  return {
    matmul(a: Value, b: Value): Value {
      const batch = broadcastShapes([a.shape.slice(0, -2), b.shape.slice(0, -2)]);
      return single("MatMul", [a, b], none, a.dtype, [...batch, at(a.shape, -2), at(b.shape, -1)]);
    },
    gemm(a: Value, b: Value, attributes: Operators["Gemm"]): Value {
      const rows = at(a.shape, attributes.transA ? 1 : 0);
      const columns = at(b.shape, attributes.transB ? 0 : 1);
      return single("Gemm", [a, b], attributes, a.dtype, [rows, columns]);
    },
    conv(x: Value, weights: Value, attributes: Operators["Conv"]): Value {
      const spatial = attributes.axes.map((axis, k) => slidExtent(axis, at(x.shape, k + 2)));
      const shape = [at(x.shape, 0), at(weights.shape, 0), ...spatial];
      return single("Conv", [x, weights], attributes, x.dtype, shape);
    },
    convTranspose(x: Value, weights: Value, attributes: Operators["ConvTranspose"]): Value {
      const spatial = attributes.axes.map(
        (axis, k) => coveredExtent(axis, at(x.shape, k + 2)) - axis.before - axis.after + axis.extra,
      );
      const shape = [at(x.shape, 0), at(weights.shape, 1) * attributes.group, ...spatial];
      return single("ConvTranspose", [x, weights], attributes, x.dtype, shape);
    },
  };
}
