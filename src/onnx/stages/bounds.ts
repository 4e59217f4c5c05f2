import { required } from "../../core/required.ts";
import type { NodeProto } from "onnx-buf";
import { sizeOf, type DType, type Shape } from "../../core/tensor.ts";
import { dataTypes, rawSize } from "../file/element-type.ts";
import { attributesOf, applies, domainOf } from "../file/node.ts";
import { importers } from "../importers/table.ts";

export interface KnownType {
  /** Undefined for types that graphs do not hold. */
  readonly dtype: DType | undefined;
  readonly shape: Shape;
}

/** A run may take this much memory, or so many times the file's weights: dequantized, they are four times as large. */
export const mostBytes = 2 ** 28;
export const mostTimesWeights = 16;

/**
 * Operators whose outputs are no larger than their inputs say, though the runtime does not infer how large: it depends on the
 * elements, or the runtime has no rule.
 */
const boundedByInput = (
  "NonZero Compress Unique NonMaxSuppression TopK Slice Reshape Dropout MeanVarianceNormalization Attention " +
  "ConcatFromSequence SequenceAt SequenceConstruct SequenceInsert SequenceErase SplitToSequence"
).split(" ");

/** A window that lays out this many cells for one is none that unpooling uses. */
const widestWindow = 64;

/** More elements than this are more than a run may make. */
const mostElements = mostBytes / 4;

/** The elements of a constant, by its name. */
export type Numbers = (name: string | undefined) => readonly number[] | undefined;

/** Pools that are undone lay one cell out as a window, or over a map whose shape is a third input. */
function isBoundedUnpool({ input, attribute }: NodeProto, numbers: Numbers): boolean {
  const shape = numbers(input[2]);
  if (input.length > 2) return shape !== undefined && sizeOf(shape) <= mostElements;
  return attribute.every(({ ints }) => ints.every((extent) => extent <= widestWindow));
}

/** Whether the inputs of a node bound the size of what it makes. */
export const isBounded = (node: NodeProto, numbers: Numbers): boolean =>
  applies(node, ...boundedByInput) ||
  (applies(node, "MaxUnpool") && isBoundedUnpool(node, numbers)) ||
  (domainOf(node) !== "" && importers.get(domainOf(node))?.has(node.opType) === true);

/** ONNX Runtime 1.30 resizes by cubic splines on one thread: it takes so many times what other operators take an element. */
const cubicSlowness = 16;

/** Whether a node computes for longer than the bytes of its output tell. */
export const isSlow = (node: NodeProto, bytes: number, most: number): boolean =>
  applies(node, "Resize", "Upsample") &&
  attributesOf(node).text("mode", "nearest") === "cubic" &&
  bytes * cubicSlowness > most;

export const bytesOf = ({ dtype, shape }: KnownType): number =>
  dtype === undefined
    ? 16 * sizeOf(shape)
    : required(rawSize(dataTypes[dtype], sizeOf(shape)), `width of ${dtype}`);
