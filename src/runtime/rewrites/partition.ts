import { at } from "../../core/required.ts";
import type { NodeOf, Value } from "../../graph/graph.ts";
import type { Rewrite, Surroundings } from "./rewrite.ts";

/** A part of a tensor with zeros around it, along one axis. */
interface Placed {
  readonly part: Value;
  readonly axis: number;
  readonly start: number;
}

function placed(node: NodeOf<"Pad">): Placed | undefined {
  const [part] = node.inputs;
  const { mode, value, axes } = node.attributes;
  if (mode !== "constant" || value !== 0) return undefined;
  const [padded, ...others] = axes.flatMap(({ before, after }, axis) =>
    before + after > 0 ? [{ part, axis, start: before }] : [],
  );
  return others.length > 0 ? undefined : padded;
}

/** What a tree of additions adds up, if all of it is placed parts that nothing else reads. */
function terms(value: Value, around: Surroundings): readonly Placed[] | undefined {
  const node = around.producer(value);
  if (node?.op === "Pad") {
    const term = placed(node);
    return term === undefined ? undefined : [term];
  }
  if (node?.op !== "Add") return undefined;
  const sides = node.inputs.map((input) =>
    around.consumers(input).length > 1 ? undefined : terms(input, around),
  );
  return sides.every((side) => side !== undefined) ? sides.flat() : undefined;
}

/**
 * Slices that partition a tensor (q, k and v; a roll; split channels) come back as a sum of zero-padded parts: written as
 * one Concat. ms of Pad, Add and Concat in the whole gradient: Swin-T 9.6 -> 5.0, ViT-S 4.4 -> 1.9.
 */
export const concatenatePartition: Rewrite = (g, node, around) => {
  const [sum] = node.outputs;
  if (node.op !== "Add") return undefined;
  const parts = terms(sum, around)?.toSorted((a, b) => a.start - b.start) ?? [];
  const [first] = parts;
  if (first === undefined || parts.some(({ axis }) => axis !== first.axis)) return undefined;
  let end = 0;
  for (const { part, start } of parts) {
    if (start !== end) return undefined;
    end += at(part.shape, first.axis);
  }
  if (end !== sum.shape[first.axis]) return undefined;
  return [
    g.concat(
      parts.map(({ part }) => part),
      first.axis,
    ),
  ];
};
