import type { NodeProto } from "onnx-buf";
import { describe, expect, it } from "vitest";
import type { Ending, Network } from "../../../src/runtime/network.ts";
import { openModel } from "../../../src/runtime/open.ts";
import { float32, type Tensor } from "../../../src/core/tensor.ts";
import { float, ints, node } from "../../onnx/small-model.ts";
import { smallClassifier } from "../small-classifier.ts";
import { onDisk } from "../small-onnx.ts";

const opened = async (
  nodes: readonly NodeProto[],
  output: string,
  { opset = 20, constants = {} }: { opset?: number; constants?: Readonly<Record<string, Tensor>> } = {},
): Promise<Network> => {
  const bytes = smallClassifier({ nodes, outputs: [output], opset, constants });
  return (await openModel(await onDisk(bytes), { threads: 1 })).network;
};

/** Names of the logits and of the output of a network that ends so. */
async function ends(nodes: readonly NodeProto[], output: string, opset = 20): Promise<[string, string]> {
  const network = await opened(nodes, output, { opset });
  expect(network.graph?.outputs[0]?.name).toBe(network.output.name);
  return [network.logits.name, network.output.name];
}

const softmax = node("Softmax", ["logits"], ["p"], { axis: 1 });
const sigmoid = node("Sigmoid", ["logits"], ["p"]);
const reshaped = node("Unsqueeze", ["p", "axes"], ["y"]);
const axes = node("Shape", ["flat"], ["axes"], { start: 0, end: 1 }); // [1]

describe("a network's logits are", () => {
  it("its first output, where no softmax and no sigmoid comes last", async () => {
    expect(await ends([], "logits")).toEqual(["logits", "logits"]);
    expect(await ends([softmax, node("Mul", ["p", "logits"], ["y"])], "y")).toEqual(["y", "y"]);
  });

  it("what the softmax or the sigmoid reads, or its logarithm", async () => {
    expect(await ends([softmax], "p")).toEqual(["logits", "p"]);
    expect(await ends([sigmoid], "p")).toEqual(["logits", "p"]);
    expect(await ends([node("LogSoftmax", ["logits"], ["y"], { axis: 1 })], "y")).toEqual(["logits", "y"]);
  });

  it("found through what only reshapes", async () => {
    for (const last of [softmax, sigmoid]) {
      expect(await ends([last, node("Identity", ["p"], ["y"])], "y")).toEqual(["logits", "y"]);
      expect(await ends([last, axes, reshaped], "y")).toEqual(["logits", "y"]);
      const turned = node("Transpose", ["p"], ["y"], { perm: [1, 0] });
      expect(await ends([last, turned], "y")).toEqual(["logits", "y"]);
      const twice = [last, axes, reshaped, node("Flatten", ["y"], ["z"], { axis: 1 })];
      expect(await ends(twice, "z")).toEqual(["logits", "z"]);
    }
  });

  it("the output, where a transposition changes the order of the elements", async () => {
    const nodes = [
      node("Softmax", ["sum"], ["p"], { axis: 1 }),
      node("Transpose", ["p"], ["y"], { perm: [0, 2, 3, 1] }),
    ];
    expect(await ends(nodes, "y")).toEqual(["y", "y"]);
  });

  it("the file's own tensor in front of an old softmax, which normalizes several axes", async () => {
    const nodes = [node("Softmax", ["pooled"], ["y"], { axis: 1 })];
    expect(await ends(nodes, "y", 11)).toEqual(["pooled", "y"]);
  });
});

const constants = {
  one: float32([1], [1]),
  half: float32([], [0.5]),
  last: ints(1),
  two: ints(2),
};

/** Output `y` of the nodes, and what its elements are. */
const kinds: readonly (readonly [string, readonly NodeProto[], Ending])[] = [
  [
    "softmax in its parts",
    [
      node("ReduceMax", ["logits", "last"], ["greatest"]),
      node("Sub", ["logits", "greatest"], ["shifted"]),
      node("Exp", ["shifted"], ["powers"]),
      node("ReduceSum", ["powers", "last"], ["total"]),
      node("Div", ["powers", "total"], ["y"]),
    ],
    { kind: "softmax", of: "logits" },
  ],
  [
    "logarithm of softmax in its parts",
    [node("ReduceLogSumExp", ["logits", "last"], ["total"]), node("Sub", ["logits", "total"], ["y"])],
    { kind: "softmax", of: "logits" },
  ],
  ["logarithm of a softmax", [softmax, node("Log", ["p"], ["y"])], { kind: "softmax", of: "logits" }],
  [
    "exponential of a logarithm of softmax",
    [node("LogSoftmax", ["logits"], ["z"], { axis: 1 }), node("Exp", ["z"], ["y"])],
    { kind: "softmax", of: "logits" },
  ],
  [
    "sigmoid in its parts",
    [
      node("Neg", ["logits"], ["negative"]),
      node("Exp", ["negative"], ["power"]),
      node("Add", ["power", "one"], ["sum1"]),
      node("Div", ["one", "sum1"], ["y"]),
    ],
    { kind: "sigmoid", of: "logits" },
  ],
  [
    "softmax along an axis of one",
    [node("Softmax", ["logits"], ["y"], { axis: 0 })],
    { kind: "probabilities" },
  ],
  [
    "hard sigmoid",
    [node("HardSigmoid", ["logits"], ["y"], { alpha: float(0.2) })],
    { kind: "probabilities" },
  ],
  [
    "1 - p beside p",
    [sigmoid, node("Sub", ["one", "p"], ["rest"]), node("Concat", ["rest", "p"], ["y"], { axis: 1 })],
    { kind: "probabilities" },
  ],
  [
    "mean of a softmax and a sigmoid",
    [
      softmax,
      node("Sigmoid", ["logits"], ["q"]),
      node("Add", ["p", "q"], ["both"]),
      node("Mul", ["both", "half"], ["y"]),
    ],
    { kind: "probabilities" },
  ],
  ["a sum of probabilities", [softmax, node("Add", ["p", "p"], ["y"])], { kind: "scores" }],
  ["tanh", [node("Tanh", ["logits"], ["y"])], { kind: "scores" }],
  [
    "ArgMax",
    [node("ArgMax", ["logits"], ["y"], { axis: 1 })],
    { kind: "indices", operator: "ArgMax", of: ["logits"] },
  ],
  [
    "ArgMin as float",
    [node("ArgMin", ["logits"], ["i"], { axis: 1 }), node("Cast", ["i"], ["y"], { to: 1 })],
    { kind: "indices", operator: "ArgMin", of: ["logits"] },
  ],
  [
    "places of the greatest",
    [node("TopK", ["logits", "two"], ["values", "y"])],
    { kind: "indices", operator: "TopK", of: ["logits"] },
  ],
  [
    "the greatest, sorted",
    [node("TopK", ["logits", "two"], ["y", "places"])],
    { kind: "indices", operator: "TopK", of: ["logits"] },
  ],
  [
    "a threshold",
    [softmax, node("Greater", ["p", "half"], ["y"])],
    { kind: "indices", operator: "Greater", of: ["p"] },
  ],
  [
    "rounded to integers",
    [softmax, node("Cast", ["p"], ["y"], { to: 7 })],
    { kind: "indices", operator: "Cast", of: ["p"] },
  ],
  ["rounded", [softmax, node("Round", ["p"], ["y"])], { kind: "indices", operator: "Round", of: ["p"] }],
];

describe("the elements of an output are told from what it ends in", () => {
  it.each(kinds)("%s", async (_, nodes, ending) => {
    const network = await opened(nodes, "y", { constants });
    expect(network.ending("y")).toEqual(ending);
  });
});
