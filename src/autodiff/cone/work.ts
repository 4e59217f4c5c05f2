import { einsumTerms } from "../../graph/einsum.ts";
import { pruned, type Graph, type Node, type NodeOf, type Value } from "../../graph/graph.ts";
import type { Op } from "../../graph/operators.ts";
import { sizeOf, type Shape } from "../../math/tensor.ts";
import type { Cell } from "../objective.ts";
import { cone } from "./cone.ts";

const shapeOf = ({ inputs }: Node, position: number): Shape => inputs[position]?.shape ?? [];
const outputSize = ({ outputs: [y] }: Node): number => sizeOf(y?.shape ?? []);

/** Multiplications with an addition, of the operators that nearly all time goes into. */
const products: { readonly [K in Op]?: (node: NodeOf<K>) => number } = {
  Conv: (node) => outputSize(node) * sizeOf(shapeOf(node, 1).slice(1)),
  ConvTranspose: (node) => sizeOf(shapeOf(node, 0)) * sizeOf(shapeOf(node, 1).slice(1)),
  MatMul: (node) => outputSize(node) * (shapeOf(node, 0).at(-1) ?? 1),
  Gemm: (node) => outputSize(node) * (shapeOf(node, 0)[node.attributes.transA ? 0 : 1] ?? 1),
  Einsum: (node) => {
    const { operands } = einsumTerms(node.attributes);
    const extents = new Map(
      operands.flatMap((term, position) =>
        term.map((letter, axis) => [letter, shapeOf(node, position)[axis] ?? 1] as const),
      ),
    );
    return (operands.length - 1) * sizeOf([...extents.values()]);
  },
};

const productsOf = <K extends Op>(node: NodeOf<K>): number => products[node.op]?.(node) ?? 0;

/** Multiply-adds of one forward run: convolutions and matrix products. */
export const multiplyAdds = (graph: Graph): number =>
  graph.nodes.reduce((sum, node) => sum + productsOf(node), 0);

/** Share of the multiply-adds up to the target that the cone of one cell keeps, 0 to 1 (1 where there are none). */
export function workKept(graph: Graph, target: Value, cell: Cell): number {
  const all = multiplyAdds(pruned(graph, [target]));
  return all === 0 ? 1 : multiplyAdds(cone(graph, target, cell).graph) / all;
}
