import { einsumTerms } from "../../graph/einsum.ts";
import { ancestors, type Graph, type Node, type NodeOf, type Value } from "../../graph/graph.ts";
import type { Op } from "../../graph/operators.ts";
import { sizeOf, type Shape } from "../../core/tensor.ts";
import { requireCell, type Cell } from "../objective.ts";
import { cellRegion } from "../receptive-field/receptive-field.ts";
import { extentsOf } from "../receptive-field/region.ts";
import { cutsOf, type Cut } from "./cut.ts";

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

/** A node of a cone with inputs of the shapes that it reads. */
const reading = ({ node, inputs }: Cut): Node => ({
  ...node,
  inputs: node.inputs.map((input, position) => {
    const box = inputs[position];
    return input === null || box == null ? null : { ...input, shape: extentsOf(box) };
  }),
});

/** Share of the multiply-adds up to the target that the cone of one cell keeps, 0 to 1 (1 where there are none). */
export function workKept(graph: Graph, target: Value, cell: Cell): number {
  requireCell(target, cell);
  const needed = ancestors(graph, [target.name]);
  const all = graph.nodes.reduce(
    (sum, node) => (node.outputs.some(({ name }) => needed.has(name)) ? sum + productsOf(node) : sum),
    0,
  );
  if (all === 0) return 1;
  const kept = cutsOf(graph, target, cellRegion(target.shape, cell)).map(reading);
  return kept.reduce((sum, node) => sum + productsOf(node), 0) / all;
}
