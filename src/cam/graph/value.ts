import type { Graph, Value } from "../../graph/graph.ts";
import { ErfitError } from "../../core/error.ts";

/** The value of that name. @throws ErfitError where the graph computes none */
export function valueIn({ inputs, nodes }: Graph, name: string): Value {
  const value = [...inputs, ...nodes.flatMap(({ outputs }) => outputs)].find((one) => one.name === name);
  if (value === undefined) throw new ErfitError(`the network has no tensor named "${name}"`);
  return value;
}
