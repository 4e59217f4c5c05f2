import { at, keysOf } from "../../core/required.ts";
import { TensorProto_DataType as DataType } from "onnx-buf";
import type { DType } from "../../core/tensor.ts";

/** ONNX's code of every element type that a graph may hold. */
export const dataTypes: Readonly<Record<DType, DataType>> = {
  float32: DataType.FLOAT,
  float64: DataType.DOUBLE,
  int8: DataType.INT8,
  uint8: DataType.UINT8,
  int16: DataType.INT16,
  uint16: DataType.UINT16,
  int32: DataType.INT32,
  uint32: DataType.UINT32,
  int64: DataType.INT64,
  uint64: DataType.UINT64,
  bool: DataType.BOOL,
};

const dtypes = new Map<number, DType>(keysOf(dataTypes).map((dtype) => [dataTypes[dtype], dtype]));

/** The element type of an ONNX code, or undefined for those that graphs do not hold (strings, int4, float8, ...). */
export const dtypeOf = (dataType: number): DType | undefined => dtypes.get(dataType);

/** The specification's name, in lower case, for messages. */
export const typeName = (dataType: number): string =>
  (DataType[dataType] ?? `type ${dataType}`).toLowerCase();

const widths: Readonly<Record<number, number>> = {
  [DataType.UINT4]: 4,
  [DataType.INT4]: 4,
  [DataType.FLOAT4E2M1]: 4,
  [DataType.UINT2]: 2,
  [DataType.INT2]: 2,
  [DataType.FLOAT8E4M3FN]: 8,
  [DataType.FLOAT8E4M3FNUZ]: 8,
  [DataType.FLOAT8E5M2]: 8,
  [DataType.FLOAT8E5M2FNUZ]: 8,
  [DataType.FLOAT8E8M0]: 8,
  [DataType.INT8]: 8,
  [DataType.UINT8]: 8,
  [DataType.BOOL]: 8,
  [DataType.FLOAT16]: 16,
  [DataType.BFLOAT16]: 16,
  [DataType.INT16]: 16,
  [DataType.UINT16]: 16,
  [DataType.FLOAT]: 32,
  [DataType.INT32]: 32,
  [DataType.UINT32]: 32,
  [DataType.DOUBLE]: 64,
  [DataType.INT64]: 64,
  [DataType.UINT64]: 64,
  [DataType.COMPLEX64]: 64,
  [DataType.COMPLEX128]: 128,
};

/** Bytes that `raw_data` holds for so many elements, or undefined for types without a fixed width (strings). */
export function rawSize(dataType: number, elements: number): number | undefined {
  const bits = widths[dataType];
  return bits === undefined ? undefined : Math.ceil((elements * bits) / 8);
}

/** float32 value of every float16 bit pattern (IEEE 754 binary16: 5 exponent bits with bias 15, 10 mantissa bits). */
function float16Values(): Float32Array {
  return Float32Array.from({ length: 0x10000 }, (_, bits) => {
    const sign = bits & 0x8000 ? -1 : 1;
    const exponent = (bits >> 10) & 0x1f;
    const fraction = (bits & 0x3ff) / 1024;
    if (exponent === 0) return sign * fraction * 2 ** -14;
    if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
    return sign * (1 + fraction) * 2 ** (exponent - 15);
  });
}

let table: Float32Array | undefined;

export function float16ToFloat32(bits: Uint16Array): Float32Array<ArrayBuffer> {
  table ??= float16Values();
  const values = new Float32Array(bits.length);
  for (let i = 0; i < bits.length; i++) values[i] = at(table, at(bits, i));
  return values;
}

/** bfloat16 is the upper half of a float32. */
export function bfloat16ToFloat32(bits: Uint16Array): Float32Array<ArrayBuffer> {
  const words = new Uint32Array(bits.length);
  for (let i = 0; i < bits.length; i++) words[i] = at(bits, i) << 16;
  return new Float32Array(words.buffer);
}
