import { describe, expect, test } from "vitest";
import { create, fromBinary } from "@bufbuild/protobuf";
import { GraphProtoSchema, ModelProtoSchema } from "onnx-buf";
import { float32 } from "../../../src/core/tensor.ts";
import { writeTensor } from "../../../src/onnx/file/tensors.ts";
import { decodeModel, encodeModel } from "../../../src/onnx/file/wire.ts";
import { model, node, noise } from "../small-model.ts";

const bytesOf = (text: string): Uint8Array => Uint8Array.from(text, (letter) => letter.charCodeAt(0));

describe("a file that is no ONNX model is refused by what it seems to be", () => {
  const small = model({ nodes: [node("Relu", ["x"], ["y"])] });
  test.each([
    ["empty", new Uint8Array(), "an empty file"],
    ["text", bytesOf("hello, I am a text file\n"), "a text file"],
    ["JSON", bytesOf('{"format": "layers-model"}'), "a text file"],
    ["Git LFS", bytesOf("version https://git-lfs.github.com/spec/v1\noid sha256:00\n"), "a Git LFS pointer"],
    ["PyTorch", bytesOf("PK\x03\x04\x00\x00"), "a zip archive (a PyTorch checkpoint?)"],
    ["Keras", bytesOf("\x89HDF\r\n"), "an HDF5 file"],
    ["TFLite", bytesOf("\x1c\x00\x00\x00TFL3\x00"), "a TensorFlow Lite model"],
    ["cut short", small.subarray(0, small.length - 5), "a model that is cut short or damaged"],
    ["without graph", bytesOf("\x08\x08"), "a model that is cut short or damaged"],
    ["noise", Uint8Array.from({ length: 100 }, (_, i) => (i * 37 + 128) % 256), "something else"],
  ])("%s", (_, bytes, what) => {
    expect(() => decodeModel(bytes, "net.onnx")).toThrow(
      `net.onnx: erfit expects an ONNX model, or a TF.js model.json or its folder, and this is ${what}`,
    );
  });

  test("wherever it is cut", () => {
    for (let length = 0; length < small.length; length++) {
      expect(() => decodeModel(small.subarray(0, length), "net.onnx")).toThrow("erfit expects an ONNX model");
    }
  });
});

test("weights are views of the file, and written as they were", () => {
  const weights = noise([3, 5]);
  const header = create(ModelProtoSchema, {
    irVersion: 8n,
    producerName: "a",
    opsetImport: [{ domain: "", version: 20n }],
  });
  const bytes = encodeModel(header, create(GraphProtoSchema, { name: "g" }), [
    writeTensor("w", weights),
    writeTensor("none", float32([0], [])),
  ]);
  const decoded = decodeModel(bytes, "net.onnx");
  expect(decoded).toEqual(fromBinary(ModelProtoSchema, bytes));
  expect(decoded.producerName).toBe("a");
  expect(decoded.graph?.initializer.map(({ name, dims }) => [name, dims])).toEqual([
    ["w", [3n, 5n]],
    ["none", [0n]],
  ]);
  const raw = decoded.graph?.initializer[0]?.rawData;
  expect(raw?.buffer).toBe(bytes.buffer);
  expect(new Float32Array(Uint8Array.from(raw ?? []).buffer)).toEqual(weights.data);
});
