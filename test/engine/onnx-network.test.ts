import { describe, expect, it } from "vitest";
import type { Network } from "../../src/engine/network.ts";
import { openModel } from "../../src/engine/open.ts";
import { createSession, runOnce } from "../../src/engine/onnxruntime.ts";
import { ErfitError } from "../../src/math/error.ts";
import { float32 } from "../../src/math/tensor.ts";
import { info, model, node, noise } from "../onnx/small-model.ts";
import { onDisk, smallInput, smallOnnx } from "./small-onnx.ts";

const opened = async (bytes = smallOnnx()): Promise<Network> =>
  (await openModel(await onDisk(bytes), { threads: 1 })).network;

const image = noise(smallInput, 3);
const cell = [0, null, 6, 5] as const;
const refused = async (promise: Promise<unknown>): Promise<ErfitError> => {
  const error: unknown = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error instanceof ErfitError) return error;
  throw new Error(`not refused: ${String(error)}`);
};

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

describe("what cannot be run is said", () => {
  it("an image of another shape: both shapes and the input's name", async () => {
    const program = await (await opened()).differentiate({ target: "conv2", objective: { kind: "top" } });
    const error = await refused(program.run({ image: noise([1, 3, 20, 24]) }));
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
      initialisers: { w: noise([4, 4]) },
    });
    const network = await opened(branching);
    expect(network.tensors.map(({ name }) => name)).toEqual(["y"]);
    expect([...network.offPath].sort()).toEqual(expect.arrayContaining(["aside", "unused"]));
    expect(network.offPath.has("y")).toBe(false);
  });

  it("a tensor that is not there", async () => {
    const error = await refused(
      (await opened()).differentiate({ target: "conv9", objective: { kind: "top" } }),
    );
    expect(error.message).toContain('no tensor named "conv9"');
  });

  it("an output that is no function of the image", async () => {
    const constant = model({
      inputs: [info("x", [1, 3, 4, 4])],
      nodes: [node("Neg", ["w"], ["y"]), node("Relu", ["x"], ["z"])],
      initialisers: { w: noise([2]) },
    });
    const error = await refused(opened(constant));
    expect(error.kind).toBe("input");
    expect(error.message).toContain("net.onnx");
  });

  it("a graph that ONNX Runtime cannot load: what it was for, in one line, as a failure", async () => {
    const settings = { threads: 1, optimisation: "none" } as const;
    const bytes = model({ inputs: [info("x", [2])], nodes: [node("NoSuchOperator", ["x"], ["y"])] });
    const error = await refused(createSession(bytes, "the gradient of y", settings));
    expect(error.message).toMatch(
      /^ONNX Runtime cannot load the graph for the gradient of y: .*NoSuchOperator/,
    );
    expect(error.message).not.toContain("\n");
    expect([error.kind, error.cause instanceof Error]).toEqual(["failure", true]);
  });

  it("a run that fails: what it was for", async () => {
    const bytes = model({ inputs: [info("x", [2])], nodes: [node("Neg", ["x"], ["y"])] });
    const error = await refused(runOnce(bytes, { x: noise([3]) }, "a check"));
    expect(error.message).toMatch(/^ONNX Runtime failed during a check: /);
    expect(error.kind).toBe("failure");
  });
});
