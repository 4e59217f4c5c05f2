import type { NodeProto } from "onnx-buf";
import { ErfitError } from "../../core/error.ts";
import { usesOf } from "./scope.ts";

/** How messages name a node: by its name, or where it has none by operator and output. */
export const nameOf = (node: NodeProto): string =>
  `${node.opType} node ${node.name === "" ? `of "${node.output.find((name) => name !== "") ?? ""}"` : `"${node.name}"`}`;

/** Every tensor has one definition, and nothing reads one that has none. */
export function checkNames(
  nodes: readonly NodeProto[],
  given: readonly string[],
  outputs: readonly string[],
  file: string,
): void {
  const known = new Set(given);
  for (const node of nodes) {
    for (const name of node.output) {
      if (known.has(name))
        throw new ErfitError(`${file}: ${nameOf(node)} defines tensor "${name}" a second time`);
      known.add(name);
    }
  }
  for (const node of nodes) {
    const missing = usesOf(node).find((name) => !known.has(name));
    if (missing !== undefined)
      throw new ErfitError(`${file}: ${nameOf(node)} reads tensor "${missing}", which nothing defines`);
  }
  const missing = outputs.find((name) => !known.has(name));
  if (missing !== undefined) throw new ErfitError(`${file}: nothing defines its output "${missing}"`);
}

/** Nodes in topological order, the file's own order wherever that is one. */
export function inOrder(
  nodes: readonly NodeProto[],
  given: readonly string[],
  file: string,
): readonly NodeProto[] {
  const ready = new Set(given);
  const ordered: NodeProto[] = [];
  const waiting = new Map<string, NodeProto[]>();
  const place = (first: NodeProto): void => {
    const stack = [first];
    for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
      const missing = usesOf(node).find((name) => !ready.has(name));
      if (missing !== undefined) {
        const others = waiting.get(missing);
        if (others === undefined) waiting.set(missing, [node]);
        else others.push(node);
        continue;
      }
      ordered.push(node);
      for (const name of node.output) {
        ready.add(name);
        stack.push(...(waiting.get(name) ?? []).toReversed());
        waiting.delete(name);
      }
    }
  };
  nodes.forEach(place);
  const [stuck] = [...waiting.values()].flat();
  if (stuck !== undefined) throw new ErfitError(`${file}: ${nameOf(stuck)} is part of a cycle`);
  return ordered;
}
