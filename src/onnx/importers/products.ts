import type { Importer } from "./file-node.ts";
import { plain, same } from "./same.ts";

/** Matrix products. */
export const products: Readonly<Record<string, Importer>> = {
  MatMul: plain("MatMul"),
  Gemm: same("Gemm", ({ attributes: { float, flag } }) => ({
    alpha: float("alpha", 1),
    beta: float("beta", 1),
    transA: flag("transA", false),
    transB: flag("transB", false),
  })),
  Einsum: same("Einsum", ({ attributes: { text } }) => ({
    equation: text("equation", "").replaceAll(" ", ""),
  })),
};
