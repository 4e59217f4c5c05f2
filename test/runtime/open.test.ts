import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdir, symlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import {
  TensorProto_DataLocation,
  TensorProto_DataType,
  TensorProtoSchema,
  type TensorProto,
} from "onnx-buf";
import { create } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";
import { openModel } from "../../src/runtime/open.ts";
import { ErfitError } from "../../src/core/error.ts";
import { float32 } from "../../src/core/tensor.ts";
import { fill, scratchFolder } from "../input/pictures.ts";
import { info, model, node, noise } from "../onnx/small-model.ts";
import { onDisk, smallInput, smallOnnx } from "./small-onnx.ts";

const open = (path: string) => openModel(path, { threads: 1 });

async function refusal(path: string): Promise<ErfitError> {
  const error: unknown = await open(path).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error instanceof ErfitError) return error;
  throw new Error(`not refused: ${String(error)}`);
}

/** What every message about a file has: the file's path, one line, and that the user can mend it. */
function expectInputError(error: ErfitError, path: string, words: string) {
  expect(error.message).toContain(path);
  expect(error.message).toContain(words);
  expect(error.message).not.toContain("\n");
  expect(error.kind).toBe("input");
}

describe("a file that is no model", () => {
  it("is missing", async () => {
    const path = join(await scratchFolder(), "gone.onnx");
    expectInputError(await refusal(path), path, "no such file");
  });

  it("is a folder", async () => {
    const folder = await scratchFolder();
    expectInputError(await refusal(folder), folder, "is a folder");
  });

  it("is text", async () => {
    const path = await onDisk("This is not a network.\nIt only says so.\n");
    expectInputError(await refusal(path), path, "a text file");
  });

  it("is empty", async () => {
    const path = await onDisk("");
    expectInputError(await refusal(path), path, "an empty file");
  });

  it.each([0.2, 0.5, 0.9, 0.999])("is cut after %d of its length", async (share) => {
    const whole = smallOnnx();
    const path = await onDisk(whole.subarray(0, Math.floor(share * whole.length)));
    expectInputError(await refusal(path), path, "cut short or damaged");
  });

  it("takes another input than an image", async () => {
    const bytes = model({ nodes: [node("Relu", ["x"], ["y"])], inputs: [info("x", [1, 5, 8, 8])] });
    const path = await onDisk(bytes);
    expectInputError(await refusal(path), path, "[1, 5, 8, 8]");
  });
});

describe("an opened model", () => {
  it("knows its path, its file's name and its hash", async () => {
    const bytes = smallOnnx();
    const path = await onDisk(bytes, "tiny.v2.onnx");
    const { file, sha256, path: given } = await open(path);
    expect({ file, given }).toEqual({ file: "tiny.v2.onnx", given: path });
    expect(sha256).toBe(createHash("sha256").update(bytes).digest("hex"));
  });

  it("has its input, output and tensors", async () => {
    const { network } = await open(await onDisk(smallOnnx()));
    expect(network.input).toEqual({
      name: "image",
      shape: smallInput,
      layout: "NCHW",
      height: 24,
      width: 20,
    });
    expect(network.output.name).toBe("conv2");
    expect(network.tensors.map(({ name, operator }) => [name, operator])).toEqual([
      ["conv1", "Conv"],
      ["relu", "Relu"],
      ["conv2", "Conv"],
    ]);
    expect(network.engine).toMatch(/^onnxruntime-node \d+\.\d+/);
  });

  it("names the weights on the way to a target that are not finite", async () => {
    const weights = noise([4, 3, 3, 3]);
    const spoilt = float32(weights.shape, weights.data.with(5, NaN));
    const path = await onDisk(smallOnnx(spoilt));
    const { network } = await open(path);
    await expect(network.differentiate({ target: "conv2", objective: { kind: "top" } })).rejects.toThrow(
      `${path}: weights on the way to the target hold NaN or infinity: conv1.weight`,
    );
  });
});

describe("weights in other files", () => {
  const weights = noise([2, 3, 1, 1]);
  const bytesOf = new Uint8Array(weights.data.buffer.slice(0));
  const stored = (name: string, location: string): TensorProto =>
    create(TensorProtoSchema, {
      name,
      dataType: TensorProto_DataType.FLOAT,
      dims: [2n, 3n, 1n, 1n],
      dataLocation: TensorProto_DataLocation.EXTERNAL,
      externalData: [{ key: "location", value: location }],
    });
  const two = (first: string, second: string) =>
    model({
      inputs: [info("x", [1, 3, 4, 4])],
      nodes: [
        node("Conv", ["x", "a"], ["p"]),
        node("Conv", ["x", "b"], ["q"]),
        node("Add", ["p", "q"], ["y"]),
      ],
      stored: [stored("a", first), stored("b", second)],
    });

  it("count in the hash, once each and in the model's order", async () => {
    const bytes = two("w1.bin", "w2.bin");
    const other = bytesOf.toReversed();
    const path = await onDisk(bytes);
    await fill(dirname(path), { "w1.bin": bytesOf, "w2.bin": other });
    const hash = createHash("sha256").update(bytes).update(bytesOf).update(other).digest("hex");
    expect((await open(path)).sha256).toBe(hash);

    const shared = two("w1.bin", "w1.bin");
    await fill(dirname(path), { "shared.onnx": shared });
    const once = createHash("sha256").update(shared).update(bytesOf).digest("hex");
    expect((await open(join(dirname(path), "shared.onnx"))).sha256).toBe(once);
  });

  it("that are missing are named with the model", async () => {
    const path = await onDisk(two("w1.bin", "w2.bin"));
    expectInputError(await refusal(path), path, "w1.bin");
  });

  it.each(["../secret.bin", "/etc/hostname", "sub/../../secret.bin"])(
    "outside the model's folder (%s) are not read",
    async (location) => {
      const folder = await scratchFolder();
      const path = join(folder, "model", "net.onnx");
      await fill(folder, { "model/net.onnx": two(location, location), "secret.bin": bytesOf });
      expectInputError(await refusal(path), path, "inside the model's folder");
    },
  );

  it("not even through a link", async () => {
    const folder = await scratchFolder();
    const path = join(folder, "model", "net.onnx");
    await fill(folder, { "model/net.onnx": two("w.bin", "w.bin"), "secret.bin": bytesOf });
    await symlink(join(folder, "secret.bin"), join(folder, "model", "w.bin"));
    expectInputError(await refusal(path), path, "outside the model's folder");
  });

  it.skipIf(process.platform === "win32")("nor from a pipe, which may never end", async () => {
    const path = await onDisk(two("w.bin", "w.bin"));
    execFileSync("mkfifo", [join(dirname(path), "w.bin")]);
    expectInputError(await refusal(path), path, "is no file");
  });

  it("in a folder below are", async () => {
    const path = await onDisk(two("parts/w.bin", "parts/w.bin"));
    await mkdir(join(dirname(path), "parts"));
    await fill(dirname(path), { "parts/w.bin": bytesOf });
    await expect(open(path)).resolves.toMatchObject({ file: "net.onnx" });
  });
});
