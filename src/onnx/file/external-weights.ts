import { create } from "@bufbuild/protobuf";
import {
  StringStringEntryProtoSchema,
  TensorProto_DataLocation,
  TensorProtoSchema,
  type TensorProto,
} from "onnx-buf";

/** Tensors from this size on lie in the other file; mapping smaller ones gains nothing. */
const smallest = 1024;

/** Memory is mapped in pages: each tensor begins on one (onnx.proto, `external_data`). */
const page = 4096;

interface MovedOut {
  readonly initialisers: readonly TensorProto[];
  /** The other file's bytes, in order. */
  readonly chunks: readonly Uint8Array[];
}

/** The initialisers with their large data moved to a file named `location` beside the model. */
export function movedOut(initialisers: readonly TensorProto[], location: string): MovedOut {
  const chunks: Uint8Array[] = [];
  let length = 0;
  const moved = initialisers.map((tensor) => {
    const { name, dims, dataType, rawData } = tensor;
    if (rawData.length < smallest) return tensor;
    const offset = Math.ceil(length / page) * page;
    if (offset > length) chunks.push(new Uint8Array(offset - length));
    chunks.push(rawData);
    length = offset + rawData.length;
    const externalData = Object.entries({ location, offset, length: rawData.length }).map(([key, value]) =>
      create(StringStringEntryProtoSchema, { key, value: String(value) }),
    );
    const dataLocation = TensorProto_DataLocation.EXTERNAL;
    return create(TensorProtoSchema, { name, dims, dataType, dataLocation, externalData });
  });
  return { initialisers: moved, chunks };
}
