import type { TensorProto } from "onnx-buf";
import type { Shape, Tensor } from "../../core/tensor.ts";

/** A file of weights that is read piece by piece, when a piece is needed. */
export interface WeightsFile {
  readonly length: number;
  /** Fills `target` with the bytes from `offset` on. */
  readonly read: (offset: number, target: Uint8Array) => void;
}

/** Raw data that stays in its file: of half a gigabyte of weights, a probe of an early layer needs little. */
interface BytesInFile {
  readonly length: number;
  readonly read: (start: number, target: Uint8Array) => void;
}

/** Tensors below this size are not worth a read of their own. */
export const smallestLeft = 2 ** 16;

const left = new WeakMap<TensorProto, BytesInFile>();

/** Leaves the raw data of a tensor in its file. */
export function leaveInFile(tensor: TensorProto, file: WeightsFile, offset: number, length: number): void {
  left.set(tensor, {
    length,
    read: (start, target) => {
      file.read(offset + start, target);
    },
  });
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
  if (bytes === undefined) return tensor.rawData;
  const data = new Uint8Array(bytes.length);
  bytes.read(0, data);
  return data;
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

/**
 * The tensor's bytes in order. Those that are in a file come in pieces, one after the other in the same memory: each has to
 * be used before the next is read.
 */
export function* piecesOf(tensor: Tensor): Generator<Uint8Array, void> {
  const bytes = tensorsLeft.get(tensor);
  if (bytes === undefined) {
    const { buffer, byteOffset, byteLength } = tensor.data;
    yield new Uint8Array(buffer, byteOffset, byteLength);
    return;
  }
  const memory = new Uint8Array(Math.min(pieceLength, bytes.length));
  for (let start = 0; start < bytes.length; start += pieceLength) {
    const piece = memory.subarray(0, bytes.length - start);
    bytes.read(start, piece);
    yield piece;
  }
}

/** Bytes in memory as a file. */
export const inMemory = (bytes: Uint8Array): WeightsFile => ({
  length: bytes.length,
  read(offset, target) {
    target.set(bytes.subarray(offset, offset + target.length));
  },
});

/** The same elements in another shape of the same size; what is in a file stays there. */
export function reshapedTensor(tensor: Tensor, shape: Shape): Tensor {
  const reshaped: unknown = {
    dtype: tensor.dtype,
    shape,
    get data() {
      return tensor.data;
    },
  };
  const view = reshaped as Tensor; // its elements are those of `tensor`, of the same type
  const bytes = tensorsLeft.get(tensor);
  if (bytes !== undefined) tensorsLeft.set(view, bytes);
  return view;
}
