import { create } from "@bufbuild/protobuf";
import {
  StringStringEntryProtoSchema,
  TensorProto_DataLocation,
  TensorProtoSchema,
  type TensorProto,
} from "onnx-buf";
import { sizeOf, type Tensor } from "../../core/tensor.ts";
import { dataTypes, rawSize } from "./element-type.ts";
import { piecesOf } from "./stored-bytes.ts";
import { writeTensor } from "./tensors.ts";

/**
 * Bytes from which on a tensor lies in the other file; mapping smaller ones gains nothing. Integers may be the sizes that
 * shapes are inferred from, and a runtime reads these in the model's own file alone.
 */
const smallest = ({ dtype }: Tensor): number => (dtype === "float32" ? 2 ** 10 : 2 ** 16);

/** Memory is mapped in pages: each tensor begins on one (onnx.proto, `external_data`). */
const page = 4096;

interface MovedOut {
  readonly initializers: readonly TensorProto[];
  /** The other file's bytes, in order; each tensor's are asked for when their turn comes. */
  readonly chunks: Iterable<Uint8Array>;
}

const byteLength = ({ dtype, shape }: Tensor): number => rawSize(dataTypes[dtype], sizeOf(shape)) ?? 0;

/** Constants as initializers whose large data lie in a file named `location` beside the model. */
export function movedOut(constants: ReadonlyMap<string, Tensor>, location: string): MovedOut {
  const moved: { readonly offset: number; readonly tensor: Tensor }[] = [];
  let end = 0;
  const initializers = [...constants].map(([name, tensor]) => {
    const length = byteLength(tensor);
    if (length < smallest(tensor)) return writeTensor(name, tensor);
    const offset = Math.ceil(end / page) * page;
    end = offset + length;
    moved.push({ offset, tensor });
    return create(TensorProtoSchema, {
      name,
      dims: tensor.shape.map(BigInt),
      dataType: dataTypes[tensor.dtype],
      dataLocation: TensorProto_DataLocation.EXTERNAL,
      externalData: Object.entries({ location, offset, length }).map(([key, value]) =>
        create(StringStringEntryProtoSchema, { key, value: String(value) }),
      ),
    });
  });
  return { initializers, chunks: laidOut(moved) };
}

function* laidOut(
  tensors: readonly { readonly offset: number; readonly tensor: Tensor }[],
): Generator<Uint8Array, void> {
  let end = 0;
  for (const { offset, tensor } of tensors) {
    if (offset > end) yield new Uint8Array(offset - end);
    yield* piecesOf(tensor);
    end = offset + byteLength(tensor);
  }
}
