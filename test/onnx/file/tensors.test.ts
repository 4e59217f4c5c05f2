import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { TensorProto_DataType as DataType, TensorProtoSchema } from "onnx-buf";
import { describe, expect, test } from "vitest";
import { numbersOf } from "../../../src/core/tensor.ts";
import { bfloat16ToFloat32, float16ToFloat32 } from "../../../src/onnx/file/element-type.ts";
import { readTensor, scalarTensor, writeTensor } from "../../../src/onnx/file/tensors.ts";
import { noise, stored } from "../small-model.ts";

const proto = (fields: MessageInitShape<typeof TensorProtoSchema>) => create(TensorProtoSchema, fields);

describe("typed fields hold the same as raw data", () => {
  test.each<[string, Parameters<typeof proto>[0], number[]]>([
    ["float32", { dataType: DataType.FLOAT, floatData: [1.5, -2] }, [1.5, -2]],
    ["float64", { dataType: DataType.DOUBLE, doubleData: [1.5, -2] }, [1.5, -2]],
    ["int64", { dataType: DataType.INT64, int64Data: [7n, -2n] }, [7, -2]],
    ["uint64", { dataType: DataType.UINT64, uint64Data: [7n, 2n] }, [7, 2]],
    ["uint32", { dataType: DataType.UINT32, uint64Data: [7n, 4294967295n] }, [7, 4294967295]],
    ["int32", { dataType: DataType.INT32, int32Data: [7, -2] }, [7, -2]],
    ["int16", { dataType: DataType.INT16, int32Data: [7, -2] }, [7, -2]],
    ["uint16", { dataType: DataType.UINT16, int32Data: [7, 65535] }, [7, 65535]],
    ["int8", { dataType: DataType.INT8, int32Data: [7, -2] }, [7, -2]],
    ["uint8", { dataType: DataType.UINT8, int32Data: [7, 255] }, [7, 255]],
    ["bool", { dataType: DataType.BOOL, int32Data: [1, 0] }, [1, 0]],
  ])("%s", (dtype, fields, numbers) => {
    const stored = proto(fields);
    stored.dims = [2n];
    const tensor = readTensor(stored, "t");
    expect(tensor.dtype).toBe(dtype);
    expect(numbersOf(tensor)).toEqual(numbers);
    expect(readTensor(writeTensor("t", tensor), "t")).toEqual(tensor);
  });
});

test("aligned bytes are viewed, others copied", () => {
  const file = new Uint8Array(64);
  new Float32Array(file.buffer, 8, 2).set([3, 4]);
  const aligned = readTensor(stored("a", DataType.FLOAT, [2], file.subarray(8, 16)), "a");
  expect(aligned.data.buffer).toBe(file.buffer);
  file.copyWithin(9, 8, 16);
  const askew = readTensor(stored("b", DataType.FLOAT, [2], file.subarray(9, 17)), "b");
  expect([...askew.data]).toEqual([3, 4]);
  expect(askew.data.buffer).not.toBe(file.buffer);
});

test("bytes that do not fit the shape, impossible shapes, and strings are refused", () => {
  const bytes = new Uint8Array(12);
  expect(() => readTensor(stored("w", DataType.FLOAT, [4], bytes), 'net.onnx: tensor "w"')).toThrow(
    'net.onnx: tensor "w": expected 16 bytes for float[4], found 12: the file is damaged',
  );
  expect(() => readTensor(stored("w", DataType.FLOAT, [2 ** 40, 2 ** 40], bytes), "w")).toThrow(
    "impossible shape",
  );
  expect(() => readTensor(stored("w", DataType.FLOAT, [-3], bytes), "w")).toThrow("impossible shape");
  expect(() => readTensor(stored("w", DataType.INT4, [24], bytes), "w")).toThrow("elements of type int4");
  expect(() => readTensor(stored("w", DataType.STRING, [2], bytes), "w")).toThrow("elements of type string");
});

test("float16 bit patterns (IEEE 754) and bfloat16", () => {
  const bits = Uint16Array.of(0x3c00, 0xc000, 0x7bff, 0x0400, 0x0001, 0x8000, 0x7c00, 0x3555);
  expect([...float16ToFloat32(bits)]).toEqual([
    1,
    -2,
    65504,
    2 ** -14,
    2 ** -24,
    -0,
    Infinity,
    0.333251953125,
  ]);
  expect(float16ToFloat32(Uint16Array.of(0x7e01))[0]).toBeNaN();
  const { buffer } = noise([40]).data;
  const upper = new Uint16Array(buffer).filter((_, i) => i % 2 === 1);
  expect([...bfloat16ToFloat32(upper)]).toEqual([
    ...new Float32Array(Uint32Array.from(upper, (half) => half << 16).buffer),
  ]);
  expect([...bfloat16ToFloat32(Uint16Array.of(0x3f80, 0xc040))]).toEqual([1, -3]);
});

test("scalars of every type", () => {
  expect(scalarTensor("float32", 0.5)).toEqual({ dtype: "float32", shape: [], data: Float32Array.of(0.5) });
  expect(scalarTensor("int64", -3)).toEqual({ dtype: "int64", shape: [], data: BigInt64Array.of(-3n) });
});
