import {
  gradientGraph,
  type GradientGraph,
  type GradientRequest,
  type Pullbacks,
} from "../../autodiff/gradient.ts";
import { pruned, type Graph } from "../../graph/graph.ts";
import { columnProducts } from "./column-products.ts";
import { tuned } from "./table.ts";

/** `gradientGraph`, rewritten so that ONNX Runtime computes it faster: the same values, up to rounding. */
export function fastGradient(whole: Graph, request: GradientRequest, table?: Pullbacks): GradientGraph {
  // Before the cone: a convolution whose window is all that the cone leaves of its input keeps its bits.
  const products = columnProducts(pruned(whole, [request.target, ...(request.alongside ?? [])]));
  const { graph, gradient } = gradientGraph(products ?? whole, request, table);
  return { graph: tuned(graph), gradient };
}
