import type { Operators } from "../../graph/operators.ts";

/** The axes of an Einsum, each as its letter. */
interface EinsumTerms {
  readonly operands: readonly (readonly string[])[];
  readonly output: readonly string[];
}

/** Null where an ellipsis leaves axes without a letter. Without an arrow the output has the letters that occur once, sorted. */
export function einsumTerms({ equation }: Operators["Einsum"]): EinsumTerms | null {
  if (equation.includes(".")) return null;
  const [left = "", right] = equation.replaceAll(" ", "").split("->");
  const operands = left.split(",").map((term) => term.split(""));
  const letters = operands.flat();
  const once = letters.filter((letter) => letters.indexOf(letter) === letters.lastIndexOf(letter));
  return { operands, output: right?.split("") ?? once.sort() };
}
