import { describe, expect, it } from "vitest";
import { isClassVector, requireClassScores, withOutput, withScoresFrom } from "../../src/runtime/outputs.ts";
import type { Network, NetworkOutput } from "../../src/runtime/network.ts";
import { openModel } from "../../src/runtime/open.ts";
import type { Shape } from "../../src/core/tensor.ts";
import { thrown } from "../thrown.ts";
import { casePath } from "./cases.ts";
import { fakeNetwork, tensor } from "./fake-network.ts";

const caseNetwork = async (name: string): Promise<Network> =>
  (await openModel(casePath(name), { threads: 1 })).network;

it.each([
  [[1, 7], true],
  [[7], true],
  [[1, 7, 1, 1], true],
  [[1, 1, 1, 7], true],
  [[1, 1, 7], true],
  [[1, 1], true],
  [[], true],
  [[1, 7, 4, 4], false],
  [[1, 4, 4, 7], false],
  [[1, 1, 4, 4], false],
  [[1, 100, 7], false],
  [[24, 1, 37], false],
] as const)("%j is one number a class: %s", (shape, expected) => {
  expect(isClassVector(shape)).toBe(expected);
});

interface Output {
  readonly name: string;
  readonly shape: Shape;
  readonly dtype?: NetworkOutput["dtype"];
  /** What it is computed from, beside the maps. */
  readonly from?: readonly string[];
  /** Feature maps that lead to it. */
  readonly maps?: number;
}

const maps = ["map1", "map2", "map3"].map((name) => tensor(name, "Conv", [1, 8, 7, 7]));

/** A network of such outputs; the first one is what an engine opens it with. */
function network(...outputs: readonly Output[]): Network {
  const made = outputs.map(({ name, shape, dtype = "float32" }) => ({
    ...tensor(name, "Gemm", shape),
    dtype,
  }));
  const [first = tensor("none", "Gemm", [1])] = made;
  return fakeNetwork([...maps, ...made], {
    outputs: made,
    output: first,
    logits: first,
    sourcesOf(name) {
      const of = outputs.find((one) => one.name === name);
      return new Set([name, ...(of?.from ?? []), ...maps.slice(0, of?.maps ?? 3).map((map) => map.name)]);
    },
  });
}

const chosen = (hints: Parameters<typeof withOutput>[2], ...outputs: readonly Output[]): string =>
  withOutput(network(...outputs), undefined, hints).output.name;

describe("the output that holds the class scores", () => {
  it("is the one number a class, not a map, tokens, boxes or an index", () => {
    expect(chosen({}, { name: "a", shape: [1, 8, 7, 7] }, { name: "b", shape: [1, 3] })).toBe("b");
    expect(
      chosen({}, { name: "last_hidden_state", shape: [1, 197, 768] }, { name: "logits", shape: [1, 3] }),
    ).toBe("logits");
    expect(
      chosen({}, { name: "index", shape: [1], dtype: "int64", from: ["b"] }, { name: "b", shape: [1, 3] }),
    ).toBe("b");
  });

  it("is not an embedding that the scores are computed from", () => {
    const [a, b] = [
      { name: "x", shape: [1, 512] },
      { name: "y", shape: [1, 9], from: ["x"] },
    ];
    expect(chosen({}, a, b)).toBe("y");
    expect(chosen({}, b, a)).toBe("y");
  });

  it("is not an embedding beside them, by its name", () => {
    expect(chosen({}, { name: "image_embeds", shape: [1, 512] }, { name: "cls", shape: [1, 9] })).toBe("cls");
  });

  it("is the main classifier's, not an auxiliary one's", () => {
    const aux = { name: "535", shape: [1, 1000], maps: 1 };
    const main = { name: "537", shape: [1, 1000] };
    expect(chosen({}, main, aux)).toBe("537");
    expect(chosen({}, aux, main)).toBe("537");
    expect(chosen({}, { name: "aux", shape: [1, 5] }, { name: "main", shape: [1, 5] })).toBe("main");
  });

  it("has as many elements as there are class names; a sidecar may name it", () => {
    const [race, gender] = [
      { name: "race", shape: [1, 7] },
      { name: "gender", shape: [1, 2] },
    ];
    expect(chosen({}, race, gender)).toBe("race");
    expect(chosen({ classes: 2 }, race, gender)).toBe("gender");
    expect(chosen({ classes: 7, name: "gender" }, race, gender)).toBe("gender");
    expect(chosen({ name: "no such output" }, race, gender)).toBe("race");
  });

  it("of equals the first", () => {
    expect(chosen({}, { name: "a", shape: [1, 5] }, { name: "b", shape: [1, 5] })).toBe("a");
  });
});

describe("without one score a class a network is refused", () => {
  const refuse = (...outputs: readonly Output[]) => {
    requireClassScores(withOutput(network(...outputs), undefined), "net.onnx");
  };
  it.each<readonly Output[]>([
    [{ name: "out", shape: [1, 21, 64, 64] }],
    [{ name: "out", shape: [1, 64, 64, 21] }],
    [{ name: "out", shape: [1, 64, 64] }],
    [{ name: "out", shape: [1, 8400, 84] }],
    [{ name: "text", shape: [24, 1, 37] }],
    [{ name: "keypoints", shape: [1, 17, 2] }],
    [
      { name: "logits", shape: [1, 100, 92] },
      { name: "pred_boxes", shape: [1, 100, 4] },
    ],
    [
      { name: "boxes", shape: [100, 4] },
      { name: "labels", shape: [100], dtype: "int64" },
      { name: "scores", shape: [100] },
    ],
    [
      { name: "scores", shape: [1, 100] },
      { name: "boxes", shape: [1, 100, 4] },
    ],
  ])("%j", (...outputs) => {
    expect(() => {
      refuse(...outputs);
    }).toThrow(/^net\.onnx: output "\w+" \[.*\] holds .* not one score a class$/);
  });

  it("but not because its predicted class, or a ranking of its scores, is an output as well", () => {
    const scores = { name: "scores", shape: [1, 5] };
    refuse(scores, { name: "ranks", shape: [1, 5], dtype: "int64", from: ["scores"] });
    refuse({ name: "scores", shape: [1, 1] }, { name: "positive", shape: [1], dtype: "bool" });
  });
});

describe("an output that is named", () => {
  it("is read, and nothing is left but what leads to it", async () => {
    const two = await caseNetwork("two");
    expect(withOutput(two, undefined)).toMatchObject({ output: { name: "cls" }, tensors: two.tensors });
    const emb = withOutput(two, "emb");
    expect(emb.output.name).toBe("emb");
    expect(emb.tensors.map(({ name }) => name)).toContain("features");
    expect(emb.tensors.map(({ name }) => name)).not.toContain("cls");
    expect(emb.offPath.has("cls")).toBe(true);
    expect(() => {
      requireClassScores(emb, "two.onnx");
    }).toThrow(/"emb" \[1, 8, 6, 7\] holds scores at many places/);
  });

  it("may be a tensor before the file's output", async () => {
    const network = withOutput(await caseNetwork("seg_argmax"), "/Resize_output_0");
    expect(network.output.shape).toEqual([1, 4, 64, 64]);
    expect(withOutput(await caseNetwork("binary_sigmoid"), "/h/Gemm_output_0")).toMatchObject({
      output: { name: "/h/Gemm_output_0" },
      logits: { name: "/h/Gemm_output_0" },
      probability: "sigmoid",
    });
  });

  it("is refused where there is none, with the nearest names and the outputs", async () => {
    const two = await caseNetwork("two");
    const { message, remedy } = thrown(() => withOutput(two, "clss"));
    expect(message).toBe('no output named "clss"');
    expect(remedy).toMatch(/nearest names: cls, .*the model's outputs: "emb" \[1, 8, 6, 7\], "cls" \[1, 3\]/);
  });
});

it("an index is refused with the tensor that it is made of", async () => {
  const network = await caseNetwork("seg_argmax");
  const { message, remedy } = thrown(() => {
    requireClassScores(network, "seg_argmax.onnx");
  });
  expect(message).toContain('output "21" [1, 64, 64] comes from ArgMax of "/Resize_output_0"');
  expect(remedy).toContain("output: /Resize_output_0");
});

describe("scores become probabilities", () => {
  const rule = async (name: string) => (await caseNetwork(name)).probability;
  it("as the output ends", async () => {
    expect(await rule("binary_sigmoid")).toBe("sigmoid");
    expect(withOutput(await caseNetwork("two"), undefined).probability).toBe("softmax");
  });

  it("or as they are asked to; probabilities stay what they are without a rule", () => {
    const one = network({ name: "out", shape: [1, 5] });
    expect(withScoresFrom(one, undefined).probability).toBe("softmax");
    expect(withScoresFrom(one, "sigmoid").probability).toBe("sigmoid");
    expect(withScoresFrom(one, "logit").probability).toBe("none");
    expect(withScoresFrom({ ...one, probability: "identity" }, "logit").probability).toBe("identity");
  });
});
