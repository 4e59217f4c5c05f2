import type { NodeOf } from "../../graph/graph.ts";
import type { Operators } from "../../graph/operators.ts";
import { followed, list, type Form } from "./form.ts";

/** `ends` that lie before the first element cannot be written as -1, which counts from the back. */
const beforeFirst = -(2 ** 62);

/** Only the axes that are cut, as starts and ends. */
export function slice({ starts, steps, shape }: Operators["Slice"], node: NodeOf<"Slice">): Form {
  const extents = node.inputs[0]?.shape ?? [];
  const axes = [...extents.keys()].filter(
    (k) => starts[k] !== 0 || steps[k] !== 1 || shape[k] !== extents[k],
  );
  const ends = axes.map((k) => {
    const end = (starts[k] ?? 0) + (steps[k] ?? 1) * (shape[k] ?? 0);
    return end < 0 ? beforeFirst : end;
  });
  const chosen = (values: readonly number[]): number[] => axes.map((k) => values[k] ?? 0);
  return { operands: followed(node, list(chosen(starts)), list(ends), list(axes), list(chosen(steps))) };
}
