import type { NodeProto } from "onnx-buf";
import { int64, sizeOf, type Shape, type Tensor } from "../../core/tensor.ts";
import { attributesOf } from "../file/attributes.ts";
import { applies } from "../file/scope.ts";

/** What Shape (with its `start` and `end` of opset 15) and Size say of a tensor whose shape is known. */
export function shapeFact(
  node: NodeProto,
  types: ReadonlyMap<string, { readonly shape: Shape }>,
): Tensor | undefined {
  const shape = types.get(node.input[0] ?? "")?.shape;
  if (shape === undefined) return undefined;
  if (applies(node, "Size")) return int64([], [sizeOf(shape)]);
  if (!applies(node, "Shape")) return undefined;
  const { int } = attributesOf(node);
  const part = shape.slice(int("start", 0), int("end", shape.length));
  return int64([part.length], part);
}
