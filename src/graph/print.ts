import type { Graph, Node, Value } from "./graph.ts";

const typed = ({ name, dtype, shape }: Value): string => `${name}: ${dtype}[${shape.join(",")}]`;

function attributeText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(attributeText).join(",")}]`;
  return String(value);
}

function nodeLine(node: Node): string {
  const attributes = Object.entries(node.attributes)
    .filter(([key]) => key !== "payload")
    .map(([key, value]) => `${key}=${attributeText(value)}`);
  const inputs = node.inputs.map((input) => input?.name ?? "-");
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
