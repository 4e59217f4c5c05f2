import { broadcastShapes } from "../math/broadcast.ts";
import { float32, sameShape, sizeOf, type DType, type Shape, type Tensor } from "../math/tensor.ts";
import type { Graph, Node, NodeOf, Source, Value } from "./graph.ts";
import type { Op, Operators } from "./operators.ts";

/** A value, or a number that stands for a float32 scalar. */
export type Operand = Value | number;

const none = {};

/** Extent of a sliding window's output along one axis, rounding down. */
const windowExtent = (
  input: number,
  kernel: number,
  stride: number,
  dilation: number,
  padding: number,
): number => Math.floor((input + padding - dilation * (kernel - 1) - 1) / stride) + 1;

/**
 * Writes new nodes onto a graph, keeping every shape static. Methods carry the ONNX operators' names; they append a
 * node and return its output. `base` is the graph that is extended; its values may be used as operands.
 */
export function extend(base: Graph) {
  const nodes: Node[] = [...base.nodes];
  const constants = new Map<string, Tensor>(base.constants);
  const scalars = new Map<number, Value>();
  const taken = new Set<string>([
    ...base.inputs.map(({ name }) => name),
    ...base.constants.keys(),
    ...base.nodes.flatMap((node) => node.outputs.map(({ name }) => name)),
  ]);
  const inputs: Value[] = [...base.inputs];
  let source: Source | undefined;
  let counter = 0;

  function freshName(): string {
    let name: string;
    do name = `%${++counter}`;
    while (taken.has(name));
    taken.add(name);
    return name;
  }

  function constant(tensor: Tensor): Value {
    const value: Value = { name: freshName(), dtype: tensor.dtype, shape: tensor.shape };
    constants.set(value.name, tensor);
    return value;
  }

  function scalar(number: number): Value {
    const known = scalars.get(number);
    if (known !== undefined) return known;
    const value = constant(float32([], [number]));
    scalars.set(number, value);
    return value;
  }

  const valueOf = (operand: Operand): Value => (typeof operand === "number" ? scalar(operand) : operand);

  /** Appends any operator; the caller states its outputs' types. */
  function apply<K extends Op>(
    op: K,
    operands: readonly (Operand | null)[],
    attributes: Operators[K],
    types: readonly { readonly dtype: DType; readonly shape: Shape }[],
  ): readonly Value[] {
    const outputs = types.map(({ dtype, shape }): Value => ({ name: freshName(), dtype, shape }));
    const node: NodeOf<K> = {
      op,
      inputs: operands.map((operand) => (operand === null ? null : valueOf(operand))),
      outputs,
      attributes,
      source,
    };
    nodes.push(node as Node);
    return outputs;
  }

  function single<K extends Op>(
    op: K,
    operands: readonly (Operand | null)[],
    attributes: Operators[K],
    dtype: DType,
    shape: Shape,
  ): Value {
    const [output] = apply(op, operands, attributes, [{ dtype, shape }]);
    if (output === undefined) throw new Error(`${op} has no output`);
    return output;
  }

  type Plain = { [K in Op]: Readonly<Record<string, never>> extends Operators[K] ? K : never }[Op];

  const unary = (op: Plain) => (x: Value) => single(op, [x], none, x.dtype, x.shape);

  const broadcasting = (op: Plain, dtype?: DType) => (a: Operand, b: Operand) => {
    const [x, y] = [valueOf(a), valueOf(b)];
    return single(op, [x, y], none, dtype ?? x.dtype, broadcastShapes([x.shape, y.shape]));
  };

  const reducing =
    (op: "ReduceSum" | "ReduceMean" | "ReduceMax") =>
    (x: Value, axes: readonly number[], keepDims = true) => {
      if (axes.length === 0) return x;
      const kept = x.shape.map((extent, axis) => (axes.includes(axis) ? 1 : extent));
      const shape = keepDims ? kept : kept.filter((_, axis) => !axes.includes(axis));
      return single(op, [x], { axes, keepDims }, x.dtype, shape);
    };

  const reshape = (x: Value, shape: Shape): Value =>
    sameShape(x.shape, shape) ? x : single("Reshape", [x], { shape }, x.dtype, shape);

  function transpose(x: Value, perm: readonly number[]): Value {
    if (perm.every((axis, position) => axis === position)) return x;
    return single(
      "Transpose",
      [x],
      { perm },
      x.dtype,
      perm.map((axis) => x.shape[axis] ?? 1),
    );
  }

  const operations = {
    constant,
    scalar,
    apply,
    single,

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
    cast: (x: Value, to: DType): Value => (x.dtype === to ? x : single("Cast", [x], { to }, to, x.shape)),
    clip: (x: Value, min: number, max: number): Value => single("Clip", [x], { min, max }, x.dtype, x.shape),
    zeros: (shape: Shape): Value => operations.expand(scalar(0), shape),
    expand: (x: Value, shape: Shape): Value =>
      sameShape(x.shape, shape) ? x : single("Expand", [x], { shape }, x.dtype, shape),

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

    reshape,
    transpose,
    /** Swaps the last two axes. */
    matrixTranspose: (x: Value): Value => {
      const rank = x.shape.length;
      return transpose(x, [...Array(rank - 2).keys(), rank - 1, rank - 2]);
    },
    concat(parts: readonly Value[], axis: number): Value {
      const [first, ...others] = parts;
      if (first === undefined) throw new Error("Concat of nothing");
      if (others.length === 0) return first;
      const along = parts.reduce((sum, part) => sum + (part.shape[axis] ?? 1), 0);
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
    slice: (
      x: Value,
      starts: readonly number[],
      shape: Shape,
      steps: readonly number[] = shape.map(() => 1),
    ): Value =>
      sameShape(x.shape, shape) && steps.every((step) => step === 1)
        ? x
        : single("Slice", [x], { starts, steps, shape }, x.dtype, shape),
    /** Reverses the given axes. */
    reverse(x: Value, axes: readonly number[]): Value {
      const reversed = x.shape.map((extent, axis) => axes.includes(axis) && extent > 1);
      if (!reversed.includes(true)) return x;
      const starts = x.shape.map((extent, axis) => (reversed[axis] === true ? extent - 1 : 0));
      return operations.slice(
        x,
        starts,
        x.shape,
        reversed.map((flag) => (flag ? -1 : 1)),
      );
    },
    /** Zero padding; `before` and `after` list every axis. */
    pad(x: Value, before: readonly number[], after: readonly number[]): Value {
      const shape = x.shape.map((extent, axis) => extent + (before[axis] ?? 0) + (after[axis] ?? 0));
      if (sameShape(shape, x.shape)) return x;
      return single("Pad", [x], { mode: "constant", pads: [...before, ...after], value: 0 }, x.dtype, shape);
    },

    matmul(a: Value, b: Value): Value {
      const batch = broadcastShapes([a.shape.slice(0, -2), b.shape.slice(0, -2)]);
      return single("MatMul", [a, b], none, a.dtype, [...batch, a.shape.at(-2) ?? 1, b.shape.at(-1) ?? 1]);
    },
    gemm(a: Value, b: Value, attributes: Operators["Gemm"]): Value {
      const rows = a.shape[attributes.transA ? 1 : 0] ?? 1;
      const columns = b.shape[attributes.transB ? 0 : 1] ?? 1;
      return single("Gemm", [a, b], attributes, a.dtype, [rows, columns]);
    },
    conv(x: Value, weights: Value, attributes: Operators["Conv"]): Value {
      const { kernelShape, strides, dilations, pads } = attributes;
      const spatial = kernelShape.map((kernel, axis) =>
        windowExtent(
          x.shape[axis + 2] ?? 1,
          kernel,
          strides[axis] ?? 1,
          dilations[axis] ?? 1,
          (pads[axis] ?? 0) + (pads[axis + kernelShape.length] ?? 0),
        ),
      );
      return single("Conv", [x, weights], attributes, x.dtype, [
        x.shape[0] ?? 1,
        weights.shape[0] ?? 1,
        ...spatial,
      ]);
    },
    convTranspose(x: Value, weights: Value, attributes: Operators["ConvTranspose"]): Value {
      const { kernelShape, strides, dilations, pads, outputPadding, group } = attributes;
      const spatial = kernelShape.map((kernel, axis) => {
        const padding = (pads[axis] ?? 0) + (pads[axis + kernelShape.length] ?? 0);
        const reach =
          ((x.shape[axis + 2] ?? 1) - 1) * (strides[axis] ?? 1) + (dilations[axis] ?? 1) * (kernel - 1) + 1;
        return reach - padding + (outputPadding[axis] ?? 0);
      });
      const channels = (weights.shape[1] ?? 1) * group;
      return single("ConvTranspose", [x, weights], attributes, x.dtype, [
        x.shape[0] ?? 1,
        channels,
        ...spatial,
      ]);
    },
    /** Adds `updates` into zeros of the given size at flat positions `indices`; where positions repeat, the sum. */
    scatterAddFlat(size: number, indices: Value, updates: Value): Value {
      const count = sizeOf(updates.shape);
      return single(
        "ScatterElements",
        [operations.zeros([size]), reshape(indices, [count]), reshape(updates, [count])],
        { axis: 0, reduction: "add" },
        updates.dtype,
        [size],
      );
    },

    /** A further input of the graph. */
    input(name: string, dtype: DType, shape: Shape): Value {
      if (taken.has(name)) throw new Error(`the graph has a value named ${name} already`);
      taken.add(name);
      const value: Value = { name, dtype, shape };
      inputs.push(value);
      return value;
    },
    /** Nodes appended from here on carry this origin, so that errors and profiles can name it. */
    from(origin: Source | undefined): void {
      source = origin;
    },
    /** The graph as extended so far. */
    build: (outputs: readonly Value[]): Graph => ({
      inputs: [...inputs],
      nodes: [...nodes],
      outputs,
      constants: new Map(constants),
    }),
  };
  return operations;
}

export type Builder = ReturnType<typeof extend>;
