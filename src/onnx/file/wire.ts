import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import {
  type GraphProto,
  type ModelProto,
  GraphProtoSchema,
  ModelProtoSchema,
  TensorProtoSchema,
  type TensorProto,
  OperatorSetIdProtoSchema,
  TensorShapeProto_DimensionSchema,
  TensorShapeProtoSchema,
  TypeProto_TensorSchema,
  TypeProtoSchema,
  ValueInfoProtoSchema,
  type NodeProto,
  type ValueInfoProto,
} from "onnx-buf";
import { ErfitError } from "../../core/error.ts";
import type { Value } from "../../graph/graph.ts";
import { dataTypes } from "./element-type.ts";
import type { FileGraph } from "./file-graph.ts";
import { subgraphsOf, usesOf } from "./node.ts";
import { rawBytes } from "./stored-bytes.ts";

/** Branches in branches: exporters write two or three. Protobuf itself reads a hundred messages deep, five to a branch. */
const deepest = 16;

/** @throws ErfitError where graphs lie in graphs deeper than any exporter writes: they would exhaust the stack */
function checkDepth({ graph, functions }: ModelProto, file: string): void {
  let level: readonly GraphProto[] = [
    ...(graph === undefined ? [] : [graph]),
    ...functions.flatMap(({ node }) => node.flatMap(subgraphsOf)),
  ];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > deepest)
      throw new ErfitError(
        `${file}: its branches and loops lie more than ${deepest} levels deep in one another`,
      );
    level = level.flatMap((outer) => outer.node.flatMap(subgraphsOf));
  }
}

/** Field numbers of onnx.proto that `encodeModel` writes itself. */
const field = { modelGraph: 7, graphInitializer: 5, tensorRawData: 9 };

/** Protobuf's own limit: a message longer than this cannot be read back. */
const longestMessage = 2 ** 31 - 1;

/** What people may hand over; the models of TF.js are told by their name, and read elsewhere. */
const expected = "an ONNX model, or a TF.js model.json or its folder";

/** How other files begin that people hand over as models. */
const otherFormats: readonly (readonly [what: string, offset: number, beginning: string])[] = [
  ["a zip archive (a PyTorch checkpoint?)", 0, "PK\x03\x04"],
  ["an HDF5 file (a Keras model?)", 0, "\x89HDF"],
  ["a TensorFlow Lite model", 4, "TFL3"],
  ["a Git LFS pointer (run `git lfs pull`)", 0, "version https://git-lfs"],
  ["a gzip archive", 0, "\x1f\x8b"],
  ["a picture", 0, "\x89PNG"],
  ["a picture", 0, "\xff\xd8\xff"],
];

const isText = (bytes: Uint8Array): boolean =>
  bytes.every((byte) => byte >= 0x20 || byte === 0x09 || byte === 0x0a || byte === 0x0d);

/** What a file that does not decode probably is. An ONNX file begins with the tag of `ir_version`, a control character. */
function looksLike(bytes: Uint8Array): string {
  if (bytes.length === 0) return "an empty file";
  const head = bytes.subarray(0, 1024);
  const text = String.fromCharCode(...head);
  const other = otherFormats.find(([, offset, beginning]) => text.startsWith(beginning, offset));
  if (other !== undefined) return other[0];
  if (isText(head)) return "a text file";
  return bytes[0] === 0x08 ? "a model that is cut short or damaged" : "something else";
}

/**
 * The model message of an ONNX file. Weights stay views of `bytes`.
 * @throws ErfitError that names what the file seems to be instead.
 */
export function decodeModel(bytes: Uint8Array, file: string): ModelProto {
  const refuse = (cause?: unknown) =>
    new ErfitError(`${file}: erfit expects ${expected}, and this is ${looksLike(bytes)}`, { cause });
  let model: ModelProto;
  try {
    model = fromBinary(ModelProtoSchema, bytes, { readUnknownFields: false });
  } catch (thrown) {
    throw refuse(thrown);
  }
  // A file that is cut between two fields still decodes; what was written last is missing then.
  if (model.graph === undefined || model.opsetImport.length === 0) throw refuse();
  checkDepth(model, file);
  return model;
}

const lengthPrefix = (fieldNumber: number, length: number): Uint8Array =>
  new BinaryWriter().tag(fieldNumber, WireType.LengthDelimited).uint32(length).finish();

const totalLength = (chunks: readonly Uint8Array[]): number =>
  chunks.reduce((sum, chunk) => sum + chunk.length, 0);

/** A tensor as the field `graph.initializer`, its raw data as the chunk that it is. */
function initializerChunks(tensor: TensorProto): readonly Uint8Array[] {
  const {
    name,
    dims,
    dataType,
    floatData,
    int32Data,
    stringData,
    int64Data,
    doubleData,
    uint64Data,
    dataLocation,
    externalData,
  } = tensor;
  const typed = { floatData, int32Data, stringData, int64Data, doubleData, uint64Data };
  const rest = { name, dims, dataType, dataLocation, externalData, ...typed };
  const header = toBinary(TensorProtoSchema, create(TensorProtoSchema, rest));
  const rawData = rawBytes(tensor);
  const chunks =
    rawData.length === 0 ? [header] : [header, lengthPrefix(field.tensorRawData, rawData.length), rawData];
  return [lengthPrefix(field.graphInitializer, totalLength(chunks)), ...chunks];
}

/**
 * The bytes of an ONNX file, from a model without graph, a graph without initializers, and the initializers.
 *
 * Half a gigabyte of weights is copied once, into its place: the message library would copy it at each level of nesting.
 */
export function encodeModel(
  model: ModelProto,
  graph: GraphProto,
  initializers: Iterable<TensorProto>,
): Uint8Array {
  const inGraph = [toBinary(GraphProtoSchema, graph), ...[...initializers].flatMap(initializerChunks)];
  const chunks = [
    toBinary(ModelProtoSchema, model),
    lengthPrefix(field.modelGraph, totalLength(inGraph)),
    ...inGraph,
  ];
  const length = totalLength(chunks);
  if (length > longestMessage) {
    throw new ErfitError(`the model has ${length} bytes, more than one ONNX file can hold (2 GB)`);
  }
  const bytes = new Uint8Array(length);
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.length;
  }
  return bytes;
}

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
