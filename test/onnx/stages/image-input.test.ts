import { TensorProto_DataType as DataType } from "onnx-buf";
import { describe, expect, test } from "vitest";
import { ErfitError } from "../../../src/core/error.ts";
import { decodeModel } from "../../../src/onnx/file/wire.ts";
import { inferTypes } from "../../../src/runtime/onnxruntime.ts";
import { floats, imported, info, model, node, noise } from "../small-model.ts";

const relu = [node("Relu", ["x"], ["y"])];
const ofShape = (...shape: readonly (number | string)[]) =>
  model({ nodes: relu, inputs: [info("x", shape)] });

describe("the shape becomes static", () => {
  test("an open batch is one image", async () => {
    const { input, inputSymbolic, graph } = await imported(ofShape("batch", 3, 8, 9));
    expect(input).toEqual({ name: "x", dtype: "float32", shape: [1, 3, 8, 9] });
    expect(inputSymbolic).toBe(false);
    expect(graph.outputs[0]?.shape).toEqual([1, 3, 8, 9]);
  });

  test("an open size is asked for", async () => {
    const bytes = ofShape("N", 3, "H", "W");
    const refusal = await imported(bytes).catch((thrown: unknown) => thrown);
    expect(refusal).toBeInstanceOf(ErfitError);
    expect(refusal).toMatchObject({
      message: 'net.onnx: input "x" [?,3,?,?] leaves dimensions 2, 3 open',
      remedy: "say how large images are, as in inputShape: 1,3,224,224",
    });
    const { input, inputSymbolic } = await imported(bytes, { inputShape: [1, 3, 10, 12] });
    expect([input.shape, inputSymbolic]).toEqual([[1, 3, 10, 12], true]);
  });

  test.each([
    [["N", "H", "W", 3], "1,224,224,3"],
    [[1, "H", "W", 1], "1,224,224,1"],
    [["N", "H", 320, 3], "1,320,320,3"],
    [["N", 320, "W", "C"], "1,320,320,3"],
    [["N", "height", "width", "channels"], "1,224,224,3"],
    [["batch_size", "num_channels", "height", "width"], "1,3,224,224"],
    [["unk__1", "unk__2", "unk__3", "unk__4"], "1,3,224,224"],
    [["N", 3, 299, "W"], "1,3,299,299"],
    [["N", "C", "H", 299], "1,3,299,299"],
  ])("a size to try for %j", async (shape, proposal) => {
    await expect(imported(ofShape(...shape))).rejects.toMatchObject({
      remedy: `say how large images are, as in inputShape: ${proposal}`,
    });
  });

  test("recorded shapes of another size are not believed", async () => {
    const bytes = model({
      nodes: relu,
      inputs: [info("x", [1, 3, "H", "W"])],
      recorded: [info("y", [1, 3, 4, 4])],
    });
    const { graph } = await imported(bytes, { inputShape: [1, 3, 10, 12] });
    expect(graph.outputs[0]?.shape).toEqual([1, 3, 10, 12]);
  });

  test("recorded shapes with the batch's name are", async () => {
    const bytes = model({
      nodes: relu,
      inputs: [info("x", ["B", 3, 4, 4])],
      recorded: [info("y", ["B", 3, 4, 4])],
    });
    const run = () => Promise.reject(new Error("no need to run"));
    expect((await imported(bytes, { run })).graph.outputs[0]?.shape).toEqual([1, 3, 4, 4]);
  });

  test.each([
    [[1, 3, 8, 8], "does not take the shape [1,3,8,8] of inputShape"],
    [[3, 8, 9], "does not take the shape [3,8,9]"],
    [[2, 3, 8, 9], "takes 2 images at once"],
  ])("%j contradicts [N, 3, 8, 9]", async (inputShape, message) => {
    await expect(imported(ofShape("N", 3, 8, 9), { inputShape })).rejects.toThrow(message);
  });

  test("a fixed batch of several, and sizes that are none", async () => {
    await expect(imported(ofShape(8, 3, 8, 9))).rejects.toThrow('input "x" [8,3,8,9] takes 8 images at once');
    await expect(imported(ofShape(1, 3, 2 ** 31, 2 ** 31))).rejects.toThrow("is no size for an image");
    await expect(imported(ofShape(1, 3, "H", 5), { inputShape: [1, 3, 0.5, 5] })).rejects.toThrow(
      "is no size for an image",
    );
  });
});

describe("which input is the image", () => {
  test("of IR 3, the one that is not an initializer", async () => {
    const inputs = [info("w", [4, 3, 1, 1]), info("x", [1, 3, 4, 4])];
    const bytes = model({
      ir: 3,
      opset: 8,
      nodes: [node("Conv", ["x", "w"], ["y"])],
      inputs,
      initializers: { w: noise([4, 3, 1, 1]) },
    });
    const versions: bigint[] = [];
    const { input, graph, irVersion, opset } = await imported(bytes, {
      infer: (part, ...rest) => {
        versions.push(decodeModel(part, "part").irVersion);
        return inferTypes(part, ...rest);
      },
    });
    // Parts of the model list no initializers as inputs, which IR 3 would want.
    expect(versions).toEqual([4n]);
    expect([input.name, irVersion, opset]).toEqual(["x", 3, 8]);
    expect(graph.inputs).toHaveLength(1);
  });

  test("of several, the one that is named", async () => {
    const inputs = [info("left", [1, 3, 4, 4]), info("right", [1, 3, 4, 4])];
    const bytes = model({
      nodes: [node("Relu", ["right"], ["y"]), node("Abs", ["left"], ["z"])],
      inputs,
      outputs: ["y", "z"],
    });
    await expect(imported(bytes)).rejects.toThrow(
      'net.onnx: several inputs could be the image: "left" float[1,3,4,4], "right" float[1,3,4,4]',
    );
    const { graph } = await imported(bytes, { inputName: "right" });
    expect(graph.outputs.map(({ name }) => name)).toEqual(["y"]);
    await expect(imported(bytes, { inputName: "middle" })).rejects.toThrow(
      'net.onnx has no image input named "middle"; its inputs: "left" float[1,3,4,4], "right" float[1,3,4,4]',
    );
  });

  test("beside other inputs: outputs that need these are left out", async () => {
    const inputs = [info("x", [1, 3, 4, 4]), info("text", [1, 7], DataType.INT64)];
    const nodes = [
      node("Relu", ["x"], ["y"]),
      node("Cast", ["text"], ["t"], { to: 1 }),
      node("ReduceSum", ["t"], ["s"]),
      node("Add", ["y", "s"], ["both"]),
    ];
    const { graph } = await imported(model({ nodes, inputs, outputs: ["y", "both"] }));
    expect(graph.outputs.map(({ name }) => name)).toEqual(["y"]);
    await expect(imported(model({ nodes, inputs, outputs: ["both"] }))).rejects.toThrow(
      'net.onnx: its outputs need more than the image "x": also the input "text"',
    );
  });

  test("none: of another type, of another rank, or not used", async () => {
    const refused = (inputs: ReturnType<typeof info>[]) => imported(model({ nodes: relu, inputs }));
    await expect(refused([info("x", [1, 4, 4, 3], DataType.UINT8)])).rejects.toThrow(
      'net.onnx: expected an input with float elements and four dimensions, the image; found "x" uint8[1,4,4,3]',
    );
    await expect(refused([info("x", [1, 100])])).rejects.toThrow('found "x" float[1,100]');
    const constant = model({ nodes: [node("Relu", ["c"], ["y"])], initializers: { c: floats(1) } });
    await expect(imported(constant)).rejects.toThrow('net.onnx: no output depends on the input "x"');
  });
});
