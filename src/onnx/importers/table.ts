import type { Importer } from "./file-node.ts";
import { indexing } from "./indexing.ts";
import { layout } from "./layout.ts";
import { normalisation } from "./normalisation.ts";
import { pointwise } from "./pointwise.ts";
import { products } from "./products.ts";
import { reductions } from "./reductions.ts";
import { resampling } from "./resampling.ts";
import { windows } from "./windows.ts";

/**
 * How each operator of ONNX's default domain, from opset 7 on, is written in the graph's operators. What has no rule here
 * is carried along as Opaque.
 */
export const importers: ReadonlyMap<string, Importer> = new Map(
  [pointwise, products, windows, normalisation, reductions, layout, resampling, indexing].flatMap((family) =>
    Object.entries(family),
  ),
);
