import { gradientGraph } from "../../src/autodiff/gradient.ts";
import type { Graph } from "../../src/graph/graph.ts";
import type { Tensor } from "../../src/core/tensor.ts";
import { exportModel } from "../../src/onnx/export.ts";
import { run } from "./run.ts";

/** The vector-Jacobian product of a graph's output with `v`, with respect to its input `x`. */
export async function gradientOf(graph: Graph, x: Tensor, v: Tensor): Promise<Tensor> {
  const [image] = graph.inputs;
  const [target] = graph.outputs;
  if (image === undefined || target === undefined) throw new Error("the graph has no input or output");
  const objective = { kind: "cotangent", name: "v" } as const;
  const program = gradientGraph(graph, { target, objective, withRespectTo: image });
  const feeds = Object.entries({ [image.name]: x, v });
  const fed = feeds.filter(([name]) => program.graph.inputs.some((input) => input.name === name));
  const results = await run(exportModel(program.graph), Object.fromEntries(fed), "test");
  const gradient = results[program.gradient.name];
  if (gradient === undefined) throw new Error("no gradient came back");
  return gradient;
}
