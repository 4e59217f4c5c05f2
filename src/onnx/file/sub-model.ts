import { create } from "@bufbuild/protobuf";
import {
  GraphProtoSchema,
  ModelProtoSchema,
  OperatorSetIdProtoSchema,
  TensorShapeProto_DimensionSchema,
  TensorShapeProtoSchema,
  TypeProto_TensorSchema,
  TypeProtoSchema,
  ValueInfoProtoSchema,
  type NodeProto,
  type TensorProto,
  type ValueInfoProto,
} from "onnx-buf";
import type { Value } from "../../graph/graph.ts";
import { dataTypes } from "./element-type.ts";
import type { FileGraph } from "./file-graph.ts";
import { usesOf } from "./scope.ts";
import { encodeModel } from "./wire.ts";

/** From this version on an initializer need not be listed as an input too. */
const separateInitializers = 4;

/** A value as graphs declare their inputs and outputs. */
export const declared = ({ name, dtype, shape }: Value): ValueInfoProto =>
  create(ValueInfoProtoSchema, {
    name,
    type: create(TypeProtoSchema, {
      value: {
        case: "tensorType",
        value: create(TypeProto_TensorSchema, {
          elemType: dataTypes[dtype],
          shape: create(TensorShapeProtoSchema, {
            dim: shape.map((extent) =>
              create(TensorShapeProto_DimensionSchema, {
                value: { case: "dimValue", value: BigInt(extent) },
              }),
            ),
          }),
        }),
      },
    }),
  });

/**
 * Part of a file's graph as a model of its own, with the file's opsets and the weights that it needs.
 * Outputs carry no types: the runtime infers them.
 */
export function subModel(
  graph: FileGraph,
  part: {
    readonly nodes: readonly NodeProto[];
    readonly inputs: readonly Value[];
    readonly outputs: readonly string[];
    /** Tensors that take the place of nodes left out. */
    readonly constants?: readonly TensorProto[];
  },
): Uint8Array {
  const used = new Set(part.nodes.flatMap(usesOf));
  return encodeModel(
    create(ModelProtoSchema, {
      irVersion: BigInt(Math.max(graph.irVersion, separateInitializers)),
      opsetImport: [...graph.opsets].map(([domain, version]) =>
        create(OperatorSetIdProtoSchema, { domain, version: BigInt(version) }),
      ),
    }),
    create(GraphProtoSchema, {
      name: "erfit",
      node: [...part.nodes],
      input: part.inputs.map(declared),
      output: part.outputs.map((name) => create(ValueInfoProtoSchema, { name })),
    }),
    [...[...graph.initializers.values()].filter(({ name }) => used.has(name)), ...(part.constants ?? [])],
  );
}
