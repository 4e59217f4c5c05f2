import type { NodeProto } from "onnx-buf";
import { int64, sizeOf, type Shape, type Tensor, numbersOf } from "../../core/tensor.ts";
import { applies, attributesOf, inputOf, usesOf } from "../file/node.ts";

/** What Shape (with its `start` and `end` of opset 15) and Size make of a tensor whose shape is known. */
export function shapeFact(
  node: NodeProto,
  types: ReadonlyMap<string, { readonly shape: Shape }>,
): Tensor | undefined {
  const shape = types.get(inputOf(node, 0))?.shape;
  if (shape === undefined) return undefined;
  if (applies(node, "Size")) return int64([], [sizeOf(shape)]);
  if (!applies(node, "Shape")) return undefined;
  const { int } = attributesOf(node);
  const part = shape.slice(int("start", 0), int("end", shape.length));
  return int64([part.length], part);
}

/** Shape arithmetic, as legacy exporters write it: chains of a hundred nodes on a handful of numbers. */

/** More elements than this are no sizes of anything. */
export const mostNumbers = 4096;

const unary = "Identity Cast Neg Abs Floor Ceil Not Reshape Flatten Squeeze Unsqueeze Transpose Slice".split(
  " ",
);
const broadcasting = "Add Sub Mul Div Mod Pow Min Max Equal Greater Less And Or Where Gather".split(" ");

/** At most so many elements come of operands that have at most so many. */
function mostElements(
  node: NodeProto,
  sizes: readonly number[],
  constant: (name: string) => Tensor | undefined,
): number {
  if (applies(node, ...unary)) return sizes[0] ?? Infinity;
  if (applies(node, ...broadcasting)) return sizeOf(sizes);
  if (applies(node, "Concat")) return sizes.reduce((sum, size) => sum + size, 0);
  const shape = applies(node, "ConstantOfShape") ? constant(inputOf(node, 0)) : undefined;
  return shape === undefined ? Infinity : sizeOf(numbersOf(shape));
}

/**
 * Names that can be computed from constants alone, by nodes that make few numbers whatever the constants are.
 * @param nodes in topological order
 */
export function smallArithmetic(
  nodes: readonly NodeProto[],
  constant: (name: string) => Tensor | undefined,
): readonly string[] {
  const bounds = new Map<string, number>();
  const boundOf = (name: string): number => {
    const known = bounds.get(name);
    if (known !== undefined) return known;
    const tensor = constant(name);
    const bound = tensor === undefined ? Infinity : sizeOf(tensor.shape);
    bounds.set(name, bound);
    return bound;
  };
  return nodes.flatMap((node) => {
    const [output] = node.output;
    if (output === undefined || node.output.length > 1 || constant(output) !== undefined) return [];
    const sizes = usesOf(node).map(boundOf);
    const most = Math.max(mostElements(node, sizes, constant), ...sizes);
    bounds.set(output, most);
    return most <= mostNumbers ? [output] : [];
  });
}
