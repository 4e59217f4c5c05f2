import type { NodeProto } from "onnx-buf";
import { applies, attributesOf, inputOf, subgraphsOf, usesOf } from "../file/node.ts";

/** The elements of a stored tensor, by its name; undefined for what is computed. */
export type StoredNumbers = (name: string) => readonly number[] | undefined;

/** Extents of a tensor that may be below zero: those of a map's rows and columns (axes 2 and later), or any. */
type Unchecked = "map" | "any";

/** Operators that slide a window: one that is larger than its input makes an extent below zero. */
const windows = ["Conv", "ConvTranspose", "MaxPool", "AveragePool", "LpPool"];
export const isWindow = (node: NodeProto): boolean => applies(node, ...windows);

/** Operators whose output has no extent below zero on its first two axes where no input has. */
const keepMaps = [
  "Add Sub Mul Div Pow Min Max Where Relu LeakyRelu PRelu Elu Selu Celu Gelu Mish Softplus Softsign ThresholdedRelu",
  "HardSigmoid HardSwish Sigmoid Tanh Erf Exp Log Sqrt Neg Abs Reciprocal Clip Cast Identity Dropout Slice Concat",
  "BatchNormalization InstanceNormalization GroupNormalization LRN Resize Upsample DepthToSpace SpaceToDepth",
  "GlobalAveragePool GlobalMaxPool GlobalLpPool",
  ...windows,
].flatMap((names) => names.split(" "));

const reductions = ["ReduceMean", "ReduceSum", "ReduceMax", "ReduceMin"];

const keepsMaps = (node: NodeProto): boolean =>
  applies(node, ...keepMaps) || (applies(node, ...reductions) && attributesOf(node).flag("keepdims", true));

/** Which extents of what a node makes are unchecked; undefined where none is. */
function uncheckedBy(
  node: NodeProto,
  inputs: readonly Unchecked[],
  numbers: StoredNumbers,
): Unchecked | undefined {
  if (applies(node, "Shape", "Size")) return undefined;
  if (applies(node, "Reshape") && numbers(inputOf(node, 1))?.every((extent) => extent > 0) === true)
    return undefined;
  if (inputs.length === 0) return isWindow(node) ? "map" : undefined;
  return keepsMaps(node) && !inputs.includes("any") ? "map" : "any";
}

/** Whether a Slice cuts the batch or the channels alone. */
function cutsChannels(node: NodeProto, numbers: StoredNumbers): boolean {
  const [starts, axes] = [inputOf(node, 1), inputOf(node, 3)];
  const given = attributesOf(node).numbers("axes") ?? numbers(axes);
  const cut = axes === "" && given === undefined ? [...(numbers(starts) ?? [0, 0, 0]).keys()] : given;
  return cut?.every((axis) => axis === 0 || axis === 1) ?? false;
}

/** Whether a node is a Slice, or has one in a graph inside it. */
const slices = (node: NodeProto): boolean =>
  applies(node, "Slice") || subgraphsOf(node).some((inner) => inner.node.some(slices));

/**
 * Divides nodes into those that can be inferred now and those that wait until the shapes that they read are known.
 *
 * ONNX Runtime 1.30 lets windows make extents below zero, and ends the process where a Slice cuts along one (`std::clamp`,
 * an assertion). So a Slice waits until the extents of its input were inferred: the runtime rejects those below zero.
 * @param nodes in topological order
 */
export function waitingForExtents(
  nodes: readonly NodeProto[],
  numbers: StoredNumbers,
): { readonly now: readonly NodeProto[]; readonly later: readonly NodeProto[] } {
  const unchecked = new Map<string, Unchecked>();
  const waiting = new Set<string>();
  const later: NodeProto[] = [];
  const now = nodes.filter((node) => {
    const uses = usesOf(node);
    const inputs = uses.flatMap((name) => unchecked.get(name) ?? []);
    const safe = inputs.length === 0 || (!inputs.includes("any") && cutsChannels(node, numbers));
    if (uses.some((name) => waiting.has(name)) || (slices(node) && !safe)) {
      for (const name of node.output) waiting.add(name);
      later.push(node);
      return false;
    }
    const made = uncheckedBy(node, inputs, numbers);
    if (made !== undefined) for (const name of node.output) unchecked.set(name, made);
    return true;
  });
  return { now, later };
}
