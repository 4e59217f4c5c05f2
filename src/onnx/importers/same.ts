import type { Op, Operators } from "../../graph/operators.ts";
import type { FileNode, Importer } from "./file-node.ts";

type Plain = { [K in Op]: Operators["Identity"] extends Operators[K] ? K : never }[Op];

/** An operator that is the graph's own, attributes aside. */
export const same =
  <K extends Op>(op: K, attributes: (node: FileNode) => Operators[K]): Importer =>
  (n, g) =>
    g.apply(op, n.inputs, attributes(n), n.outputs);

/** An operator without attributes. */
export const plain = (op: Plain): Importer => same(op, () => ({}));

/** One of the listed words, or undefined. */
export const oneOf = <const Word extends string>(text: string, words: readonly Word[]): Word | undefined =>
  words.find((word) => word === text);
