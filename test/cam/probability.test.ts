import type { NodeProto } from "onnx-buf";
import { describe, expect, it } from "vitest";
import { openExplainer } from "../../src/cam/explain.ts";
import { camMethods } from "../../src/cam/methods.ts";
import { probabilityAt } from "../../src/cam/scores.ts";
import { defaultLayer } from "../../src/runtime/layers.ts";
import type { Network } from "../../src/runtime/network.ts";
import { openModel } from "../../src/runtime/open.ts";
import { towardsScores, withOutput, withScoresFrom } from "../../src/runtime/outputs.ts";
import { openScorer, requireConfidence } from "../../src/evaluate/measure.ts";
import { float32, sizeOf, type Tensor } from "../../src/core/tensor.ts";
import { casePath } from "../runtime/cases.ts";
import { smallClassifier } from "../runtime/small-classifier.ts";
import { onDisk } from "../runtime/small-onnx.ts";
import { float, node, noise } from "../onnx/small-model.ts";
import { refusalOf } from "./explained.ts";

const open = async (path: string): Promise<Network> =>
  withOutput((await openModel(path, { threads: 1 })).network, undefined);

const ending = async (...nodes: readonly NodeProto[]): Promise<Network> =>
  open(await onDisk(smallClassifier({ nodes, outputs: ["y"], constants: { one: float32([1], [1]) } })));

const imageFor = ({ input: { shape } }: Network, seed = 4): Tensor<"float32"> =>
  float32(shape, noise([sizeOf(shape)], seed).data);

/** The network's own output for an image, from ONNX Runtime. */
async function outputOf(network: Network, image: Tensor<"float32">): Promise<readonly number[]> {
  const program = await network.forward({ outputs: [network.output.name] });
  const [tensor] = await program.run(image);
  await program.release();
  return Array.from(tensor?.data ?? [], Number);
}

const explainerOf = (network: Network, score: "logit" | "probability" = "logit") =>
  openExplainer(network, defaultLayer(towardsScores(network)), {
    score,
    images: 1,
    requirements: new Set([camMethods["grad-cam"].requires]),
    classes: "given",
  });

describe("a class's probability is the network's own", () => {
  const sigmoid = node("Sigmoid", ["logits"], ["p"]);
  it.each<[string, () => Promise<Network>]>([
    ["softmax", () => ending(node("Softmax", ["logits"], ["y"], { axis: 1 }))],
    ["sigmoid", () => ending(node("Sigmoid", ["logits"], ["y"]))],
    ["sigmoid, then Identity", () => ending(sigmoid, node("Identity", ["p"], ["y"]))],
    ["hard sigmoid", () => ending(node("HardSigmoid", ["logits"], ["y"], { alpha: float(0.4) }))],
    [
      "1 - p beside p",
      () =>
        ending(
          sigmoid,
          node("Sub", ["one", "p"], ["rest"]),
          node("Concat", ["rest", "p"], ["y"], { axis: 1 }),
        ),
    ],
    ["one sigmoid", () => open(casePath("binary_sigmoid"))],
  ])("%s", async (_, opening) => {
    const network = await opening();
    const image = imageFor(network);
    const own = await outputOf(network, image);
    const [explainer, scorer] = [await explainerOf(network), await openScorer(network, 1)];
    for (const [index, expected] of own.entries()) {
      const [explained] = await explainer.explain(image, [index]);
      expect(explained?.explanation.probability).toBeCloseTo(expected, 6);
      const [confidence] = await scorer.confidences([image], index);
      expect(confidence?.probability).toBeCloseTo(expected, 6);
    }
    await explainer.release();
    await scorer.release();
  });

  it("where probabilities are logarithms, their exponential", async () => {
    const network = await ending(node("LogSoftmax", ["logits"], ["y"], { axis: 1 }));
    const image = imageFor(network);
    const own = await outputOf(network, image);
    const explainer = await explainerOf(network);
    const [explained] = await explainer.explain(image, [2]);
    expect(explained?.explanation.probability).toBeCloseTo(Math.exp(own[2] ?? NaN), 6);
    await explainer.release();
  });
});

it.each([
  ["sigmoid", () => ending(node("Sigmoid", ["logits"], ["y"]))],
  ["hard sigmoid", () => ending(node("HardSigmoid", ["logits"], ["y"], { alpha: float(0.4) }))],
])("the gradient of a probability is that of the network's output: %s", async (_, opening) => {
  const network = await opening();
  const { name } = defaultLayer(towardsScores(network));
  const image = imageFor(network);
  const program = await network.differentiate({
    target: network.output.name,
    objective: { kind: "element", index: 1 },
    withRespectTo: name,
  });
  const { gradient } = await program.run({ image });
  await program.release();
  const explainer = await explainerOf(network, "probability");
  const [explained] = await explainer.explain(image, [1]);
  const found = explained?.explanation.gradient?.data ?? new Float32Array();
  expect(found).toHaveLength(gradient.data.length);
  found.forEach((value, k) => {
    expect(value).toBeCloseTo(gradient.data[k] ?? NaN, 7);
  });
  await explainer.release();
});

// torch.sigmoid and torch.softmax in float64
it("the rules of probability are PyTorch's", () => {
  const scores = Float32Array.of(0.5, -1.25, 2, 0.25);
  const of = (rule: Network["probability"]) =>
    [0, 1, 2, 3].map((index) => probabilityAt(scores, index, rule));
  const expected = {
    sigmoid: [0.6224593312, 0.2227001388, 0.8807970779, 0.5621765009],
    softmax: [0.1554179362, 0.0270075876, 0.6965348658, 0.1210396104],
  };
  for (const rule of ["sigmoid", "softmax"] as const)
    of(rule).forEach((found, k) => {
      expect(found).toBeCloseTo(expected[rule][k] ?? NaN, 5);
    });
  expect(of("identity")).toEqual([...scores]);
  expect(of("none")).toEqual([null, null, null, null]);
});

describe("scores that are read as they are", () => {
  it("have no probability, to be explained or to drop", async () => {
    const network = withScoresFrom(await open(casePath("two")), "logit");
    const error = await refusalOf(explainerOf(network, "probability"));
    expect(error.message).toMatch(/no probability/);
    expect(() => {
      requireConfidence(network, "probability");
    }).toThrow(/no probability that could drop/);
    requireConfidence(network, "logit");
    const explainer = await explainerOf(network);
    const [explained] = await explainer.explain(imageFor(network), [0]);
    expect(explained?.explanation.probability).toBeNull();
    await explainer.release();
  });
});
