import type { Graph, Value } from "../../graph/graph.ts";
import type { Objective } from "../objective.ts";
import { cone } from "./cone.ts";

/** A gradient that is asked of a graph. */
interface Asked {
  readonly graph: Graph;
  readonly target: Value;
  readonly objective: Objective;
  readonly withRespectTo: Value;
  readonly alongside?: readonly Value[];
}

/**
 * The same gradient asked of the dependency cone: where the objective reads one cell, the gradient is with respect to an
 * input of the graph, and no further tensor is to come out whole. Else as it was asked.
 */
export function narrowed(asked: Asked): Asked {
  const { graph, target, objective, withRespectTo, alongside = [] } = asked;
  const ofCell = objective.kind === "channel-mean" || objective.kind === "rectified-sum";
  const ofInput = graph.inputs.some(({ name }) => name === withRespectTo.name);
  if (!ofCell || !ofInput || alongside.length > 0) return asked;
  const { cell, ...part } = cone(graph, target, objective.cell);
  return { ...part, objective: { ...objective, cell }, withRespectTo };
}
