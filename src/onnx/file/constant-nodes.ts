import type { NodeProto, TensorProto } from "onnx-buf";
import { float32, int64, type Tensor } from "../../core/tensor.ts";
import { attributesOf } from "./attributes.ts";
import { applies, renamedTensor } from "./scope.ts";
import { writeTensor } from "./tensors.ts";

/** The numbers that a Constant node holds in attributes other than `value`; undefined for text and sparse tensors. */
function numbersIn(node: NodeProto): Tensor | undefined {
  const { numbers } = attributesOf(node);
  const floats = numbers("value_floats");
  if (floats !== undefined) return float32([floats.length], floats);
  const ints = numbers("value_ints");
  if (ints !== undefined) return int64([ints.length], ints);
  const [float] = numbers("value_float") ?? [];
  if (float !== undefined) return float32([], [float]);
  const [int] = numbers("value_int") ?? [];
  return int === undefined ? undefined : int64([], [int]);
}

function storedIn(node: NodeProto): TensorProto | undefined {
  const [name] = node.output;
  if (!applies(node, "Constant") || name === undefined) return undefined;
  const value = attributesOf(node).tensor("value");
  if (value !== undefined) return renamedTensor(value, name);
  const numbers = numbersIn(node);
  return numbers && writeTensor(name, numbers);
}

/**
 * Takes the Constant nodes out of a list of nodes, as initializers by the names of their outputs. The two say the same,
 * and exporters choose freely between them; past this point there is one form. A Constant that holds text or a sparse
 * tensor stays a node.
 */
export function withoutConstants(nodes: readonly NodeProto[]): {
  readonly nodes: readonly NodeProto[];
  readonly initializers: readonly TensorProto[];
} {
  const initializers: TensorProto[] = [];
  const others = nodes.filter((node) => {
    const tensor = storedIn(node);
    if (tensor !== undefined) initializers.push(tensor);
    return tensor === undefined;
  });
  return { nodes: others, initializers };
}
