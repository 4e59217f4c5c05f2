import { einsumTerms } from "../../graph/operators.ts";
import { ancestors, nodeOf, type Graph, type Node, type NodeOf, type Value } from "../../graph/graph.ts";
import type { Op } from "../../graph/operators.ts";
import { at } from "../../core/required.ts";
import { sizeOf } from "../../core/tensor.ts";
import { requireCell, type Cell } from "../objective.ts";
import { cellRegion } from "../receptive-field/receptive-field.ts";
import { extentsOf } from "../receptive-field/region.ts";
import { cutsOf, type Cut } from "./cone.ts";

/** Output elements, each a sum over one row of weights. */
const overWeights = (positions: Value, weights: Value): number =>
  sizeOf(positions.shape) * sizeOf(weights.shape.slice(1));

/** Multiplications with an addition, of the operators that nearly all time goes into. */
const products: { readonly [K in Op]?: (node: NodeOf<K>) => number } = {
  Conv: ({ inputs: [, weights], outputs: [y] }) => overWeights(y, weights),
  ConvTranspose: ({ inputs: [x, weights] }) => overWeights(x, weights),
  MatMul: ({ inputs: [a], outputs: [y] }) => sizeOf(y.shape) * at(a.shape, -1),
  Gemm: ({ inputs: [a], outputs: [y], attributes: { transA } }) =>
    sizeOf(y.shape) * at(a.shape, transA ? 0 : 1),
  Einsum: ({ inputs, attributes }) => {
    const { operands } = einsumTerms(attributes);
    const extents = new Map(
      operands.flatMap((term, position) =>
        term.map((letter, axis) => [letter, at(at(inputs, position).shape, axis)] as const),
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
const reading = ({ node, inputs }: Cut): Node =>
  nodeOf({
    ...node,
    inputs: node.inputs.flatMap((input, position) => {
      const box = inputs[position];
      if (input === null) return [null];
      return box == null ? [] : [{ ...input, shape: extentsOf(box) }];
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
