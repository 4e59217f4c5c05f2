import type { Graph, Node, Value } from "./graph.ts";

const typed = ({ name, dtype, shape }: Value): string => `${name}: ${dtype}[${shape.join(",")}]`;

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** One record an axis as one list a key: `stride=[2,2]`. */
const attributeTexts = ([key, value]: readonly [string, unknown]): readonly string[] => {
  const records = Array.isArray(value) ? value.filter(isRecord) : [];
  const [first] = records;
  if (first !== undefined)
    return Object.keys(first).map((name) => `${name}=[${records.map((one) => String(one[name])).join(",")}]`);
  return [`${key}=${Array.isArray(value) ? `[${value.join(",")}]` : String(value)}`];
};

function nodeLine(node: Node): string {
  const attributes = Object.entries(node.attributes)
    .filter(([key]) => key !== "payload")
    .flatMap(attributeTexts);
  const inputs = node.inputs.map((input) => input?.name ?? "-");
  while (inputs.at(-1) === "-") inputs.pop();
  const outputs = node.outputs.map(typed).join(", ");
  return `${outputs} = ${node.op}(${[inputs.join(", "), ...attributes].filter((part) => part !== "").join("; ")})`;
}

/** The graph as short, stable text: one line a node. A reviewer reads a generated gradient as they would read code. */
export function print(graph: Graph): string {
  return [
    ...graph.inputs.map((input) => `input ${typed(input)}`),
    ...[...graph.constants].map(([name, { dtype, shape }]) => `constant ${typed({ name, dtype, shape })}`),
    ...graph.nodes.map(nodeLine),
    `return ${graph.outputs.map(({ name }) => name).join(", ")}`,
  ].join("\n");
}
