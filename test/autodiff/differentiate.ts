import { gradientGraph } from "../../src/autodiff/gradient.ts";
import type { Objective } from "../../src/autodiff/objective.ts";
import type { Builder } from "../../src/graph/builder.ts";
import type { Value } from "../../src/graph/graph.ts";
import type { Shape, Tensor } from "../../src/core/tensor.ts";
import { graphOf, runGraph } from "../graph/run-graph.ts";

/** d objective(build(x)) / dx, as graph. */
export function gradientOf(
  shape: Shape,
  build: (g: Builder, x: Value) => Value,
  objective: Objective | ((y: Value) => Objective),
) {
  const graph = graphOf(shape, build);
  const [x] = graph.inputs;
  const [y] = graph.outputs;
  if (x === undefined || y === undefined) throw new Error("a graph of one input and one output");
  const resolved = typeof objective === "function" ? objective(y) : objective;
  return gradientGraph(graph, { target: y, objective: resolved, withRespectTo: x }).graph;
}

/** The same, run on `x` (noise by default). */
export async function gradientAt(
  shape: Shape,
  build: (g: Builder, x: Value) => Value,
  objective: Objective | ((y: Value) => Objective),
  feeds: Readonly<Record<string, Tensor>> = {},
): Promise<Float32Array> {
  const [gradient] = await runGraph(gradientOf(shape, build, objective), feeds);
  if (gradient?.dtype !== "float32") throw new Error("a gradient is float32");
  return gradient.data;
}

/** Hands the target on unchanged: the gradient is then the objective's seed. */
export const identity = (g: Builder, x: Value): Value => g.single("Identity", [x], {}, x.dtype, x.shape);
