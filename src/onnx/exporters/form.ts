import { create } from "@bufbuild/protobuf";
import { AttributeProto_AttributeType as Type, AttributeProtoSchema, type AttributeProto } from "onnx-buf";
import { at } from "../../core/required.ts";
import { int64, type DType, type Tensor, float32 } from "../../core/tensor.ts";
import type { NodeOf, Value } from "../../graph/graph.ts";
import type { Op, Operators } from "../../graph/operators.ts";

/** An input of a written node: a value of the graph, a small tensor that the operator takes as an input, or nothing. */
export type Operand = Value | Tensor | null;

/** A node's form in opset 20, as far as it differs from operator name and inputs. */
export interface Form {
  /** Where the operator of opset 20 lacks the form: ONNX Runtime's own domain, version 1. */
  readonly domain?: "com.microsoft";
  readonly attributes?: readonly AttributeProto[];
  readonly operands?: readonly Operand[];
}

export type Exporter<K extends Op> = (attributes: Operators[K], node: NodeOf<K>) => Form;

export const int = (name: string, value: number | boolean): AttributeProto =>
  create(AttributeProtoSchema, { name, type: Type.INT, i: BigInt(value) });
export const ints = (name: string, values: readonly number[]): AttributeProto =>
  create(AttributeProtoSchema, { name, type: Type.INTS, ints: values.map(BigInt) });
export const float = (name: string, value: number): AttributeProto =>
  create(AttributeProtoSchema, { name, type: Type.FLOAT, f: value });
export const text = (name: string, value: string): AttributeProto =>
  create(AttributeProtoSchema, { name, type: Type.STRING, s: new TextEncoder().encode(value) });

/** A list of integers as an operand. */
export const list = (values: readonly number[]): Tensor => int64([values.length], values);

interface Inputs {
  readonly inputs: readonly (Value | null)[];
}

/** The inputs, and after them arguments that opset 20 takes as inputs. */
export const followed = ({ inputs }: Inputs, ...operands: readonly Operand[]): readonly Operand[] => [
  ...inputs,
  ...operands,
];

export const dtypeOfFirst = ({ inputs: [x] }: { readonly inputs: readonly [Value] }): DType => x.dtype;

/** `ends` that lie before the first element cannot be written as -1, which counts from the back. */
const beforeFirst = -(2 ** 62);

/** Only the axes that are cut, as starts and ends. */
export function slice({ axes }: Operators["Slice"], node: NodeOf<"Slice">): Form {
  const cut = axes.flatMap((axis, k) =>
    axis.start !== 0 || axis.step !== 1 || axis.extent !== node.inputs[0].shape[k] ? [{ ...axis, k }] : [],
  );
  const ends = cut.map(({ start, step, extent }) => {
    const end = start + step * extent;
    return end < 0 ? beforeFirst : end;
  });
  return {
    operands: followed(
      node,
      list(cut.map(({ start }) => start)),
      list(ends),
      list(cut.map(({ k }) => k)),
      list(cut.map(({ step }) => step)),
    ),
  };
}

/** Whether two numbers are the same float32. */
const same = (a: number, b: number): boolean => Math.fround(a) === Math.fround(b);

/**
 * Inputs and policy of a Resize whose output shape and coordinate scales are these. From sizes the runtime takes the scale
 * as their ratio; from scales it takes the shape as their floor; where the file kept the aspect ratio, the shape was
 * rounded from one scale, which the least or the largest ratio gives back.
 */
function resizeBy({ inputs: [x], attributes }: NodeOf<"Resize">): {
  readonly operands: readonly Operand[];
  readonly attributes: readonly AttributeProto[];
} {
  const axes = attributes.axes.map((axis, k) => {
    const input = at(x.shape, k);
    return { ...axis, k, input, ratio: axis.extent / input };
  });
  if (axes.every(({ scale, ratio }) => same(scale, ratio)))
    return { operands: [null, null, list(axes.map(({ extent }) => extent))], attributes: [] };
  if (
    axes.every(({ scale, input, extent }) => Math.floor(Math.fround(input * Math.fround(scale))) === extent)
  ) {
    const scales = axes.map(({ scale }) => scale);
    return { operands: [null, float32([scales.length], scales)], attributes: [] };
  }
  const resized = axes.filter(({ scale }) => scale !== 1);
  const least = Math.min(...resized.map(({ ratio }) => ratio));
  return {
    operands: [null, null, list(resized.map(({ extent }) => extent))],
    attributes: [
      ints(
        "axes",
        resized.map(({ k }) => k),
      ),
      text("keep_aspect_ratio_policy", same(least, at(resized, 0).scale) ? "not_larger" : "not_smaller"),
    ],
  };
}

export function resize(attributes: Operators["Resize"], node: NodeOf<"Resize">): Form {
  const { mode, coordinateTransformation, nearestMode, cubicCoefficient, excludeOutside, antialias } =
    attributes;
  const by = resizeBy(node);
  return {
    operands: followed(node, ...by.operands),
    attributes: [
      ...by.attributes,
      text("mode", mode),
      text("coordinate_transformation_mode", coordinateTransformation),
      text("nearest_mode", nearestMode),
      float("cubic_coeff_a", cubicCoefficient),
      int("exclude_outside", excludeOutside),
      int("antialias", antialias),
    ],
  };
}
