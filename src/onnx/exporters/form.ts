import { create } from "@bufbuild/protobuf";
import { AttributeProto_AttributeType as Type, AttributeProtoSchema, type AttributeProto } from "onnx-buf";
import type { NodeOf, Value } from "../../graph/graph.ts";
import type { Op, Operators } from "../../graph/operators.ts";
import { int64, type DType, type Tensor } from "../../core/tensor.ts";

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
