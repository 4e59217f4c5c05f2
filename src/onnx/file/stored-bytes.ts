import type { TensorProto } from "onnx-buf";
import type { Tensor } from "../../math/tensor.ts";

/** A file of weights that is read piece by piece, when a piece is needed. */
export interface WeightsFile {
  readonly length: number;
  readonly read: (offset: number, length: number) => Uint8Array;
}

/** Raw data that stays in its file: of half a gigabyte of weights, a probe of an early layer needs little. */
interface BytesInFile {
  readonly length: number;
  readonly read: (start: number, length: number) => Uint8Array;
}

/** Tensors below this size are not worth a read of their own. */
export const smallestLeft = 2 ** 16;

const left = new WeakMap<TensorProto, BytesInFile>();

/** Leaves the raw data of a tensor in its file. */
export function leaveInFile(tensor: TensorProto, file: WeightsFile, offset: number, length: number): void {
  left.set(tensor, { length, read: (start, part) => file.read(offset + start, part) });
  tensor.rawData = new Uint8Array();
}

export const isLeftInFile = (tensor: TensorProto): boolean => left.has(tensor);

/** From now on the tensor's own fields hold its data. */
export const bringIn = (tensor: TensorProto): void => void left.delete(tensor);

/** A second message of the same data. */
export function sameBytes(from: TensorProto, to: TensorProto): TensorProto {
  const bytes = left.get(from);
  if (bytes !== undefined) left.set(to, bytes);
  return to;
}

export const rawLength = (tensor: TensorProto): number => left.get(tensor)?.length ?? tensor.rawData.length;

/** Raw data, from the message or from its file; empty where the typed fields hold the elements. */
export function rawBytes(tensor: TensorProto): Uint8Array {
  const bytes = left.get(tensor);
  return bytes === undefined ? tensor.rawData : bytes.read(0, bytes.length);
}

/** Tensors whose elements are in a file, and where. */
const tensorsLeft = new WeakMap<Tensor, BytesInFile>();

/** Remembers that `tensor` has the bytes of `proto`, in the machine's own byte order. */
export function sameElements(proto: TensorProto, tensor: Tensor): Tensor {
  const bytes = left.get(proto);
  if (bytes !== undefined) tensorsLeft.set(tensor, bytes);
  return tensor;
}

const pieceLength = 2 ** 22;

/** The tensor's bytes in order; those that are in a file come in pieces, so that they are never in memory as a whole. */
export function* piecesOf(tensor: Tensor): Generator<Uint8Array, void> {
  const bytes = tensorsLeft.get(tensor);
  if (bytes === undefined) {
    const { buffer, byteOffset, byteLength } = tensor.data;
    yield new Uint8Array(buffer, byteOffset, byteLength);
    return;
  }
  for (let start = 0; start < bytes.length; start += pieceLength)
    yield bytes.read(start, Math.min(pieceLength, bytes.length - start));
}

/** Bytes in memory as a file. */
export const inMemory = (bytes: Uint8Array): WeightsFile => ({
  length: bytes.length,
  read: (offset, length) => bytes.subarray(offset, offset + length),
});
