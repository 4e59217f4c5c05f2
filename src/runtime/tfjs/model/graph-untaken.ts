import { ErfitError } from "../../../core/error.ts";
import type { GraphNode } from "./files.ts";

/** Operators that TF.js runs one by one and asynchronously, without a record of their gradient; and why it does so. */
const untaken: readonly (readonly [operators: RegExp, why: string])[] = [
  [
    /^(Switch|Merge|Enter|Exit|NextIteration|LoopCond|(Stateless)?(If|While))$/,
    "TF.js has no gradient of control flow",
  ],
  [/^Tensor(Array|List)/, "TF.js has no gradient of lists of tensors"],
  [
    /^(NonMaxSuppressionV\d|Where|ListDiff)$/,
    "the number of its results depends on the values, and TF.js has no gradient of it",
  ],
  [/^(HashTable|LookupTable)/, "TF.js has no gradient of tables"],
  [/^Placeholder$/, "it is another input, and erfit gives a model its image alone"],
];

/** @throws ErfitError where TF.js computes a node in no way that has a gradient, or it is another input */
export function refuseUntaken({ name, op }: GraphNode): void {
  const why = untaken.find(([operators]) => operators.test(op))?.[1];
  if (why !== undefined) throw new ErfitError(`node "${name}" is a ${op}: ${why}`);
}
