import { expect } from "vitest";
import { rewritten, type Rewrite } from "../../../src/runtime/rewrites/rewrite.ts";
import type { Graph } from "../../../src/graph/graph.ts";
import { numbersOf } from "../../../src/core/tensor.ts";
import { relativeL2 } from "../../relative-l2.ts";
import { runGraph } from "../../graph/run-graph.ts";

/** The operators of a graph, in order. */
export const operators = (graph: Graph): readonly string[] => graph.nodes.map(({ op }) => op);

/** The graph after a rewrite; both were run, and give the same numbers under the same names. */
export async function sameAfter(rewrite: Rewrite, graph: Graph): Promise<Graph> {
  const after = rewritten(graph, rewrite);
  expect(after.outputs).toEqual(graph.outputs);
  const [expected, found] = await Promise.all([runGraph(graph), runGraph(after)]);
  for (const [k, tensor] of expected.entries()) {
    const numbers = found[k] === undefined ? [] : numbersOf(found[k]);
    expect(found[k]?.shape).toEqual(tensor.shape);
    expect(relativeL2(Float32Array.from(numbers), Float64Array.from(numbersOf(tensor)))).toBeLessThan(1e-5);
  }
  return after;
}
