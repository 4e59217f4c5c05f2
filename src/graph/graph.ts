import type { DType, Shape, Tensor } from "../core/tensor.ts";
import { inputKinds, type InputKind, type Op, type Operators } from "./operators.ts";

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

type InputsByKind<Kinds extends readonly InputKind[]> = Kinds extends readonly ["all"]
  ? readonly [Value, ...Value[]]
  : Kinds extends readonly ["any"]
    ? readonly (Value | null)[]
    : { readonly [I in keyof Kinds]: Kinds[I] extends "optional" ? Value | null : Value };

type Inputs = { readonly [K in Op]: InputsByKind<(typeof inputKinds)[K]> };

/** The inputs of an operator; `null` stands for an optional one that is left out. */
export type InputsOf<K extends Op> = Inputs[K];

export interface NodeOf<K extends Op> {
  readonly op: K;
  readonly inputs: InputsOf<K>;
  readonly outputs: readonly [Value, ...Value[]];
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

/** Thrown for a node with other inputs than its operator takes; the message completes "the node ...". */
export class WrongInputs extends Error {}

/** Inputs as those of an operator, with `null` for the optional ones that are not given. @throws WrongInputs */
function inputsOf<K extends Op>(op: K, given: readonly (Value | null)[]): InputsOf<K> {
  const kinds: readonly InputKind[] = inputKinds[op];
  const [first] = kinds;
  const several = first === "all" || first === "any";
  const inputs = several ? given : kinds.map((_, position) => given[position] ?? null);
  const missing =
    first === "all" && given.length === 0
      ? 0
      : inputs.findIndex(
          (input, position) => input === null && (first === "all" || kinds[position] === "required"),
        );
  if (missing >= 0) throw new WrongInputs(`lacks its input ${missing}`);
  if (given.length > inputs.length)
    throw new WrongInputs(`has ${given.length} inputs; ${op} takes ${inputs.length}`);
  const checked: unknown = inputs;
  return checked as InputsOf<K>; // of the kinds that the operator takes, as was checked
}

/** A node as yet unchecked. */
type Drafted<K extends Op> = Omit<NodeOf<K>, "inputs"> & { readonly inputs: readonly (Value | null)[] };

/** A node of any operator, its inputs checked. @throws WrongInputs */
export function nodeOf<K extends Op>(drafted: Drafted<K>): Node {
  const node: NodeOf<K> = { ...drafted, inputs: inputsOf(drafted.op, drafted.inputs) };
  return node as Node; // inputs and attributes are those of its operator
}

/** `map` of a list that has an item; so has the result. */
export const mapAll = <T, U>(
  [first, ...others]: readonly [T, ...T[]],
  to: (item: T, position: number) => U,
): readonly [U, ...U[]] => [to(first, 0), ...others.map((item, k) => to(item, k + 1))];

/** The inputs of a node that are not left out. */
export const operandsOf = ({ inputs }: { readonly inputs: readonly (Value | null)[] }): readonly Value[] =>
  inputs.filter((input) => input !== null);

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
  const last = positionsOf(graph).get(name);
  if (last !== undefined) yield* graph.nodes.slice(0, last + 1).reverse();
}

/** Names of the values that change when any of `names` changes (these included). */
export function dependents(graph: Graph, names: Iterable<string>): ReadonlySet<string> {
  const reached = new Set(names);
  for (const node of graph.nodes) {
    if (operandsOf(node).some(({ name }) => reached.has(name))) {
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
      for (const { name } of operandsOf(node)) reached.add(name);
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
    nodes: graph.nodes.map((node) =>
      nodeOf({
        ...node,
        inputs: node.inputs.map((input) => input && value(input)),
        outputs: mapAll(node.outputs, value),
      }),
    ),
    outputs: graph.outputs.map(value),
    constants: new Map([...graph.constants].map(([name, tensor]) => [rename(name), tensor])),
  };
}
