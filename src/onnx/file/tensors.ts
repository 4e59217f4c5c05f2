import { create } from "@bufbuild/protobuf";
import { TensorProto_DataType as DataType, TensorProtoSchema, type TensorProto } from "onnx-buf";
import { ErfitError } from "../../core/error.ts";
import { sizeOf, type DType, type Shape, type Tensor, type TypedArrays } from "../../core/tensor.ts";
import { isLeftInFile, rawBytes, rawLength, sameElements } from "./stored-bytes.ts";
import { dataTypes, dtypeOf, rawSize, typeName } from "./element-type.ts";

/** More elements than this in one tensor is a damaged file: no weight comes near it. */
const mostElements = 2 ** 31;

/** The same bytes in the form that protobuf messages hold; a view wherever the memory is not shared. */
export function messageBytes(view: ArrayBufferView): Uint8Array<ArrayBuffer> {
  const { buffer, byteOffset, byteLength } = view;
  if (buffer instanceof ArrayBuffer) return new Uint8Array(buffer, byteOffset, byteLength);
  return new Uint8Array(new Uint8Array(buffer, byteOffset, byteLength));
}

/** Extents of a stored tensor, checked. `at` names file and tensor for messages. */
function shapeOf(proto: TensorProto, at: string): number[] {
  const shape = proto.dims.map(Number);
  const size = sizeOf(shape);
  if (shape.some((extent) => extent < 0) || size > mostElements) {
    throw new ErfitError(`${at} has the impossible shape [${shape.join(",")}]: the file is damaged`);
  }
  return shape;
}

const shorts = (proto: TensorProto): ArrayBufferView => Uint16Array.from(proto.int32Data);

/** Which typed field holds the elements where `raw_data` does not, packed as `raw_data` would (onnx.proto, "int32_data"). */
const packed: Readonly<Record<number, (proto: TensorProto) => ArrayBufferView>> = {
  [DataType.FLOAT]: (proto) => Float32Array.from(proto.floatData),
  [DataType.DOUBLE]: (proto) => Float64Array.from(proto.doubleData),
  [DataType.INT64]: (proto) => BigInt64Array.from(proto.int64Data),
  [DataType.UINT64]: (proto) => BigUint64Array.from(proto.uint64Data),
  [DataType.UINT32]: (proto) => Uint32Array.from(proto.uint64Data, Number),
  [DataType.INT32]: (proto) => Int32Array.from(proto.int32Data),
  [DataType.INT16]: shorts,
  [DataType.UINT16]: shorts,
  [DataType.FLOAT16]: shorts,
  [DataType.BFLOAT16]: shorts,
};

/** The narrowest types have a byte for each entry of `int32_data`. */
const packedBytes = (proto: TensorProto): ArrayBufferView => Uint8Array.from(proto.int32Data);

function checkLength(proto: TensorProto, found: number, at: string): void {
  const shape = shapeOf(proto, at);
  const expected = rawSize(proto.dataType, sizeOf(shape));
  if (found === expected) return;
  const type = `${typeName(proto.dataType)}[${shape.join(",")}]`;
  throw new ErfitError(
    `${at}: expected ${expected ?? "no"} bytes for ${type}, found ${found}: the file is damaged`,
  );
}

/** @throws ErfitError where the raw bytes of a stored tensor do not fit its shape and type. */
export function checkStored(proto: TensorProto, at: string): void {
  if (rawLength(proto) > 0) checkLength(proto, rawLength(proto), at);
  else shapeOf(proto, at);
}

/** Elements as little-endian bytes, wherever the message holds them; their number fits the shape. */
export function bytesOf(proto: TensorProto, at: string): Uint8Array<ArrayBuffer> {
  const raw = messageBytes(rawBytes(proto));
  const bytes = raw.length > 0 ? raw : messageBytes((packed[proto.dataType] ?? packedBytes)(proto));
  checkLength(proto, bytes.length, at);
  return bytes;
}

type View = readonly [buffer: ArrayBuffer, byteOffset: number, length: number];

/** Typed arrays view memory in the machine's byte order, which is ONNX's (little-endian) wherever Node and browsers run. */
const views: { readonly [D in DType]: (shape: Shape, ...view: View) => Tensor<D> } = {
  float32: (shape, ...view) => ({ dtype: "float32", shape, data: new Float32Array(...view) }),
  float64: (shape, ...view) => ({ dtype: "float64", shape, data: new Float64Array(...view) }),
  int8: (shape, ...view) => ({ dtype: "int8", shape, data: new Int8Array(...view) }),
  uint8: (shape, ...view) => ({ dtype: "uint8", shape, data: new Uint8Array(...view) }),
  int16: (shape, ...view) => ({ dtype: "int16", shape, data: new Int16Array(...view) }),
  uint16: (shape, ...view) => ({ dtype: "uint16", shape, data: new Uint16Array(...view) }),
  int32: (shape, ...view) => ({ dtype: "int32", shape, data: new Int32Array(...view) }),
  uint32: (shape, ...view) => ({ dtype: "uint32", shape, data: new Uint32Array(...view) }),
  int64: (shape, ...view) => ({ dtype: "int64", shape, data: new BigInt64Array(...view) }),
  uint64: (shape, ...view) => ({ dtype: "uint64", shape, data: new BigUint64Array(...view) }),
  bool: (shape, ...view) => ({ dtype: "bool", shape, data: new Uint8Array(...view) }),
};

/**
 * A tensor whose elements are read from their file when they are needed, and dropped when nothing holds them.
 * It was checked to fit its shape; the file is the user's, and taken to stay as it is while erfit runs.
 */
function lazyTensor<D extends DType>(dtype: D, shape: Shape, read: () => Tensor<D>["data"]): unknown {
  let held: WeakRef<Tensor<D>["data"]> | undefined;
  return {
    dtype,
    shape,
    get data() {
      const data = held?.deref() ?? read();
      held = new WeakRef(data);
      return data;
    },
  };
}

/**
 * A stored tensor, without copying where its bytes are aligned for their type.
 * @throws ErfitError where the bytes do not fit the shape, or the element type is one that graphs do not hold.
 */
export function readTensor(proto: TensorProto, at: string): Tensor {
  const dtype = dtypeOf(proto.dataType);
  if (dtype === undefined) {
    throw new ErfitError(
      `${at} has elements of type ${typeName(proto.dataType)}, which erfit does not compute with`,
    );
  }
  const shape = shapeOf(proto, at);
  const size = sizeOf(shape);
  const read = (): Tensor => {
    const bytes = bytesOf(proto, at);
    const width = size === 0 ? 1 : bytes.length / size;
    const { buffer, byteOffset } = bytes.byteOffset % width === 0 ? bytes : new Uint8Array(bytes);
    return views[dtype](shape, buffer, byteOffset, size);
  };
  if (!isLeftInFile(proto)) return read();
  checkStored(proto, at);
  const lazy = lazyTensor(dtype, shape, () => read().data) as Tensor; // `read` views the bytes by this very dtype
  return sameElements(proto, lazy);
}

/** The message that stores a tensor; its bytes stay a view of the tensor's. */
export function writeTensor(name: string, tensor: Tensor): TensorProto {
  return create(TensorProtoSchema, {
    name,
    dataType: dataTypes[tensor.dtype],
    dims: tensor.shape.map(BigInt),
    rawData: messageBytes(tensor.data),
  });
}

const scalars: { readonly [D in DType]: (value: number) => TypedArrays[D] } = {
  float32: (value) => Float32Array.of(value),
  float64: (value) => Float64Array.of(value),
  int8: (value) => Int8Array.of(value),
  uint8: (value) => Uint8Array.of(value),
  int16: (value) => Int16Array.of(value),
  uint16: (value) => Uint16Array.of(value),
  int32: (value) => Int32Array.of(value),
  uint32: (value) => Uint32Array.of(value),
  int64: (value) => BigInt64Array.of(BigInt(value)),
  uint64: (value) => BigUint64Array.of(BigInt(value)),
  bool: (value) => Uint8Array.of(value),
};

/** A scalar of the given element type. */
export function scalarTensor(dtype: DType, value: number): Tensor {
  const bytes = messageBytes(scalars[dtype](value));
  return views[dtype]([], bytes.buffer, bytes.byteOffset, 1);
}
