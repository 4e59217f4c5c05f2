import type { NodeProto } from "onnx-buf";
import { applies, usesOf } from "../file/scope.ts";

/** Operators that slide a window: one that is larger than its input makes an extent below zero. */
const isWindow = (node: NodeProto): boolean =>
  applies(node, "Conv", "ConvTranspose", "MaxPool", "AveragePool", "LpPool");

/**
 * Nodes in layers that are inferred one after the other. ONNX Runtime 1.30 takes extents below zero from windows, and ends the
 * process where a Slice meets one (`std::clamp`, an assertion): behind a window, a Slice comes in the next layer. By then
 * the window's output has been asked for, and extents below zero are refused.
 * @param nodes in topological order
 * @returns for each layer, the nodes up to it
 */
export function strata(nodes: readonly NodeProto[]): readonly (readonly NodeProto[])[] {
  const depths = new Map<string, number>();
  const unseen = new Map<string, number>();
  const own = nodes.map((node) => {
    const inputs = usesOf(node);
    const before = Math.max(0, ...inputs.map((name) => depths.get(name) ?? 0));
    const behindWindow = inputs.some((name) => unseen.get(name) === before);
    const depth = applies(node, "Slice") && behindWindow ? before + 1 : before;
    for (const name of node.output) {
      depths.set(name, depth);
      if (isWindow(node) || (behindWindow && depth === before)) unseen.set(name, depth);
    }
    return depth;
  });
  const deepest = Math.max(0, ...own);
  return Array.from({ length: deepest + 1 }, (_, depth) => nodes.filter((_, k) => (own[k] ?? 0) <= depth));
}
