import { create } from "@bufbuild/protobuf";
import {
  TensorProto_DataType as DataType,
  TensorProtoSchema,
  type GraphProto,
  type ModelProto,
  type NodeProto,
  type TensorProto,
} from "onnx-buf";
import { typeName } from "../file/element-type.ts";
import { tensorsOf } from "../file/external-data.ts";
import { bfloat16ToFloat32, float16ToFloat32 } from "../file/half.ts";
import { applies, domainOf, subgraphsOf } from "../file/scope.ts";
import { bringIn } from "../file/stored-bytes.ts";
import { bytesOf, messageBytes } from "../file/tensors.ts";

type Widening = (bytes: Uint8Array<ArrayBuffer>) => Float32Array;

const words = (bytes: Uint8Array<ArrayBuffer>): Uint16Array => new Uint16Array(new Uint8Array(bytes).buffer);

/** Element types that become float32, and how. */
const toFloat32 = new Map<number, Widening>([
  [DataType.FLOAT16, (bytes) => float16ToFloat32(words(bytes))],
  [DataType.BFLOAT16, (bytes) => bfloat16ToFloat32(words(bytes))],
  [DataType.DOUBLE, (bytes) => Float32Array.from(new Float64Array(new Uint8Array(bytes).buffer))],
]);

/** Attributes that hold an element type in the default domain: Cast's, and those of generators and quantisers. */
const typeAttributes = ["to", "dtype", "output_dtype", "output_datatype"];

function widenTensor(tensor: TensorProto, file: string): void {
  const widen = toFloat32.get(tensor.dataType);
  if (widen === undefined) return;
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

function widenTypeAttributes(node: NodeProto): void {
  if (domainOf(node) !== "") return;
  for (const attribute of node.attribute) {
    if (typeAttributes.includes(attribute.name) && toFloat32.has(Number(attribute.i))) {
      attribute.i = BigInt(DataType.FLOAT);
    }
  }
}

function widenGraph(graph: GraphProto): void {
  for (const { type } of [...graph.input, ...graph.output, ...graph.valueInfo]) {
    if (type?.value.case === "tensorType" && toFloat32.has(type.value.value.elemType)) {
      type.value.value.elemType = DataType.FLOAT;
    }
  }
  graph.node.forEach(widenTypeAttributes);
  graph.node.flatMap(subgraphsOf).forEach(widenGraph);
}

/**
 * Turns a model in float16, bfloat16 or float64 to float32 throughout: weights, types, and the targets of Cast.
 * Gradients in float16 would underflow, and ONNX Runtime's CPU kernels are written for float32.
 * Changes `model`, which was just decoded and belongs to this import; returns the names of the types that were there.
 */
export function widenToFloat32(model: ModelProto, file: string): readonly string[] {
  const { graph } = model;
  if (graph === undefined) return [];
  const tensors = tensorsOf(graph);
  const types = [
    ...tensors.map(({ dataType }) => dataType),
    ...[...graph.input, ...graph.output, ...graph.valueInfo].flatMap(({ type }) =>
      type?.value.case === "tensorType" ? [type.value.value.elemType] : [],
    ),
    ...graph.node.filter((node) => applies(node, "Cast")).map((node) => Number(node.attribute[0]?.i ?? 0n)),
  ];
  const wide = new Set(types.filter((type) => toFloat32.has(type)));
  if (wide.size === 0) return [];
  for (const tensor of tensors) widenTensor(tensor, file);
  widenGraph(graph);
  return [...wide].map(typeName);
}
