import type { GraphNode } from "./files.ts";
import { texts } from "./graph-attributes.ts";

/** What the converter fuses, and the operator inside. */
const fused: Readonly<Record<string, string>> = {
  _FusedConv2D: "Conv2D",
  FusedDepthwiseConv2dNative: "DepthwiseConv2dNative",
  _FusedMatMul: "MatMul",
};

/**
 * A fused node as the nodes that it was fused from. TF.js computes the gradient of a fused convolution by its filter as
 * well, which wasm has no kernel for; apart they are ordinary operators, and what lies before an activation has a name.
 * The last one keeps the node's name.
 */
export function unfused(node: GraphNode): readonly GraphNode[] {
  const operator = fused[node.op];
  if (operator === undefined) return [node];
  const { name, input, attr } = node;
  const names = texts(attr["fused_ops"]);
  const [x = "", filter = "", ...extra] = input;
  const steps = names.map((op, k) => {
    const last = k === names.length - 1;
    const own = last ? name : `${name}/linear`;
    const activation = op !== "BiasAdd";
    const argument = activation && op !== "Prelu" ? [] : [extra[activation ? extra.length - 1 : 0] ?? ""];
    const alpha = op === "LeakyRelu" ? { alpha: attr["leakyrelu_alpha"] ?? { f: 0.2 } } : {};
    return { op, own, argument, attr: { ...(attr["T"] === undefined ? {} : { T: attr["T"] }), ...alpha } };
  });
  const product = steps.length === 0 ? name : `${name}/product`;
  const nodes: GraphNode[] = [{ name: product, op: operator, input: [x, filter], attr }];
  for (const { op, own, argument, attr: attributes } of steps)
    nodes.push({ name: own, op, input: [nodes.at(-1)?.name ?? "", ...argument], attr: attributes });
  return nodes;
}
