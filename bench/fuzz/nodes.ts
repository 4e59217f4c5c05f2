import { create } from "@bufbuild/protobuf";
import {
  AttributeProto_AttributeType as Type,
  AttributeProtoSchema,
  NodeProtoSchema,
  type AttributeProto,
  type GraphProto,
  type NodeProto,
  type TensorProto,
} from "onnx-buf";

/** What an attribute is set to: a bare number is an integer, a graph or tensor is itself. */
type Setting = number | bigint | string | readonly number[] | TensorProto | GraphProto;

function attribute(name: string, value: Setting): AttributeProto {
  if (typeof value === "number" || typeof value === "bigint")
    return create(AttributeProtoSchema, { name, type: Type.INT, i: BigInt(value) });
  if (typeof value === "string")
    return create(AttributeProtoSchema, { name, type: Type.STRING, s: new TextEncoder().encode(value) });
  if (!("$typeName" in value))
    return create(AttributeProtoSchema, { name, type: Type.INTS, ints: value.map(BigInt) });
  return value.$typeName === "onnx.TensorProto"
    ? create(AttributeProtoSchema, { name, type: Type.TENSOR, t: value })
    : create(AttributeProtoSchema, { name, type: Type.GRAPH, g: value });
}

/** A node, mostly with one output. */
export const node = (
  opType: string,
  input: readonly string[],
  output: string | readonly string[],
  settings: Readonly<Record<string, Setting>> = {},
  domain = "",
): NodeProto =>
  create(NodeProtoSchema, {
    opType,
    domain,
    input: [...input],
    output: typeof output === "string" ? [output] : [...output],
    attribute: Object.entries(settings).map(([name, value]) => attribute(name, value)),
  });
