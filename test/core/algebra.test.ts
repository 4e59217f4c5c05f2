import { expect, it } from "vitest";
import { arrays, realMapOf, type Algebra, type RealArray } from "../../src/core/algebra.ts";
import { float32, sizeOf, type Shape } from "../../src/core/tensor.ts";
import { extend } from "../../src/graph/builder.ts";
import { empty, runGraph } from "../graph/run-graph.ts";
import { noise } from "../onnx/small-model.ts";

/** One operation of two operands of the given shapes. */
type Formula = <T extends { readonly shape: Shape }>(g: Algebra<T>, a: T, b: T) => T;
interface Case {
  readonly name: string;
  readonly a: Shape;
  readonly b?: Shape;
  readonly of: Formula;
}

const cases: readonly Case[] = [
  { name: "add", a: [2, 3, 4], b: [2, 3, 4], of: (g, a, b) => g.add(a, b) },
  { name: "add, a row", a: [3, 4], b: [4], of: (g, a, b) => g.add(a, b) },
  { name: "mul, a number a channel", a: [2, 1, 1], b: [2, 3, 4], of: (g, a, b) => g.mul(a, b) },
  { name: "mul, a column by a row", a: [3, 1], b: [1, 4], of: (g, a, b) => g.mul(a, b) },
  { name: "div, a scalar", a: [2, 3], b: [], of: (g, a, b) => g.div(a, b) },
  { name: "div, of a number", a: [2, 3], of: (g, a) => g.div(2, a) },
  { name: "neg", a: [5], of: (g, a) => g.neg(a) },
  { name: "abs", a: [5], of: (g, a) => g.abs(a) },
  { name: "relu", a: [5], of: (g, a) => g.relu(a) },
  { name: "where", a: [2, 3], b: [1, 3], of: (g, a, b) => g.where(g.greater(a, b), a, 0.5) },
  { name: "sum over channels", a: [2, 3, 4], of: (g, a) => g.reduceSum(a, [0], false) },
  { name: "sum over cells", a: [2, 3, 4], of: (g, a) => g.reduceSum(a, [1, 2]) },
  { name: "sum over the middle", a: [2, 3, 4], of: (g, a) => g.reduceSum(a, [1], false) },
  { name: "mean", a: [2, 3, 4], of: (g, a) => g.reduceMean(a, [1, 2]) },
  { name: "max", a: [3, 4], of: (g, a) => g.reduceMax(a, [0, 1]) },
  { name: "reshape", a: [3, 4], of: (g, a) => g.reshape(a, [2, 6]) },
  { name: "matrix transpose", a: [3, 4], of: (g, a) => g.matrixTranspose(a) },
  { name: "matmul", a: [2, 3], b: [3, 4], of: (g, a, b) => g.matmul(a, b) },
  { name: "matmul, several", a: [2, 3], b: [5, 3, 4], of: (g, a, b) => g.matmul(a, b) },
];

it.each(cases)("$name: as numbers and as a graph", async ({ a, b = [1], of }) => {
  const [x, y] = [noise(a, 1), noise(b, 2)];
  const g = extend(empty);
  const value = of(g, g.input("a", "float32", a), g.input("b", "float32", b));
  const [found] = await runGraph(g.build([value]), { a: x, b: y });
  const numbers = of<RealArray>(arrays, x, y);
  expect([numbers.shape, sizeOf(numbers.shape)]).toEqual([value.shape, numbers.data.length]);
  numbers.data.forEach((number, i) => {
    expect(number).toBeCloseTo(Number(found?.data[i]), 5);
  });
});

it("sums are in float64, in the order of the elements", () => {
  const { data } = arrays.reduceSum(float32([3], [2 ** 60, 1, -(2 ** 60)]), [0]);
  expect([...data]).toEqual([0]);
  expect([...arrays.reduceSum(float32([3], [2 ** 60, -(2 ** 60), 1]), [0]).data]).toEqual([1]);
});

it("what has no meaning is an error", () => {
  const cube = float32([2, 2, 2], new Float32Array(8));
  expect(() => realMapOf(cube)).toThrow("a map has two axes, not [2, 2, 2]");
  expect(() => arrays.reduceSum(cube, [0, 2])).toThrow("axes 0, 2 are no neighbors");
  expect(() => arrays.reshape(cube, [3])).toThrow("[2, 2, 2] is no [3]");
  expect(() => arrays.matrixTranspose(cube)).toThrow("a matrix has two axes");
  expect(() => arrays.add(cube, float32([3], [1, 2, 3]))).toThrow("do not broadcast");
});
