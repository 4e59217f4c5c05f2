import { ErfitError } from "../core/error.ts";
import { extend } from "./builder.ts";
import { pruned, renamed, type Graph, type Value } from "./graph.ts";

/** The value of that name. @throws ErfitError where the graph computes none */
export function valueIn({ inputs, nodes }: Graph, name: string): Value {
  const value = [...inputs, ...nodes.flatMap(({ outputs }) => outputs)].find((one) => one.name === name);
  if (value === undefined) throw new ErfitError(`the network has no tensor named "${name}"`);
  return value;
}

/** Names of all values of a graph. */
const namesIn = ({ inputs, constants, nodes }: Graph): ReadonlySet<string> =>
  new Set([
    ...inputs.map(({ name }) => name),
    ...constants.keys(),
    ...nodes.flatMap(({ outputs }) => outputs.map(({ name }) => name)),
  ]);

/**
 * The part of a graph that computes `outputs`, which it returns under the given names. A value of the network that has such
 * a name is called otherwise. What is returned comes from a node of its own: not every runtime returns inputs and constants.
 */
export function withOutputs(graph: Graph, outputs: Readonly<Record<string, Value>>): Graph {
  const g = extend(graph);
  const returned = Object.entries(outputs).map(([name, value]) => ({
    name,
    value: g.single("Identity", [value], {}, value.dtype, value.shape),
  }));
  const values = returned.map(({ value }) => value);
  const whole = pruned(g.build(values), values);
  const taken = namesIn(whole);
  const free = (name: string): string =>
    taken.has(name) || Object.hasOwn(outputs, name) ? free(`${name}~`) : name;
  const given = new Map([
    ...Object.keys(outputs).map((name) => [name, free(name)] as const),
    ...returned.map(({ name, value }) => [value.name, name] as const),
  ]);
  return renamed(whole, (name) => given.get(name) ?? name);
}
