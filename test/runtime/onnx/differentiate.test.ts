import { describe, expect, it } from "vitest";
import type { Network } from "../../../src/runtime/network.ts";
import { openModel } from "../../../src/runtime/open.ts";
import { createSession, runOnce } from "../../../src/runtime/onnxruntime.ts";
import { float32 } from "../../../src/core/tensor.ts";
import { relativeL2 } from "../../relative-l2.ts";
import { info, model, node, noise } from "../../onnx/small-model.ts";
import { refused } from "../refused.ts";
import { classifierInput, smallClassifier } from "../small-classifier.ts";
import { onDisk, smallInput, smallOnnx } from "../small-onnx.ts";

const opened = async (bytes = smallOnnx()): Promise<Network> =>
  (await openModel(await onDisk(bytes), { threads: 1 })).network;

const image = noise(smallInput, 3);
const cell = [0, null, 6, 5] as const;
describe("a gradient", () => {
  it("has the image's shape, and lies in the cell's field", async () => {
    const program = await (
      await opened()
    ).differentiate({
      target: "conv2",
      objective: { kind: "channel-mean", cell },
    });
    const { gradient, alongside } = await program.run({ image });
    await program.release();
    expect([gradient.shape, alongside]).toEqual([smallInput, []]);
    const reached = [...gradient.data.entries()]
      .filter(([, value]) => value !== 0)
      .map(([flat]) => flat % 480);
    expect(Math.min(...reached.map((flat) => Math.floor(flat / 20)))).toBe(10);
    expect(Math.max(...reached.map((flat) => flat % 20))).toBe(12);
  });

  it("comes with further tensors, in the order asked for", async () => {
    const network = await opened();
    const program = await network.differentiate({
      target: "conv2",
      objective: { kind: "top" },
      withRespectTo: "relu",
      alongside: ["conv2", "relu", "conv1"],
    });
    const { gradient, alongside } = await program.run({ image });
    await program.release();
    expect(gradient.shape).toEqual([1, 4, 24, 20]);
    expect(alongside.map(({ shape }) => shape)).toEqual([
      [1, 5, 12, 10],
      [1, 4, 24, 20],
      [1, 4, 24, 20],
    ]);
    const [, rectified, before] = alongside;
    expect([...(rectified?.data ?? [])]).toEqual(
      [...(before?.data ?? [])].map((v) => Math.max(0, Number(v))),
    );
  });

  it("of fed weights is their pullback", async () => {
    const network = await opened();
    const seed = float32([1, 5, 12, 10], new Float32Array(600));
    for (let channel = 0; channel < 5; channel++) seed.data[channel * 120 + 6 * 10 + 5] = 1 / 5;
    const gradients = [];
    for (const objective of [
      { kind: "cotangent", name: "weights" },
      { kind: "channel-mean", cell },
    ] as const) {
      const program = await network.differentiate({ target: "conv2", objective });
      gradients.push((await program.run({ image, cotangent: seed })).gradient.data);
      await program.release();
    }
    const [fed = [], asked = []] = gradients;
    expect(Math.max(...[...fed].map((value, i) => Math.abs(value - (asked[i] ?? NaN))))).toBeLessThan(1e-6);
  });

  it("that does not need the image is run all the same", async () => {
    const linear = model({
      inputs: [info("x", [1, 3, 4, 4])],
      nodes: [node("Neg", ["x"], ["y"])],
    });
    const program = await (
      await opened(linear)
    ).differentiate({
      target: "y",
      objective: { kind: "element", index: 7 },
    });
    const { gradient } = await program.run({ image: noise([1, 3, 4, 4]) });
    await program.release();
    expect([...gradient.data].map((value, i) => [i, value]).filter(([, value]) => value !== 0)).toEqual([
      [7, -1],
    ]);
  });

  it("that is zero, because all is piecewise constant, needs neither image nor weights", async () => {
    const steps = model({
      inputs: [info("x", [1, 3, 4, 4])],
      nodes: [node("Sign", ["x"], ["y"])],
    });
    const program = await (
      await opened(steps)
    ).differentiate({
      target: "y",
      objective: { kind: "cotangent", name: "weights" },
    });
    const cotangent = noise([1, 3, 4, 4]);
    const { gradient } = await program.run({ image: noise([1, 3, 4, 4]), cotangent });
    await program.release();
    expect(gradient.data.every((value) => value === 0)).toBe(true);
  });
});

describe("a gradient from another tensor than the image", () => {
  const photo = noise(classifierInput, 3);
  const objective = { kind: "element", index: 3 } as const;

  it("is the gradient with the image, and so are the tensors beside it", async () => {
    const network = await opened(smallClassifier());
    const request = { target: "logits", objective, alongside: ["logits", "sum"] };
    const whole = await network.differentiate({ ...request, withRespectTo: "sum" });
    const expected = await whole.run({ image: photo });
    const [, sum] = expected.alongside;
    if (sum?.dtype !== "float32") throw new Error("no sum");
    const part = await network.differentiate({ ...request, from: "sum" });
    expect(await part.run({ image: sum })).toEqual(expected);
    const squared = await network.differentiate({ ...request, from: "sum", withRespectTo: "pooled" });
    expect((await squared.run({ image: sum })).gradient.shape).toEqual([1, 4, 1, 1]);
    await Promise.all([whole, part, squared].map((program) => program.release()));
  });

  it("goes through operators whose gradient depends on what is fed, of a cell as well", async () => {
    const network = await opened();
    const beside = await network.forward({ outputs: ["conv1"] });
    const [conv1] = await beside.run(image);
    if (conv1?.dtype !== "float32") throw new Error("no conv1");
    const request = { target: "conv2", objective: { kind: "channel-mean", cell } } as const;
    const whole = await network.differentiate({ ...request, withRespectTo: "conv1" });
    const part = await network.differentiate({ ...request, from: "conv1" });
    const [expected, found] = [await whole.run({ image }), await part.run({ image: conv1 })];
    expect(found.gradient.shape).toEqual([1, 4, 24, 20]);
    found.gradient.data.forEach((value, k) => {
      expect(Math.abs(value - (expected.gradient.data[k] ?? NaN))).toBeLessThan(1e-6);
    });
    expect(found.gradient.data.filter((value) => value !== 0).length).toBeGreaterThan(4);
    await Promise.all([beside, whole, part].map((program) => program.release()));
  });

  it("is refused where the tensor does not determine all that is asked", async () => {
    const network = await opened(smallClassifier());
    const from = (name: string, more: object = {}) =>
      refused(() => network.differentiate({ target: "logits", objective, from: name, ...more }));
    expect((await from("conv")).message).toMatch(/"logits" depends on the image by a path around "conv"/);
    expect((await from("sum", { alongside: ["relu"] })).message).toMatch(
      /"relu" does not depend on "sum", which is to be fed/,
    );
    expect((await from("sum", { withRespectTo: "image" })).message).toMatch(/"image" does not depend on/);
    const program = await network.differentiate({ target: "logits", objective, from: "sum" });
    expect((await refused(() => program.run({ image: photo }))).message).toMatch(
      /^the tensor fed in place of the image has shape .* takes \[1, 4, 9, 8\] at "sum"/,
    );
    await program.release();
  });
});

describe("the gradient of a probability", () => {
  it.each([{ kind: "element", index: 2 }, { kind: "top" }] as const)(
    "is that of the file's own softmax: %o",
    async (objective) => {
      const softmax = node("Softmax", ["logits"], ["p"], { axis: 1 });
      const network = await opened(smallClassifier({ nodes: [softmax], outputs: ["p"] }));
      const gradients = [];
      for (const request of [
        { target: "p", objective },
        { target: "logits", objective: { ...objective, of: "softmax" } as const },
      ]) {
        const program = await network.differentiate(request);
        gradients.push((await program.run({ image: noise(classifierInput, 3) })).gradient.data);
        await program.release();
      }
      const [expected = new Float32Array(), found = new Float32Array()] = gradients;
      expect(relativeL2(found, expected)).toBeLessThan(1e-5);
    },
  );
});

describe("what cannot be run is said", () => {
  it("a cotangent that is not fed, or has another shape", async () => {
    const objective = { kind: "cotangent", name: "weights" } as const;
    const program = await (await opened()).differentiate({ target: "conv2", objective });
    const { message } = await refused(() => program.run({ image }));
    expect(message).toMatch(
      /^the gradient of "conv2" in .*net\.onnx reads "weights" of shape \[1, 5, 12, 10\], found none$/,
    );
    const other = await refused(() => program.run({ image, cotangent: noise([1, 5]) }));
    expect(other.message).toMatch(/reads "weights" of shape \[1, 5, 12, 10\], found \[1, 5\]$/);
    await program.release();
  });

  it("an image of another shape: both shapes and the input's name", async () => {
    const program = await (await opened()).differentiate({ target: "conv2", objective: { kind: "top" } });
    const error = await refused(() => program.run({ image: noise([1, 3, 20, 24]) }));
    await program.release();
    expect(error.message).toMatch(/\[1, 3, 20, 24\].*\[1, 3, 24, 20\] at "image"/);
    expect(error.kind).toBe("input");
  });

  it("tensors off the way from image to output are listed apart", async () => {
    const branching = model({
      inputs: [info("x", [1, 3, 4, 4])],
      nodes: [
        node("Neg", ["w"], ["aside"]),
        node("Mul", ["x", "aside"], ["y"]),
        node("Abs", ["x"], ["unused"]),
      ],
      initializers: { w: noise([4, 4]) },
    });
    const network = await opened(branching);
    expect(network.tensors.map(({ name }) => name)).toEqual(["y"]);
    expect([...network.offPath].sort()).toEqual(expect.arrayContaining(["aside", "unused"]));
    expect(network.offPath.has("y")).toBe(false);
  });

  it("a tensor that is not there", async () => {
    const error = await refused(async () =>
      (await opened()).differentiate({ target: "conv9", objective: { kind: "top" } }),
    );
    expect(error.message).toContain('no tensor named "conv9"');
  });

  it("an output that is no function of the image", async () => {
    const constant = model({
      inputs: [info("x", [1, 3, 4, 4])],
      nodes: [node("Neg", ["w"], ["y"]), node("Relu", ["x"], ["z"])],
      initializers: { w: noise([2]) },
    });
    const error = await refused(() => opened(constant));
    expect(error.kind).toBe("input");
    expect(error.message).toContain("net.onnx");
  });

  it("a graph that ONNX Runtime cannot load: what it was for, in one line, as a failure", async () => {
    const settings = { threads: 1, optimization: "none" } as const;
    const bytes = model({ inputs: [info("x", [2])], nodes: [node("NoSuchOperator", ["x"], ["y"])] });
    const error = await refused(() => createSession(bytes, "the gradient of y", settings));
    expect(error.message).toMatch(
      /^ONNX Runtime cannot load the graph for the gradient of y: .*NoSuchOperator/,
    );
    expect(error.message).not.toContain("\n");
    expect([error.kind, error.cause instanceof Error]).toEqual(["failure", true]);
  });

  it("a run that fails: what it was for", async () => {
    const bytes = model({ inputs: [info("x", [2])], nodes: [node("Neg", ["x"], ["y"])] });
    const error = await refused(() => runOnce(bytes, { x: noise([3]) }, "a check"));
    expect(error.message).toMatch(/^ONNX Runtime failed during a check: /);
    expect(error.kind).toBe("failure");
  });
});
