import { extend, type Builder } from "../../graph/builder.ts";
import {
  dependents,
  producers,
  pruned,
  renamed,
  type Graph,
  type Node,
  type Value,
} from "../../graph/graph.ts";
import type { Tensor } from "../../core/tensor.ts";

/** The graph around a node, as it is before the rewrite. */
export interface Surroundings {
  /** The node that computes a value; undefined for constants and inputs. */
  readonly producer: (value: Value | null | undefined) => Node | undefined;
  /** The nodes that read a value. */
  readonly consumers: (value: Value) => readonly Node[];
  /** Whether a value is the same in every run: the runtime computes it once. */
  readonly constant: (value: Value) => boolean;
  /** The elements of a stored constant; undefined for what is computed. */
  readonly elements: (value: Value) => Tensor | undefined;
}

/** Writes a node in another way and returns what stands for its outputs, new values all; `undefined` leaves it. */
export type Rewrite = (g: Builder, node: Node, around: Surroundings) => readonly Value[] | undefined;

function surroundings(graph: Graph): Surroundings {
  const byOutput = producers(graph);
  const variable = dependents(
    graph,
    graph.inputs.map(({ name }) => name),
  );
  const readers = new Map<string, Node[]>();
  for (const node of graph.nodes) {
    for (const name of new Set(node.inputs.flatMap((input) => (input === null ? [] : [input.name])))) {
      const known = readers.get(name);
      if (known === undefined) readers.set(name, [node]);
      else known.push(node);
    }
  }
  return {
    producer: (value) => (value == null ? undefined : byOutput.get(value.name)),
    consumers: (value) => readers.get(value.name) ?? [],
    constant: (value) => !variable.has(value.name),
    elements: (value) => graph.constants.get(value.name),
  };
}

/** The graph with one rewrite tried at every node. Values keep their names; what nobody reads any more is gone. */
export function rewritten(graph: Graph, rewrite: Rewrite): Graph {
  const around = surroundings(graph);
  const g = extend(
    { ...graph, nodes: [] },
    graph.nodes.flatMap((node) => node.outputs.map(({ name }) => name)),
  );
  const names = new Map<string, string>();
  for (const node of graph.nodes) {
    g.from(node.source);
    const outputs = rewrite(g, node, around);
    if (outputs === undefined) g.append(node);
    else outputs.forEach(({ name }, k) => names.set(name, node.outputs[k]?.name ?? name));
  }
  const written = renamed(g.build(graph.outputs), (name) => names.get(name) ?? name);
  return pruned(written, graph.outputs);
}
