import { gradientGraph } from "../../../src/autodiff/gradient.ts";
import type { Cell } from "../../../src/autodiff/objective.ts";
import type { Graph, Value } from "../../../src/graph/graph.ts";
import type { Tensor } from "../../../src/core/tensor.ts";

export interface BothWays {
  readonly whole: Float32Array;
  readonly throughCone: Float32Array;
}

/** The gradient of one cell with respect to the graph's first input, through all of the graph and through the cone. */
export async function bothWays(
  graph: Graph,
  target: Value,
  cell: Cell,
  run: (program: Graph) => Promise<readonly Tensor[]>,
): Promise<BothWays> {
  const [withRespectTo] = graph.inputs;
  if (withRespectTo === undefined) throw new Error("a graph with an input");
  const gradient = async (cone: boolean) => {
    const objective = { kind: "channel-mean", cell } as const;
    const program = gradientGraph(graph, { target, objective, withRespectTo, cone });
    const [tensor] = await run(program.graph);
    if (tensor?.dtype !== "float32" || tensor.shape.join() !== withRespectTo.shape.join())
      throw new Error(`a gradient has the input's shape, not [${tensor?.shape.join() ?? ""}]`);
    return tensor.data;
  };
  return { whole: await gradient(false), throughCone: await gradient(true) };
}

const largest = (values: Float32Array): number =>
  values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);

/** Largest difference, as a share of the largest element. */
export function difference({ whole, throughCone }: BothWays): number {
  const most = largest(whole.map((value, k) => value - (throughCone[k] ?? NaN)));
  return most === 0 ? 0 : most / largest(whole);
}
