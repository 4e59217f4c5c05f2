import { create, toBinary } from "@bufbuild/protobuf";
import {
  AttributeProto_AttributeType as Type,
  AttributeProtoSchema,
  FunctionProtoSchema,
  GraphProtoSchema,
  ModelProtoSchema,
  NodeProtoSchema,
  OperatorSetIdProtoSchema,
  StringStringEntryProtoSchema,
  TensorProto_DataType as DataType,
  TensorProtoSchema,
  ValueInfoProtoSchema,
  type AttributeProto,
  type FunctionProto,
  type GraphProto,
  type NodeProto,
  type TensorProto,
  type ValueInfoProto,
} from "onnx-buf";
import { float32, int64, sizeOf, type Shape, type Tensor } from "../../src/core/tensor.ts";
import { importModel, type ImportedModel, type ImportOptions } from "../../src/onnx/import.ts";
import { writeTensor } from "../../src/onnx/file/tensors.ts";
import { inferTypes } from "../../src/runtime/onnxruntime.ts";
import { messageOf } from "../../src/core/error.ts";
import { MissingOperator, type InferTypes } from "../../src/onnx/runtime.ts";
import { run } from "./run.ts";

/** A float attribute: a bare number is an integer one. */
export const float = (f: number) => ({ f });
/** A reference to an attribute of the function around the node. */
export const reference = (refAttrName: string) => ({ refAttrName });

type Setting =
  | number
  | string
  | readonly number[]
  | { readonly f: number }
  | { readonly floats: readonly number[] }
  | { readonly refAttrName: string }
  | TensorProto
  | GraphProto;

function attribute(name: string, value: Setting): AttributeProto {
  if (typeof value === "number")
    return create(AttributeProtoSchema, { name, type: Type.INT, i: BigInt(value) });
  if (typeof value === "string") {
    return create(AttributeProtoSchema, { name, type: Type.STRING, s: new TextEncoder().encode(value) });
  }
  if ("f" in value) return create(AttributeProtoSchema, { name, type: Type.FLOAT, f: value.f });
  if ("floats" in value)
    return create(AttributeProtoSchema, { name, type: Type.FLOATS, floats: [...value.floats] });
  if ("refAttrName" in value)
    return create(AttributeProtoSchema, { name, refAttrName: value.refAttrName, type: Type.INT });
  if ("$typeName" in value) {
    return value.$typeName === "onnx.TensorProto"
      ? create(AttributeProtoSchema, { name, type: Type.TENSOR, t: value })
      : create(AttributeProtoSchema, { name, type: Type.GRAPH, g: value });
  }
  return create(AttributeProtoSchema, { name, type: Type.INTS, ints: value.map(BigInt) });
}

export const node = (
  opType: string,
  input: readonly string[],
  output: readonly string[],
  settings: Readonly<Record<string, Setting>> = {},
  more: {
    readonly name?: string;
    readonly domain?: string;
    readonly metadata?: Readonly<Record<string, string>>;
  } = {},
): NodeProto =>
  create(NodeProtoSchema, {
    opType,
    name: more.name ?? "",
    domain: more.domain ?? "",
    input: [...input],
    output: [...output],
    attribute: Object.entries(settings).map(([name, value]) => attribute(name, value)),
    metadataProps: Object.entries(more.metadata ?? {}).map(([key, value]) =>
      create(StringStringEntryProtoSchema, { key, value }),
    ),
  });

type Extent = number | string;

export const info = (
  name: string,
  shape?: readonly Extent[],
  elemType: number = DataType.FLOAT,
): ValueInfoProto =>
  create(ValueInfoProtoSchema, {
    name,
    type: {
      value: {
        case: "tensorType",
        value: {
          elemType,
          ...(shape && {
            shape: {
              dim: shape.map((extent) => ({
                value:
                  typeof extent === "number"
                    ? { case: "dimValue" as const, value: BigInt(extent) }
                    : { case: "dimParam" as const, value: extent },
              })),
            },
          }),
        },
      },
    },
  });

export interface SmallModel {
  readonly opset?: number;
  readonly ir?: number;
  readonly nodes: readonly NodeProto[];
  readonly initializers?: Readonly<Record<string, Tensor>>;
  readonly stored?: readonly TensorProto[];
  readonly inputs?: readonly ValueInfoProto[];
  readonly outputs?: readonly string[];
  readonly recorded?: readonly ValueInfoProto[];
  readonly functions?: readonly FunctionProto[];
  readonly domains?: Readonly<Record<string, number>>;
  readonly metadata?: Readonly<Record<string, string>>;
}

/** Shape of the image `x` that small models take unless they say otherwise. */
export const imageShape: Shape = [1, 4, 6, 5];

const graphOf = (small: SmallModel): GraphProto =>
  create(GraphProtoSchema, {
    name: "small",
    node: [...small.nodes],
    input: [...(small.inputs ?? [info("x", imageShape)])],
    output: (small.outputs ?? ["y"]).map((name) => create(ValueInfoProtoSchema, { name })),
    initializer: [
      ...Object.entries(small.initializers ?? {}).map(([name, tensor]) => writeTensor(name, tensor)),
      ...(small.stored ?? []),
    ],
    valueInfo: [...(small.recorded ?? [])],
  });

export const model = (small: SmallModel): Uint8Array =>
  toBinary(
    ModelProtoSchema,
    create(ModelProtoSchema, {
      irVersion: BigInt(small.ir ?? 8),
      producerName: "hand",
      opsetImport: Object.entries({ "": small.opset ?? 20, ...small.domains }).map(([domain, version]) =>
        create(OperatorSetIdProtoSchema, { domain, version: BigInt(version) }),
      ),
      graph: graphOf(small),
      functions: [...(small.functions ?? [])],
      metadataProps: Object.entries(small.metadata ?? {}).map(([key, value]) =>
        create(StringStringEntryProtoSchema, { key, value }),
      ),
    }),
  );

/** A graph inside a node: a branch of If. */
export const branch = (small: SmallModel): GraphProto => graphOf({ inputs: [], ...small });

export const localFunction = (
  name: string,
  input: readonly string[],
  output: readonly string[],
  nodes: readonly NodeProto[],
  attributes: readonly string[] = [],
  defaults: Readonly<Record<string, Setting>> = {},
): FunctionProto =>
  create(FunctionProtoSchema, {
    name,
    domain: "local",
    input: [...input],
    output: [...output],
    attribute: [...attributes],
    attributeProto: Object.entries(defaults).map(([key, value]) => attribute(key, value)),
    node: [...nodes],
    opsetImport: [create(OperatorSetIdProtoSchema, { domain: "", version: 20n })],
  });

/** A stored tensor of any ONNX type from its bytes. */
export const stored = (
  name: string,
  dataType: number,
  dims: Shape,
  rawData: Uint8Array<ArrayBuffer>,
): TensorProto => create(TensorProtoSchema, { name, dataType, dims: dims.map(BigInt), rawData });

/** Reproducible numbers, spread over [-1, 1]. */
export const noise = (shape: Shape, seed = 1): Tensor<"float32"> =>
  float32(
    shape,
    Float32Array.from({ length: sizeOf(shape) }, (_, i) => {
      const wave = Math.sin((i + 1) * 12.9898 + seed * 78.233) * 43758.5453;
      return 2 * (wave - Math.floor(wave)) - 1;
    }),
  );

export const ints = (...values: readonly number[]): Tensor => int64([values.length], values);
export const floats = (...values: readonly number[]): Tensor => float32([values.length], values);

const infer: InferTypes = (part, purpose) =>
  inferTypes(part, purpose).catch((thrown: unknown) => {
    throw thrown instanceof MissingOperator ? thrown : new Error(messageOf(thrown));
  });

export const imported = (bytes: Uint8Array, options: Partial<ImportOptions> = {}): Promise<ImportedModel> =>
  importModel(bytes, {
    file: "net.onnx",
    run,
    infer,
    readExternal: () => Promise.reject(new Error("no such file")),
    ...options,
  });
