import { broadcastShapes, sameShape, sizeOf, type RealMap, type Shape } from "./tensor.ts";

interface Shaped {
  readonly shape: Shape;
}

/**
 * The operations that formulas are written in, so that each formula is written once: `arrays` computes them, and the
 * builder of a graph (`extend`), whose methods have these names, writes them as operators. Operands broadcast as NumPy's.
 */
export interface Algebra<T extends Shaped> {
  add(a: T | number, b: T | number): T;
  mul(a: T | number, b: T | number): T;
  div(a: T | number, b: T | number): T;
  neg(x: T): T;
  abs(x: T): T;
  relu(x: T): T;
  greater(a: T | number, b: T | number): T;
  where(condition: T, yes: T | number, no: T | number): T;
  reduceSum(x: T, axes: readonly number[], keepDims?: boolean): T;
  reduceMean(x: T, axes: readonly number[], keepDims?: boolean): T;
  reduceMax(x: T, axes: readonly number[], keepDims?: boolean): T;
  reshape(x: T, shape: Shape): T;
  /** Swaps the last two axes. */
  matrixTranspose(x: T): T;
  matmul(a: T, b: T): T;
}

/** A formula of one value. */
export type Unary = <T extends Shaped>(g: Algebra<T>, x: T) => T;

/** Real numbers, row-major. */
export interface RealArray extends Shaped {
  readonly data: Float32Array | Float64Array;
}

/** Two axes in float64: what a formula makes of a grid. */
export function realMapOf({ shape, data }: RealArray): RealMap {
  const [height, width, ...more] = shape;
  if (height === undefined || width === undefined || more.length > 0)
    throw new Error(`a map has two axes, not [${shape.join(", ")}]`);
  return { shape: [height, width], data: data instanceof Float64Array ? data : Float64Array.from(data) };
}

// Hot loops throughout: indices are in range by construction.

type Operand = RealArray | number;

const arrayOf = (operand: Operand): RealArray =>
  typeof operand === "number" ? { shape: [], data: Float64Array.of(operand) } : operand;

/** The elements repeated along the axes of which a value has extent 1, or none. */
function broadcast({ shape: own, data }: RealArray, shape: Shape): RealArray["data"] {
  const extents = [...shape.slice(own.length).map(() => 1), ...own];
  let repeated = data;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const times = shape[axis] ?? 1;
    if (extents[axis] === times) continue;
    extents[axis] = times;
    const block = sizeOf(extents.slice(axis + 1));
    const from = repeated;
    const to = new Float64Array(from.length * times);
    for (let start = 0; start < from.length; start += block) {
      const end = (start + block) * times;
      if (block === 1) to.fill(from[start] ?? 0, start * times, end);
      else
        for (let at = start * times; at < end; at += block) to.set(from.subarray(start, start + block), at);
    }
    repeated = to;
  }
  return repeated;
}

function pointwise(x: RealArray, of: (value: number) => number): RealArray {
  const data = new Float64Array(x.data.length);
  for (let i = 0; i < data.length; i++) data[i] = of(x.data[i] ?? 0);
  return { shape: x.shape, data };
}

function pairwise(a: Operand, b: Operand, of: (a: number, b: number) => number): RealArray {
  const [x, y] = [arrayOf(a), arrayOf(b)];
  const shape = broadcastShapes([x.shape, y.shape]);
  const [left, right] = [broadcast(x, shape), broadcast(y, shape)];
  const data = new Float64Array(left.length);
  for (let i = 0; i < data.length; i++) data[i] = of(left[i] ?? 0, right[i] ?? 0);
  return { shape, data };
}

/** Elements are combined in the order in which they lie. @param axes neighbors, in rising order */
function reduced(
  x: RealArray,
  axes: readonly number[],
  keepDims: boolean,
  start: number,
  combine: (result: number, value: number) => number,
): RealArray {
  const [first = 0] = axes;
  if (axes.some((axis, k) => axis !== first + k)) throw new Error(`axes ${axes.join(", ")} are no neighbors`);
  const count = sizeOf(x.shape.slice(first, first + axes.length));
  const inner = sizeOf(x.shape.slice(first + axes.length));
  const data = new Float64Array(x.data.length / count).fill(start);
  let at = 0;
  for (let block = 0; block < data.length; block += inner)
    for (let k = 0; k < count; k++)
      for (let i = block; i < block + inner; i++) data[i] = combine(data[i] ?? 0, x.data[at++] ?? 0);
  const kept = x.shape.map((extent, axis) => (axes.includes(axis) ? 1 : extent));
  return { shape: keepDims ? kept : kept.filter((_, axis) => !axes.includes(axis)), data };
}

const sum = (x: RealArray, axes: readonly number[], keepDims = true): RealArray =>
  reduced(x, axes, keepDims, 0, (total, value) => total + value);

/** `A · B` for one matrix A and one or several B; zeros of A, which is most of an interpolation, are skipped. */
function product({ shape: [rows = 1, inner = 1], data: a }: RealArray, B: RealArray): RealArray {
  const columns = B.shape.at(-1) ?? 1;
  const batch = B.shape.slice(0, -2);
  const data = new Float64Array(sizeOf(batch) * rows * columns);
  for (let one = 0; one < sizeOf(batch); one++) {
    const [from, to] = [one * inner * columns, one * rows * columns];
    for (let i = 0; i < rows; i++)
      for (let k = 0; k < inner; k++) {
        const factor = a[i * inner + k] ?? 0;
        if (factor === 0) continue;
        for (let j = 0; j < columns; j++) {
          const at = to + i * columns + j;
          data[at] = (data[at] ?? 0) + factor * (B.data[from + k * columns + j] ?? 0);
        }
      }
  }
  return { shape: [...batch, rows, columns], data };
}

function transposed({ shape, data }: RealArray): RealArray {
  const [rows = 1, columns = 1] = shape;
  if (shape.length !== 2) throw new Error(`a matrix has two axes, not [${shape.join(", ")}]`);
  const swapped = Float64Array.from(
    data,
    (_, at) => data[(at % rows) * columns + Math.floor(at / rows)] ?? 0,
  );
  return { shape: [columns, rows], data: swapped };
}

/** The algebra of arrays: everything in float64, sums in the order of the elements. */
export const arrays: Algebra<RealArray> = {
  add: (a, b) => pairwise(a, b, (x, y) => x + y),
  mul: (a, b) => pairwise(a, b, (x, y) => x * y),
  div: (a, b) => pairwise(a, b, (x, y) => x / y),
  neg: (x) => pointwise(x, (value) => -value),
  abs: (x) => pointwise(x, Math.abs),
  relu: (x) => pointwise(x, (value) => Math.max(value, 0)),
  greater: (a, b) => pairwise(a, b, (x, y) => (x > y ? 1 : 0)),
  where(condition, yes, no) {
    const [x, y] = [arrayOf(yes), arrayOf(no)];
    const shape = broadcastShapes([condition.shape, x.shape, y.shape]);
    const [chosen, left, right] = [broadcast(condition, shape), broadcast(x, shape), broadcast(y, shape)];
    return { shape, data: Float64Array.from(chosen, (one, i) => (one === 0 ? right[i] : left[i]) ?? 0) };
  },
  reduceSum: sum,
  reduceMean(x, axes, keepDims) {
    const count = sizeOf(axes.map((axis) => x.shape[axis] ?? 1));
    return pointwise(sum(x, axes, keepDims), (total) => total / count);
  },
  reduceMax: (x, axes, keepDims = true) =>
    reduced(x, axes, keepDims, -Infinity, (most, value) => (value > most ? value : most)),
  reshape(x, shape) {
    if (sizeOf(shape) !== x.data.length)
      throw new Error(`[${x.shape.join(", ")}] is no [${shape.join(", ")}]`);
    return sameShape(x.shape, shape) ? x : { shape, data: x.data };
  },
  matrixTranspose: transposed,
  matmul: product,
};
