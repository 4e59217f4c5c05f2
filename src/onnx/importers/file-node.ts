import type { NodeProto } from "onnx-buf";
import { ErfitError } from "../../core/error.ts";
import { numbersOf, sizeOf, type Tensor } from "../../core/tensor.ts";
import type { Builder } from "../../graph/builder.ts";
import type { Value } from "../../graph/graph.ts";
import type { Op, Operators } from "../../graph/operators.ts";
import { nameOf, attributesOf, shortest, type Attributes } from "../file/node.ts";

/** A node of the file as the import rules see it. */
export interface FileNode {
  readonly opType: string;
  /** Version of its operator set. */
  readonly opset: number;
  readonly inputs: readonly (Value | null)[];
  /** Outputs with the types that they are known to have. */
  readonly outputs: readonly Value[];
  readonly attributes: Attributes;
  readonly proto: NodeProto;
  /** An input that may not be left out. */
  readonly input: (index: number) => Value;
  readonly output: Value;
  /**
   * Elements of an input that has to be constant; undefined where it is left out.
   * @throws DependsOnImage
   */
  readonly numbers: (index: number) => readonly number[] | undefined;
  /** The same of an input that may not be left out. */
  readonly requiredNumbers: (index: number) => readonly number[];
  /** An argument that older opsets hold in an attribute, newer ones in an input. */
  readonly argument: (attribute: string, index: number) => readonly number[] | undefined;
  /** The axis that an attribute names, counted from the front. */
  readonly axis: (absent: number, attribute?: string) => number;
  readonly refuse: (what: string) => ErfitError;
}

/**
 * One import rule: writes a node of the file in the graph's operators and returns its outputs.
 * Returns undefined for a form that the operators do not cover: the node then stays opaque.
 */
export type Importer = (node: FileNode, g: Builder) => readonly Value[] | undefined;

/** Thrown where a rule needs a constant and the tensor is computed from the image: the node then stays opaque. */
export class DependsOnImage extends Error {}

/** Sizes, axes, pads and the like: a node has one or two for each dimension, a quantized one one for each channel. */
const mostNumbers = 2 ** 16;

/** Counts a negative axis from the front. */
export const fromFront = (axis: number, rank: number): number => (axis < 0 ? axis + rank : axis);

export function fileNode(
  proto: NodeProto,
  context: {
    readonly file: string;
    readonly opset: number;
    readonly inputs: readonly (Value | null)[];
    readonly outputs: readonly Value[];
    readonly constants: ReadonlyMap<string, Tensor>;
  },
): FileNode {
  const { opset, inputs, outputs, constants } = context;
  const attributes = attributesOf(proto);
  const refuse = (what: string) => new ErfitError(`${context.file}: ${nameOf(proto)} ${what}`);
  const input = (index: number): Value => {
    const value = inputs[index];
    if (value === undefined || value === null) throw refuse(`lacks its input ${index}`);
    return value;
  };
  const numbers = (index: number): readonly number[] | undefined => {
    const value = inputs[index];
    if (value === undefined || value === null) return undefined;
    const tensor = constants.get(value.name);
    if (tensor === undefined) throw new DependsOnImage();
    const count = sizeOf(tensor.shape);
    if (count > mostNumbers)
      throw refuse(`has ${count} numbers as its input ${index}, where a few are expected`);
    return tensor.dtype === "float32" ? numbersOf(tensor).map(shortest) : numbersOf(tensor);
  };
  const [output] = outputs;
  if (output === undefined) throw refuse("has no output");
  return {
    opType: proto.opType,
    opset,
    inputs,
    outputs,
    attributes,
    proto,
    input,
    output,
    numbers,
    requiredNumbers: (index) => {
      const given = numbers(index);
      if (given === undefined) throw refuse(`lacks its input ${index}`);
      return given;
    },
    argument: (attribute, index) => attributes.numbers(attribute) ?? numbers(index),
    axis: (absent, attribute = "axis") => {
      const rank = input(0).shape.length;
      const axis = fromFront(attributes.int(attribute, absent), rank);
      if (axis < 0 || axis > rank)
        throw refuse(`has ${attribute} ${axis}, and its input has ${rank} dimensions`);
      return axis;
    },
    refuse,
  };
}

type Plain = { [K in Op]: Operators["Identity"] extends Operators[K] ? K : never }[Op];

/** An operator that is the graph's own, attributes aside. */
export const same =
  <K extends Op>(op: K, attributes: (node: FileNode) => Operators[K]): Importer =>
  (n, g) =>
    g.apply(op, n.inputs, attributes(n), n.outputs);

/** An operator without attributes. */
export const plain = (op: Plain): Importer => same(op, () => ({}));

/** One of the listed words, or undefined. */
export const oneOf = <const Word extends string>(text: string, words: readonly Word[]): Word | undefined =>
  words.find((word) => word === text);
