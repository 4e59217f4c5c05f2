import { create } from "@bufbuild/protobuf";
import {
  TensorProto_DataType as DataType,
  TensorProtoSchema,
  type GraphProto,
  type ModelProto,
  type NodeProto,
  type TensorProto,
  type TypeProto,
} from "onnx-buf";
import { typeName, bfloat16ToFloat32, float16ToFloat32 } from "../file/element-type.ts";
import { tensorsOf } from "../file/external-data.ts";
import { domainOf, subgraphsOf } from "../file/node.ts";
import { bringIn } from "../file/stored-bytes.ts";
import { bytesOf, messageBytes } from "../file/tensors.ts";

type Widening = (bytes: Uint8Array<ArrayBuffer>) => Float32Array;

const shorts = (bytes: Uint8Array<ArrayBuffer>): Uint16Array => new Uint16Array(new Uint8Array(bytes).buffer);

/** Element types that become float32, and how. */
const toFloat32 = new Map<number, Widening>([
  [DataType.FLOAT16, (bytes) => float16ToFloat32(shorts(bytes))],
  [DataType.BFLOAT16, (bytes) => bfloat16ToFloat32(shorts(bytes))],
  [DataType.DOUBLE, (bytes) => Float32Array.from(new Float64Array(new Uint8Array(bytes).buffer))],
]);

/** Attributes of the default domain that hold an element type, of tensors or of the arithmetic inside. */
const typeAttributes = [
  "to",
  "dtype",
  "output_dtype",
  "output_datatype",
  "stash_type",
  "softmax_precision",
  "precision",
];

/** The element types that were found, by their ONNX codes. */
type Found = Set<number>;

function widenTensor(tensor: TensorProto, found: Found, file: string): void {
  const widen = toFloat32.get(tensor.dataType);
  if (widen === undefined) return;
  found.add(tensor.dataType);
  const values = widen(bytesOf(tensor, `${file}: tensor "${tensor.name}"`));
  bringIn(tensor);
  Object.assign(
    tensor,
    create(TensorProtoSchema, { dataType: DataType.FLOAT, rawData: messageBytes(values) }),
    {
      name: tensor.name,
      dims: tensor.dims,
    },
  );
}

function widenType(type: TypeProto | undefined, found: Found): void {
  switch (type?.value.case) {
    case "tensorType":
      if (!toFloat32.has(type.value.value.elemType)) return;
      found.add(type.value.value.elemType);
      type.value.value.elemType = DataType.FLOAT;
      return;
    case "sequenceType":
    case "optionalType":
      widenType(type.value.value.elemType, found);
  }
}

function widenAttributes(node: NodeProto, found: Found): void {
  for (const attribute of node.attribute) {
    widenType(attribute.tp, found);
    const type = Number(attribute.i);
    if (domainOf(node) !== "" || !typeAttributes.includes(attribute.name) || !toFloat32.has(type)) continue;
    found.add(type);
    attribute.i = BigInt(DataType.FLOAT);
  }
}

function widenGraph(graph: GraphProto, found: Found): void {
  for (const { type } of [...graph.input, ...graph.output, ...graph.valueInfo]) widenType(type, found);
  for (const node of graph.node) widenAttributes(node, found);
  for (const inner of graph.node.flatMap(subgraphsOf)) widenGraph(inner, found);
}

/**
 * Turns a model in float16, bfloat16 or float64 to float32 throughout: weights, types, and the targets of Cast, in branches
 * and loops too. Where only a part of the model is in such a type, it is that part.
 * Gradients in float16 would underflow, and ONNX Runtime's CPU kernels are written for float32.
 * Changes `model`, which was just decoded and belongs to this import; returns the names of the types that were there.
 */
export function widenToFloat32({ graph }: ModelProto, file: string): readonly string[] {
  const found: Found = new Set();
  if (graph === undefined) return [];
  for (const tensor of tensorsOf(graph)) widenTensor(tensor, found, file);
  widenGraph(graph, found);
  return [...found].map(typeName);
}
