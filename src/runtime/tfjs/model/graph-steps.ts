import type { GraphModel } from "@tensorflow/tfjs-converter";
import type { GraphNode } from "./files.ts";
import { graphWindow } from "./graph-window.ts";
import type { Step } from "./program.ts";

/** A node as a step, with the constants that it reads. */
export interface GraphStep extends Step {
  readonly node: GraphNode;
  readonly constants: readonly string[];
}

/** The words by which the rest of erfit knows an operator. */
const operators: Readonly<Record<string, string>> = { AvgPool: "AveragePool" };

/** Inputs that bound values: an infinite one is no bound, and nothing is wrong with it. */
const bounds: Readonly<Record<string, (index: number) => boolean>> = {
  ClipByValue: (index) => index > 0,
  Minimum: () => true,
};

/** `name:0` is the first output of `name`; `^name` only has to run before. */
export const nodeOf = (input: string): string => input.replace(/^\^/, "").replace(/:\d+$/, "");

const scopeOf = (name: string): string | undefined =>
  name.includes("/") ? name.split("/").join(".") : undefined;

/** The nodes that compute something, in topological order. */
export function stepsOf(
  nodes: readonly GraphNode[],
  weights: GraphModel["weights"],
): ReadonlyMap<string, GraphStep> {
  const constant = new Set(nodes.filter(({ op }) => op === "Const").map(({ name }) => name));
  const byName = new Map(nodes.map((node) => [node.name, node]));
  const steps = new Map<string, GraphStep>();
  const visit = (name: string): void => {
    const node = byName.get(name);
    if (node === undefined || steps.has(name) || constant.has(name)) return;
    byName.delete(name); // a cycle ends here
    const inputs = node.input.filter((input) => !input.startsWith("^")).map(nodeOf);
    inputs.forEach(visit);
    steps.set(name, {
      name,
      operator: operators[node.op] ?? node.op,
      module: scopeOf(name),
      inputs: inputs.filter((input) => !constant.has(input)),
      window: graphWindow(node, (input) => weights[nodeOf(input)]?.[0]),
      node,
      constants: inputs.filter((input, index) => constant.has(input) && bounds[node.op]?.(index) !== true),
    });
  };
  nodes.forEach(({ name }) => {
    visit(name);
  });
  return steps;
}
