import { gradientGraph } from "../../../src/autodiff/gradient.ts";
import type { Graph, Value } from "../../../src/graph/graph.ts";
import type { Op } from "../../../src/graph/operators.ts";
import { float32, numbersOf, sameShape, type Shape, type Tensor } from "../../../src/core/tensor.ts";
import { exportModel } from "../../../src/onnx/export.ts";
import { relativeDifference, run } from "../run.ts";
import { imageShape, imported, info, ints, model, node, noise } from "../small-model.ts";

/** A one-operator network `y = op(x, ...)` in some opset: its constants, attributes, and image shape. */
export interface Case {
  readonly opset?: number;
  /** Inputs behind the image: constants, what is left out, or "x", the image once more. */
  readonly constants?: readonly (Tensor | "x" | null)[];
  readonly attributes?: Parameters<typeof node>[3];
  readonly shape?: Shape;
  /** Operators that the node becomes, where it is not one of the same name. */
  readonly becomes?: readonly Op[];
  readonly outputs?: readonly string[];
  readonly domain?: string;
}

function fileOf(op: string, one: Case): Uint8Array {
  const { opset = 20, constants = [], attributes = {}, shape = imageShape } = one;
  const { outputs = ["y"], domain = "" } = one;
  const stored = constants.flatMap((tensor, index) =>
    tensor === null || tensor === "x" ? [] : [[`c${index}`, tensor] as const],
  );
  // Images have four axes: tokens [1, T, C] are made of [1, 1, T, C].
  const tokens = shape.length < 4;
  const first = tokens ? "tokens" : "x";
  const inputs = constants.map((tensor, index) =>
    tensor === null ? "" : tensor === "x" ? first : `c${index}`,
  );
  return model({
    opset,
    nodes: [
      ...(tokens ? [node("Reshape", ["x", "shape"], ["tokens"])] : []),
      node(op, [first, ...inputs], outputs, attributes, { domain }),
    ],
    initializers: { ...Object.fromEntries(stored), ...(tokens ? { shape: ints(...shape) } : {}) },
    inputs: [info("x", imageOf(one))],
    outputs: outputs.filter((name) => name !== ""),
    ...(domain === "" ? {} : { domains: { [domain]: 1 } }),
  });
}

const imageOf = ({ shape = imageShape }: Case): Shape => [
  ...Array.from({ length: 4 - shape.length }, () => 1),
  ...shape,
];

interface Comparison {
  /** Largest relative difference of an output between the file and the imported graph, both run by ONNX Runtime. */
  readonly difference: number;
  readonly operators: readonly Op[];
}

export async function comparison(op: string, one: Case): Promise<Comparison> {
  const bytes = fileOf(op, one);
  const { graph } = await imported(bytes);
  const feeds = { x: noise(imageOf(one), 5) };
  const [expected, found] = [await run(bytes, feeds, "test"), await run(exportModel(graph), feeds, "test")];
  const differences = Object.entries(expected).map(([name, tensor]) =>
    sameShape(tensor.shape, found[name]?.shape ?? []) ? relativeDifference(tensor, found[name]) : Infinity,
  );
  return { difference: Math.max(...differences), operators: graph.nodes.map((node) => node.op) };
}

const dot = (a: Tensor | undefined, b: Tensor): number =>
  a === undefined
    ? NaN
    : Array.from(a.data, Number).reduce((sum, value, i) => sum + value * Number(b.data[i]), 0);

/** The imported graph's gradient of `y` under the weights `v`. */
async function gradientOf(graph: Graph, y: Value, feeds: Readonly<Record<string, Tensor>>): Promise<Tensor> {
  const [x] = graph.inputs;
  if (x === undefined) throw new Error("no input");
  const objective = { kind: "cotangent", name: "v" } as const;
  const program = gradientGraph(graph, { target: y, objective, withRespectTo: x });
  const wanted = program.graph.inputs.map(({ name }) => name);
  const fed = Object.fromEntries(Object.entries(feeds).filter(([name]) => wanted.includes(name)));
  const gradient = (await run(exportModel(program.graph), fed, "test"))[program.gradient.name];
  if (gradient === undefined) throw new Error("no gradient");
  return gradient;
}

/**
 * How far the imported graph's gradient is from finite differences of the *file*, which erfit did not write: along the
 * gradient itself and along a random direction, relative to the gradient's size.
 */
export async function gradientError(op: string, one: Case): Promise<number> {
  const bytes = fileOf(op, one);
  const { graph } = await imported(bytes);
  const [y] = graph.outputs;
  if (y === undefined) throw new Error("no output");
  const x = noise(imageOf(one), 5);
  const v = noise(y.shape, 6);
  const gradient = await gradientOf(graph, y, { x, v });
  const size = Math.sqrt(dot(gradient, gradient));
  // As long as a random direction, so that the same step suits both.
  const length = Math.sqrt(x.data.length);
  const along = float32(
    x.shape,
    numbersOf(gradient).map((value) => (value * length) / size),
  );
  const errors: number[] = [];
  for (const direction of [along, noise(x.shape, 7)]) {
    const value = async (h: number) => {
      const moved = float32(
        x.shape,
        x.data.map((at, i) => at + h * (direction.data[i] ?? 0)),
      );
      return dot((await run(bytes, { x: moved }, "test"))[y.name], v);
    };
    const central = async (h: number) => ((await value(h)) - (await value(-h))) / (2 * h);
    const numeric = (4 * (await central(0.01)) - (await central(0.02))) / 3;
    errors.push(Math.abs(numeric - dot(gradient, direction)) / (size * Math.sqrt(dot(direction, direction))));
  }
  return Math.max(...errors);
}
