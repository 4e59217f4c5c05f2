import type { Operators } from "./operators.ts";

/** The axes of an Einsum, each as its letter. */
interface EinsumTerms {
  readonly operands: readonly (readonly string[])[];
  readonly output: readonly string[];
}

/** An equation in parts. A graph's is spelled out: a letter for each axis, and the output behind an arrow. */
export function einsumTerms({ equation }: Operators["Einsum"]): EinsumTerms {
  const [operands = "", output = ""] = equation.split("->");
  return { operands: operands.split(",").map((term) => term.split("")), output: output.split("") };
}
