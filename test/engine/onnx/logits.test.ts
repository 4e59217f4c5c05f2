import type { NodeProto } from "onnx-buf";
import { describe, expect, it } from "vitest";
import { openModel } from "../../../src/engine/open.ts";
import { node } from "../../onnx/small-model.ts";
import { smallClassifier } from "../small-classifier.ts";
import { onDisk } from "../small-onnx.ts";

/** Names of the logits and of the output of a network that ends so. */
async function ends(nodes: readonly NodeProto[], output: string, opset = 20): Promise<[string, string]> {
  const bytes = smallClassifier({ nodes, outputs: [output], opset });
  const { network } = await openModel(await onDisk(bytes), { threads: 1 });
  expect(network.graph?.outputs[0]?.name).toBe(network.output.name);
  return [network.logits.name, network.output.name];
}

const softmax = node("Softmax", ["logits"], ["p"], { axis: 1 });
const reshaped = node("Unsqueeze", ["p", "axes"], ["y"]);
const axes = node("Shape", ["flat"], ["axes"], { start: 0, end: 1 }); // [1]

describe("a network's logits are", () => {
  it("its first output, where no softmax comes last", async () => {
    expect(await ends([], "logits")).toEqual(["logits", "logits"]);
    expect(await ends([softmax, node("Mul", ["p", "logits"], ["y"])], "y")).toEqual(["y", "y"]);
    expect(await ends([node("Sigmoid", ["logits"], ["y"])], "y")).toEqual(["y", "y"]);
  });

  it("what the softmax reads, or its logarithm", async () => {
    expect(await ends([softmax], "p")).toEqual(["logits", "p"]);
    expect(await ends([node("LogSoftmax", ["logits"], ["y"], { axis: 1 })], "y")).toEqual(["logits", "y"]);
  });

  it("found through what only reshapes", async () => {
    expect(await ends([softmax, node("Identity", ["p"], ["y"])], "y")).toEqual(["logits", "y"]);
    expect(await ends([softmax, axes, reshaped], "y")).toEqual(["logits", "y"]);
    const turned = node("Transpose", ["p"], ["y"], { perm: [1, 0] });
    expect(await ends([softmax, turned], "y")).toEqual(["logits", "y"]);
    const twice = [softmax, axes, reshaped, node("Flatten", ["y"], ["z"], { axis: 1 })];
    expect(await ends(twice, "z")).toEqual(["logits", "z"]);
  });

  it("the output, where a transposition changes the order of the elements", async () => {
    const nodes = [
      node("Softmax", ["sum"], ["p"], { axis: 1 }),
      node("Transpose", ["p"], ["y"], { perm: [0, 2, 3, 1] }),
    ];
    expect(await ends(nodes, "y")).toEqual(["y", "y"]);
  });

  it("the file's own tensor in front of an old softmax, which normalises several axes", async () => {
    const nodes = [node("Softmax", ["pooled"], ["y"], { axis: 1 })];
    expect(await ends(nodes, "y", 11)).toEqual(["pooled", "y"]);
  });
});
