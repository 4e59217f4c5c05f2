import { create } from "@bufbuild/protobuf";
import {
  StringStringEntryProtoSchema,
  TensorProto_DataLocation,
  TensorProto_DataType as DataType,
  type TensorProto,
} from "onnx-buf";
import { expect, test } from "vitest";
import { exportModel, exportWithWeights } from "../../../src/onnx/export.ts";
import { inMemory } from "../../../src/onnx/file/stored-bytes.ts";
import { writeTensor } from "../../../src/onnx/file/tensors.ts";
import { run } from "../run.ts";
import { imageShape, imported, info, model, node, noise, stored } from "../small-model.ts";

function elsewhere(
  name: string,
  shape: readonly number[],
  entries: Readonly<Record<string, string>>,
): TensorProto {
  const tensor = stored(name, DataType.FLOAT, shape, new Uint8Array());
  tensor.dataLocation = TensorProto_DataLocation.EXTERNAL;
  tensor.externalData = Object.entries(entries).map(([key, value]) =>
    create(StringStringEntryProtoSchema, { key, value }),
  );
  return tensor;
}

const network = (tensor: TensorProto) => model({ nodes: [node("Mul", ["x", "w"], ["y"])], stored: [tensor] });
const weights = noise([4, 1, 1]);
const file = new Uint8Array([1, 2, 3, ...new Uint8Array(weights.data.buffer), 9]);

test("weights come from a file beside the model, read once, at any offset", async () => {
  const asked: string[] = [];
  const readExternal = (location: string) => {
    asked.push(location);
    return Promise.resolve(file);
  };
  const place = { location: "weights/net.data", offset: "3", length: "16" };
  const bytes = model({
    nodes: [node("Mul", ["x", "w"], ["z"]), node("Add", ["z", "v"], ["y"])],
    stored: [elsewhere("w", [4, 1, 1], place), elsewhere("v", [4, 1, 1], place)],
  });
  const { graph } = await imported(bytes, { readExternal });
  expect(asked).toEqual(["weights/net.data"]);
  expect(graph.constants.get("w")).toEqual(weights);
  const x = noise(imageShape, 4);
  const { y } = await run(exportModel(graph), { x }, "test");
  const scale = weights.data[0] ?? 0;
  expect(y?.data[7]).toBeCloseTo((x.data[7] ?? 0) * scale + scale, 5);
});

test.each([
  ["a path to the root", { location: "/etc/passwd" }, "expected a path inside the model's folder"],
  ["a path upwards", { location: "a/../../b" }, "expected a path inside the model's folder"],
  ["a Windows path", { location: "C:\\weights" }, "expected a path inside the model's folder"],
  ["a backslash upwards", { location: "..\\b" }, "expected a path inside the model's folder"],
  ["no path", {}, "expected a path inside the model's folder"],
  [
    "a part beyond the end",
    { location: "d", offset: "8", length: "16" },
    'tensor "w" needs bytes 8 to 24 of d, which has 20',
  ],
  [
    "a negative offset",
    { location: "d", offset: "-4" },
    'offset of its external data should be a number of bytes, found "-4"',
  ],
  ["another size", { location: "d", length: "12" }, "expected 16 bytes for float[4,1,1], found 12"],
])("%s is refused", async (_, entries, message) => {
  const readExternal = () => Promise.resolve(file);
  await expect(imported(network(elsewhere("w", [4, 1, 1], entries)), { readExternal })).rejects.toThrow(
    message,
  );
});

test("a missing file is named", async () => {
  await expect(imported(network(elsewhere("w", [4, 1, 1], { location: "net.onnx.data" })))).rejects.toThrow(
    'net.onnx: tensor "w": its weights should be in net.onnx.data beside the model: no such file',
  );
});

test("large weights stay in their file until someone asks, and are the same then", async () => {
  const big = noise([4, 96, 96]);
  const stored = new Uint8Array(big.data.buffer);
  const pieces: [number, number][] = [];
  const weightsFile = {
    length: stored.length,
    read(offset: number, target: Uint8Array) {
      pieces.push([offset, target.length]);
      target.set(stored.subarray(offset, offset + target.length));
    },
  };
  const bytes = model({
    inputs: [info("x", [1, 4, 96, 96])],
    nodes: [node("Mul", ["x", "w"], ["y"])],
    recorded: [info("y", [1, 4, 96, 96])],
    stored: [elsewhere("w", [4, 96, 96], { location: "net.data" })],
  });
  const { graph } = await imported(bytes, { readExternal: () => Promise.resolve(weightsFile) });
  expect(pieces).toEqual([]);
  expect(graph.constants.get("w")?.data).toEqual(big.data);
  expect(pieces).toEqual([[0, stored.length]]);
  const { model: written, weights: chunks } = exportWithWeights(graph, "w.data");
  expect(written.length).toBeLessThan(2000);
  expect(Buffer.concat(Array.from(chunks, (chunk) => chunk.slice())).equals(stored)).toBe(true);
});

test("large weights of the model's own file are read from it again; small ones are kept", async () => {
  const [big, small] = [noise([1, 3, 200, 100]), noise([1, 3, 1, 1])];
  const bytes = model({
    nodes: [node("Add", ["x", "b"], ["z"]), node("Mul", ["z", "s"], ["y"])],
    inputs: [info("x", [1, 3, 200, 100])],
    recorded: ["y", "z"].map((name) => info(name, [1, 3, 200, 100])),
    initializers: { b: big, s: small },
  });
  const pieces: number[] = [];
  const kept = bytes.slice();
  const ownFile = {
    length: bytes.length,
    read(offset: number, target: Uint8Array) {
      pieces.push(target.length);
      target.set(kept.subarray(offset, offset + target.length));
    },
  };
  const { graph } = await imported(bytes, { ownFile });
  expect(pieces).toEqual([]);
  bytes.fill(0); // nothing views the bytes any more
  expect(graph.constants.get("b")?.data).toEqual(big.data);
  expect(graph.constants.get("s")?.data).toEqual(small.data);
  expect(pieces).toEqual([240_000]);
});

test("large constants inside nodes are written out with their nodes", async () => {
  const big = noise([1, 3, 200, 100]);
  const bytes = model({
    inputs: [info("x", [1, 3, 200, 100])],
    nodes: [node("Constant", [], ["b"], { value: writeTensor("", big) }), node("Add", ["x", "b"], ["y"])],
  });
  const ownFile = inMemory(bytes.slice());
  const { graph } = await imported(bytes, { ownFile }); // the shape of y is found by running the model
  expect(graph.constants.get("b")?.data).toEqual(big.data);
});

test("a short file that tensors name again and again is refused before it fills the memory", async () => {
  const tensor = elsewhere("", [2 ** 20], { location: "d" });
  const nodes = Array.from({ length: 200 }, (_, k) => node("Constant", [], [`c${k}`], { value: tensor }));
  const bytes = model({ nodes: [...nodes, node("Relu", ["x"], ["y"])] });
  const readExternal = () => Promise.resolve(new Uint8Array(2 ** 22));
  await expect(imported(bytes, { readExternal })).rejects.toThrow(
    "the model's tensors name the bytes of d again and again",
  );
});
