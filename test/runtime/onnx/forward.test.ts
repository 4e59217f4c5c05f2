import { describe, expect, it } from "vitest";
import type { ForwardRequest, Network } from "../../../src/runtime/network.ts";
import { runOnce } from "../../../src/runtime/onnxruntime.ts";
import { openModel } from "../../../src/runtime/open.ts";
import { float32, type Tensor } from "../../../src/core/tensor.ts";
import { node, noise } from "../../onnx/small-model.ts";
import { refused } from "../refused.ts";
import { classifierInput, scoresOf, smallClassifier, without } from "../small-classifier.ts";
import { onDisk } from "../small-onnx.ts";

const opened = async (bytes = smallClassifier()): Promise<Network> =>
  (await openModel(await onDisk(bytes), { threads: 1 })).network;

const image = noise(classifierInput, 3);
const floats = (tensor: Tensor | undefined): Tensor<"float32"> => {
  if (tensor?.dtype === "float32") return tensor;
  throw new Error("not float32");
};

async function ran(network: Network, request: ForwardRequest, input = image): Promise<Tensor<"float32">[]> {
  const program = await network.forward(request);
  const outputs = await program.run(input);
  await program.release();
  return outputs.map(floats);
}

const near = (found: Tensor<"float32"> | undefined, expected: ArrayLike<number>) => {
  expect(found?.data).toHaveLength(expected.length);
  found?.data.forEach((value, k) => {
    expect(Math.abs(value - (expected[k] ?? NaN))).toBeLessThan(1e-6);
  });
};

describe("a forward run", () => {
  it("gives what the file gives in ONNX Runtime", async () => {
    const bytes = smallClassifier();
    const { logits } = await runOnce(bytes, { image }, "a test");
    const [found] = await ran(await opened(bytes), { outputs: ["logits"] });
    expect(found?.shape).toEqual([1, 5]);
    near(found, floats(logits).data);
  });

  it("gives what a gradient's run returns beside it, in the order asked for", async () => {
    const network = await opened();
    const names = ["sum", "logits", "relu", "sum"];
    const gradient = await network.differentiate({
      target: "logits",
      objective: { kind: "top" },
      alongside: names,
    });
    const { alongside } = await gradient.run({ image });
    await gradient.release();
    const outputs = await ran(network, { outputs: names });
    expect(outputs.map(({ shape }) => shape[1])).toEqual([4, 5, 4, 4]);
    outputs.forEach((output, k) => {
      near(output, floats(alongside[k]).data);
    });
  });

  it("takes one image after another, and the image itself is one of its tensors", async () => {
    const program = await (await opened()).forward({ outputs: ["image", "logits"] });
    expect(program.simultaneous).toBe(1);
    const images = [image, noise(classifierInput, 4)];
    const results = await Promise.all(images.map((one) => program.run(one)));
    await program.release();
    results.forEach(([same], k) => {
      expect(same?.data).toEqual(images[k]?.data);
    });
    expect(results[0]?.[1]?.data).not.toEqual(results[1]?.[1]?.data);
  });
});

describe("a forward run from another tensor", () => {
  it("gives what the whole network gives", async () => {
    const network = await opened();
    const [sum, logits] = await ran(network, { outputs: ["sum", "logits"] });
    const [again, same] = await ran(network, { outputs: ["logits", "sum"], from: "sum" }, floats(sum));
    near(again, floats(logits).data);
    expect(same?.data).toEqual(sum?.data);
    const [behind, whole] = await ran(network, { outputs: ["relu", "logits"] });
    near((await ran(network, { outputs: ["logits"], from: "relu" }, floats(behind)))[0], floats(whole).data);
  });

  it("reads what is fed: scores of a map that lacks a channel", async () => {
    const network = await opened();
    const map = noise([1, 4, 9, 8], 8);
    for (const fed of [map, without(1, map), without(3, map)])
      near((await ran(network, { outputs: ["logits"], from: "sum" }, fed))[0], scoresOf(fed));
  });

  it("neither reads nor runs what comes before", async () => {
    const stem = float32([4, 3, 3, 3], new Float32Array(108).fill(NaN));
    const network = await opened(smallClassifier({ stem }));
    const map = noise([1, 4, 9, 8], 8);
    near((await ran(network, { outputs: ["logits"], from: "sum" }, map))[0], scoresOf(map));
    const { message } = await refused(() => network.forward({ outputs: ["logits"] }));
    expect(message).toMatch(/net\.onnx: weights .* hold NaN or infinity: stem\.w$/);
  });
});

describe("what cannot be run forward is said", () => {
  it("a tensor that is not there, asked for or fed", async () => {
    const network = await opened();
    for (const request of [{ outputs: ["sums"] }, { outputs: ["logits"], from: "sums" }]) {
      const { message } = await refused(() => network.forward(request));
      expect(message).toMatch(/net\.onnx: no tensor named "sums"/);
    }
  });

  it("a path around the tensor that is fed", async () => {
    const network = await opened();
    const { message, remedy } = await refused(() => network.forward({ outputs: ["logits"], from: "conv" }));
    expect(message).toMatch(
      /net\.onnx: tensor "logits" depends on the image by a path around "conv" too: .*"conv" does not determine it/,
    );
    expect(remedy).toMatch(/feed the image, or a tensor that all paths/);
  });

  it("a sibling of the tensor that is fed: both come from one node", async () => {
    const nodes = [
      node("Split", ["logits"], ["left", "right"], { axis: 1, num_outputs: 2 }),
      node("ReduceSum", ["left"], ["a"], { keepdims: 1 }),
      node("Add", ["a", "right"], ["both"]),
    ];
    const network = await opened(smallClassifier({ nodes, outputs: ["both"] }));
    expect((await refused(() => network.forward({ outputs: ["both"], from: "left" }))).message).toMatch(
      /"both" depends on the image by a path around "left"/,
    );
    const [a] = await ran(network, { outputs: ["a"], from: "left" }, noise([1, 3], 2));
    near(
      a,
      [...noise([1, 3], 2).data.slice(0, 3)].reduce((sums, v) => [(sums[0] ?? 0) + v], [0]),
    );
  });

  it("an output that does not depend on what is fed", async () => {
    const { message } = await refused(async () =>
      (await opened()).forward({ outputs: ["logits", "relu"], from: "sum" }),
    );
    expect(message).toMatch(/tensor "relu" does not depend on "sum", which is to be fed/);
  });

  it("a tensor of another shape: what was fed, and what is taken", async () => {
    const network = await opened();
    const whole = await network.forward({ outputs: ["logits"] });
    expect((await refused(() => whole.run(noise([1, 3, 8, 9])))).message).toMatch(
      /^the image tensor has shape \[1, 3, 8, 9\], but .*net\.onnx takes \[1, 3, 9, 8\] at "image"$/,
    );
    const part = await network.forward({ outputs: ["logits"], from: "sum" });
    expect((await refused(() => part.run(image))).message).toMatch(
      /^the tensor fed in place of the image has shape \[1, 3, 9, 8\], but .* takes \[1, 4, 9, 8\] at "sum"$/,
    );
    await Promise.all([whole.release(), part.release()]);
  });

  it("a tensor of whole numbers", async () => {
    const nodes = [
      node("ArgMax", ["logits"], ["best"], { axis: 1, keepdims: 1 }),
      node("Cast", ["best"], ["y"], { to: 1 }),
    ];
    const network = await opened(smallClassifier({ nodes, outputs: ["y"] }));
    expect((await refused(() => network.forward({ outputs: ["y"], from: "best" }))).message).toMatch(
      /net\.onnx: tensor "best" holds int64: only float32 can be fed/,
    );
  });
});
