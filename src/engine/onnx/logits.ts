import { producers, type Graph, type Node, type Value } from "../../graph/graph.ts";

/** Whether axes longer than one keep their order: elements then do too. */
const keepsOrder = (perm: readonly number[], { shape }: Value): boolean =>
  perm.filter((axis) => shape[axis] !== 1).every((axis, k, kept) => k === 0 || axis > (kept[k - 1] ?? -1));

/** Whether a node hands the elements of its input on, in their order. */
function handsOn(node: Node): boolean {
  switch (node.op) {
    case "Identity":
    case "Reshape":
      return true;
    case "Cast":
      return node.attributes.to === "float32" || node.attributes.to === "float64";
    case "Transpose":
      return node.inputs[0] != null && keepsOrder(node.attributes.perm, node.inputs[0]);
    default:
      return false;
  }
}

/**
 * What the softmax reads that computes an output, or its logarithm: log p is z less a constant, and its softmax is p again.
 * The output itself where it comes from no softmax.
 */
export function beforeSoftmax(graph: Graph, output: Value): Value {
  const byOutput = producers(graph);
  /** The value that comes to be this one through nodes that pass it on. */
  function origin(value: Value, passesOn: (node: Node) => boolean): Value {
    const node = byOutput.get(value.name);
    const [input] = node?.inputs ?? [];
    return node === undefined || input == null || !passesOn(node) ? value : origin(input, passesOn);
  }
  const softmax = byOutput.get(origin(output, handsOn).name);
  if (softmax?.op !== "Softmax" && softmax?.op !== "LogSoftmax") return output;
  const [logits] = softmax.inputs;
  if (logits == null) return output;
  // A softmax over several axes is imported with reshapes around it: the file's node reads what is in front of them.
  return origin(logits, ({ op, source }) => op === "Reshape" && source === softmax.source);
}
