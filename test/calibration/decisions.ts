import { required } from "../../src/core/required.ts";
import type { WindowAxis } from "../../src/graph/window.ts";
import { gradientGraph, type GradientRequest } from "../../src/autodiff/gradient.ts";
import type { Application } from "../../src/autodiff/pullbacks/pullback.ts";
import { pullbacks } from "../../src/autodiff/pullbacks/table.ts";
import type { Builder } from "../../src/graph/builder.ts";
import type { Graph, Value } from "../../src/graph/graph.ts";
import { sizeOf, type Tensor } from "../../src/core/tensor.ts";

/** An operator whose derivative is a choice at every element: to pass or to block, or which element to pass to. */
export interface Chooser {
  readonly x: Value;
  readonly y: Value;
  readonly dy: Value;
  /**
   * Input of the gradient graph, shaped like `y`: zero where the derivative stays as it is, and a tie's `detour` where
   * the other choice is to be taken.
   */
  readonly detours: Value & { readonly dtype: "bool" | "int32" };
  /** The elements that came within a distance of the other choice. */
  readonly choices: (x: Float32Array, within: number) => Iterable<Choice>;
}

interface Choice {
  /** Flat position in `y`. */
  readonly element: number;
  /** From the input to the kink, or between the two largest of a window. */
  readonly distance: number;
  readonly detour: number;
}

export interface NearTie extends Choice {
  readonly chooser: Chooser;
  /** The distance over the largest magnitude of the operator's input. */
  readonly margin: number;
}

export interface FlippableGradient {
  /** Its only output is the gradient. */
  readonly graph: Graph;
  readonly gradient: Value;
  readonly choosers: readonly Chooser[];
}

/**
 * The gradient graph in which every choice of a ReLU, Clip or max pool can be taken the other way, by feeding `detours`.
 * The forward pass stays as it is, bit for bit.
 */
export function flippableGradient(graph: Graph, request: GradientRequest): FlippableGradient {
  const choosers: Chooser[] = [];
  const chooser = (
    g: Builder,
    { x: [x], y, dy }: Application<"Relu" | "Clip" | "MaxPool">,
    dtype: "bool" | "int32",
    choices: Chooser["choices"],
  ): Value => {
    const name = `detours of ${y.name}`;
    const detours = g.input(name, dtype, y.shape);
    choosers.push({ x, y, dy, detours: { name, dtype, shape: y.shape }, choices });
    return detours;
  };
  /** A gate hands on either the whole cotangent or nothing: the other choice is the rest. */
  const gate = (
    g: Builder,
    application: Application<"Relu" | "Clip">,
    passed: Value,
    kinks: readonly number[],
  ) => {
    const flipped = chooser(g, application, "bool", (x, within) => towardsKinks(x, kinks, within));
    return [g.where(flipped, g.sub(application.dy, passed), passed)];
  };
  const table: typeof pullbacks = {
    ...pullbacks,
    Relu: (g, application) => gate(g, application, pulled(pullbacks.Relu(g, application)), [0]),
    Clip: (g, application) => {
      const { min, max } = application.attributes;
      return gate(g, application, pulled(pullbacks.Clip(g, application)), [min, max].filter(Number.isFinite));
    },
    MaxPool: (g, application) => {
      const [y, indices] = application.outputs;
      if (indices === undefined) throw new Error("a max pool without its indices");
      const shift = chooser(g, application, "int32", (x, within) => betweenLargest(x, application, within));
      return pullbacks.MaxPool(g, {
        ...application,
        outputs: [y, g.add(indices, g.cast(shift, "int64"))],
      });
    },
  };
  const { graph: program, gradient } = gradientGraph(graph, request, table);
  return { graph: program, gradient, choosers };
}

function pulled([cotangent]: readonly (Value | null)[]): Value {
  if (cotangent == null) throw new Error("a gate's pullback gives one cotangent");
  return cotangent;
}

function* towardsKinks(x: Float32Array, kinks: readonly number[], within: number): Iterable<Choice> {
  for (const kink of kinks) {
    for (let element = 0; element < x.length; element++) {
      const distance = Math.abs((x[element] ?? 0) - kink);
      if (distance <= within) yield { element, distance, detour: 1 };
    }
  }
}

/** Two-dimensional pools. Windows of zeros are left out: behind a ReLU, whichever zero is chosen passes nothing on. */
function* betweenLargest(
  x: Float32Array,
  { x: [input], y, attributes }: Application<"MaxPool">,
  within: number,
): Iterable<Choice> {
  const [, , height = 1, width = 1] = input.shape;
  const [, , rows = 1, columns = 1] = y.shape;
  const [vertical, horizontal] = [required(attributes.axes[0], "axis"), required(attributes.axes[1], "axis")];
  const [kernelY, kernelX] = [vertical.kernel, horizontal.kernel];
  const along = ({ stride, before, dilation }: WindowAxis, cell: number, k: number) =>
    cell * stride - before + k * dilation;
  for (let element = 0; element < sizeOf(y.shape); element++) {
    const plane = Math.floor(element / (rows * columns));
    const [row, column] = [Math.floor(element / columns) % rows, element % columns];
    let [largest, at, second, secondAt] = [-Infinity, -1, -Infinity, -1];
    for (let k = 0; k < kernelY * kernelX; k++) {
      const [i, j] = [along(vertical, row, Math.floor(k / kernelX)), along(horizontal, column, k % kernelX)];
      if (i < 0 || i >= height || j < 0 || j >= width) continue;
      const position = (plane * height + i) * width + j;
      const value = x[position] ?? 0;
      if (value > largest) [second, secondAt, largest, at] = [largest, at, value, position];
      else if (value > second) [second, secondAt] = [value, position];
    }
    const distance = largest - second;
    if (largest !== 0 && distance <= within) yield { element, distance, detour: secondAt - at };
  }
}

/** The tensors of the gradient graph that `nearTies` reads. */
export const observed = ({ graph, choosers }: FlippableGradient): readonly Value[] => [
  ...new Set(choosers.flatMap(({ x, dy }) => [x, dy]).filter(({ name }) => !graph.constants.has(name))),
];

/**
 * Choices that rounding may have made: closer to the other side than `margin` times the operator's largest input, with
 * a cotangent that makes the choice matter. The closest comes first.
 */
export function nearTies(
  { graph, choosers }: FlippableGradient,
  observations: Readonly<Record<string, Tensor>>,
  margin: number,
): readonly NearTie[] {
  const elements = ({ name }: Value): Float32Array => {
    const tensor = observations[name] ?? graph.constants.get(name);
    if (tensor?.dtype !== "float32") throw new Error(`no float32 tensor ${name}`);
    return tensor.data;
  };
  const ties = choosers.flatMap((chooser) => {
    const [x, dy] = [elements(chooser.x), elements(chooser.dy)];
    const largest = x.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    return Array.from(chooser.choices(x, margin * largest))
      .filter(({ element }) => dy[element] !== 0)
      .map((choice): NearTie => ({ ...choice, chooser, margin: choice.distance / largest }));
  });
  return ties.sort((a, b) => a.margin - b.margin);
}
