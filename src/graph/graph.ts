import type { DType, Shape, Tensor } from "../core/tensor.ts";
import type { Op, Operators } from "./operators.ts";

/** A tensor of the graph, known by name. The shape is static. */
export interface Value {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: Shape;
}

/** Where a node came from: its name in the file, and the module that the exporter recorded (`layer4.0.conv2`). */
export interface Source {
  readonly node: string;
  readonly module: string | undefined;
}

export interface NodeOf<K extends Op> {
  readonly op: K;
  /** `null` stands for an optional input that is left out. */
  readonly inputs: readonly (Value | null)[];
  readonly outputs: readonly Value[];
  readonly attributes: Operators[K];
  readonly source: Source | undefined;
}

/** One application of an operator: a union that narrows on `op`. */
export type Node = { readonly [K in Op]: NodeOf<K> }[Op];

/** A computation: nodes in topological order, constants by name. */
export interface Graph {
  readonly inputs: readonly Value[];
  readonly nodes: readonly Node[];
  readonly outputs: readonly Value[];
  readonly constants: ReadonlyMap<string, Tensor>;
}

/** The node that produces each value. */
export function producers(graph: Graph): ReadonlyMap<string, Node> {
  return new Map(graph.nodes.flatMap((node) => node.outputs.map((output) => [output.name, node] as const)));
}

const positions = new WeakMap<Graph, ReadonlyMap<string, number>>();

function positionsOf(graph: Graph): ReadonlyMap<string, number> {
  const known = positions.get(graph);
  if (known !== undefined) return known;
  const found = new Map(
    graph.nodes.flatMap((node, position) => node.outputs.map(({ name }) => [name, position] as const)),
  );
  positions.set(graph, found);
  return found;
}

/** The node that computes a value, and all nodes before it, from the last to the first. */
export function* backwardsFrom(graph: Graph, name: string): Generator<Node, void> {
  for (let position = positionsOf(graph).get(name) ?? -1; position >= 0; position--) {
    const node = graph.nodes[position];
    if (node !== undefined) yield node;
  }
}

/** Names of the values that change when any of `names` changes (these included). */
export function dependents(graph: Graph, names: Iterable<string>): ReadonlySet<string> {
  const reached = new Set(names);
  for (const node of graph.nodes) {
    if (node.inputs.some((input) => input !== null && reached.has(input.name))) {
      for (const output of node.outputs) reached.add(output.name);
    }
  }
  return reached;
}

/** Names of the values that `names` are computed from (these included), constants among them. */
export function ancestors(graph: Graph, names: Iterable<string>): ReadonlySet<string> {
  const reached = new Set(names);
  for (const node of graph.nodes.toReversed()) {
    if (node.outputs.some((output) => reached.has(output.name))) {
      for (const input of node.inputs) if (input !== null) reached.add(input.name);
    }
  }
  return reached;
}

/** The part of the graph that computes `outputs`, and nothing else. */
export function pruned(graph: Graph, outputs: readonly Value[]): Graph {
  const needed = ancestors(
    graph,
    outputs.map((output) => output.name),
  );
  return {
    inputs: graph.inputs.filter((input) => needed.has(input.name)),
    nodes: graph.nodes.filter((node) => node.outputs.some((output) => needed.has(output.name))),
    outputs,
    constants: new Map([...graph.constants].filter(([name]) => needed.has(name))),
  };
}

/** The same graph with every value under another name. Distinct names have to stay distinct. */
export function renamed(graph: Graph, rename: (name: string) => string): Graph {
  const value = ({ name, dtype, shape }: Value): Value => ({ name: rename(name), dtype, shape });
  return {
    inputs: graph.inputs.map(value),
    nodes: graph.nodes.map((node) => ({
      ...node,
      inputs: node.inputs.map((input) => (input === null ? null : value(input))),
      outputs: node.outputs.map(value),
    })),
    outputs: graph.outputs.map(value),
    constants: new Map([...graph.constants].map(([name, tensor]) => [rename(name), tensor])),
  };
}
