import type { Importer } from "./file-node.ts";
import { plain, same } from "./same.ts";

export const gemm: Importer = same("Gemm", ({ attributes: { float, flag } }) => ({
  alpha: float("alpha", 1),
  beta: float("beta", 1),
  transA: flag("transA", false),
  transB: flag("transB", false),
}));

const alphabet = Array.from("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

/**
 * An equation in letters alone: those that "..." stands for, and the output where it is left to be understood (indices that
 * occur once, in alphabetical order, behind the ellipsis).
 */
function spelledOut(equation: string, ranks: readonly number[]): string {
  const [left = "", right] = equation.split("->");
  const covered = left
    .split(",")
    .map((term, k) => (term.includes("...") ? (ranks[k] ?? 0) - term.length + "...".length : 0));
  const ellipsis = alphabet
    .filter((letter) => !equation.includes(letter))
    .slice(0, Math.max(0, ...covered))
    .join("");
  const named = Array.from(left.replaceAll(/[.,]/g, "")).sort();
  const single = named.filter((letter) => named.indexOf(letter) === named.lastIndexOf(letter));
  const output = right ?? `...${single.join("")}`;
  return `${left}->${output}`.replaceAll("...", ellipsis);
}

/** Matrix products. */
export const products: Readonly<Record<string, Importer>> = {
  MatMul: plain("MatMul"),
  Gemm: gemm,
  Einsum: (n, g) => {
    const ranks = n.inputs.map((_, index) => n.input(index).shape.length);
    const equation = spelledOut(n.attributes.text("equation", "").replaceAll(" ", ""), ranks);
    return g.apply("Einsum", n.inputs, { equation }, n.outputs);
  },
};
