import { attention, positions } from "./attention.ts";
import type { Importer } from "./file-node.ts";
import { fused } from "./fused.ts";
import { indexing, layout } from "./layout.ts";
import { normalization } from "./normalization.ts";
import { pointwise } from "./pointwise.ts";
import { products, quantization, scaled } from "./products.ts";
import { reductions } from "./reductions.ts";
import { resampling } from "./resampling.ts";
import { windows } from "./windows.ts";

type Rules = ReadonlyMap<string, Importer>;

const families = [
  pointwise,
  products,
  windows,
  normalization,
  attention,
  positions,
  reductions,
  layout,
  resampling,
  indexing,
  quantization,
];

/**
 * How each operator is written in the graph's operators, by domain: ONNX's default one from opset 7 on, and what ONNX
 * Runtime's optimizers make of it. What has no rule here is carried along as Opaque.
 */
export const importers: ReadonlyMap<string, Rules> = new Map([
  ["", new Map(families.flatMap((family) => Object.entries(family)))],
  ["com.microsoft", new Map(Object.entries({ ...fused, ...scaled }))],
]);
