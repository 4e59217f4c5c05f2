import { describe, expect, it } from "vitest";
import { defaultLayer, findTensor } from "../../../src/runtime/layers.ts";
import type { Network } from "../../../src/runtime/network.ts";
import { openModel, type OpenOptions } from "../../../src/runtime/open.ts";
import { float32, type Tensor } from "../../../src/core/tensor.ts";
import { noise } from "../../onnx/small-model.ts";
import { fill, scratchFolder } from "../../input/pictures.ts";
import { refused } from "../refused.ts";
import { testedBackends } from "./backends.ts";
import { asGraph, graphNode } from "./twins/as-graph.ts";
import { asLayers } from "./twins/as-layers.ts";
import { withWeights } from "./twins/files.ts";
import { smallTwin } from "./twins/network.ts";

type Node = ReturnType<typeof graphNode>;
type Weights = Readonly<Record<string, Tensor<"float32" | "int32">>>;

const text = (value: string) => ({ s: Buffer.from(value).toString("base64") });
const integers = (...values: readonly number[]) => ({ list: { i: values.map(String) } });
const int32 = (...values: readonly number[]): Tensor<"int32"> => ({
  dtype: "int32",
  shape: [values.length],
  data: Int32Array.from(values),
});
const scalar = (value: number): Tensor<"int32"> => ({ ...int32(value), shape: [] });

const imageShape = [1, 8, 8, 3];
const placeholder = (dtype = "DT_FLOAT", name = "image"): Node =>
  graphNode("Placeholder", name, [], {
    dtype: { type: dtype },
    shape: { shape: { dim: imageShape.map((size) => ({ size: String(size) })) } },
  });

const convolution = (name: string, input: string): Node =>
  graphNode("Conv2D", name, [input, `${name}/kernel`], {
    strides: integers(1, 1, 1, 1),
    dilations: integers(1, 1, 1, 1),
    padding: text("SAME"),
    data_format: text("NHWC"),
  });

const kernels: Weights = { "first/kernel": noise([3, 3, 3, 4], 1), "last/kernel": noise([3, 3, 4, 4], 2) };
const features = (image = "image"): readonly Node[] => [
  convolution("first", image),
  graphNode("Relu", "active", ["first"]),
  convolution("last", "active"),
];

/** A classifier: features, their mean, a matrix, a softmax. */
const classifierWeights: Weights = { ...kernels, axes: int32(1, 2), matrix: noise([4, 5], 3) };
const head: readonly Node[] = [
  graphNode("Mean", "pooled", ["last", "axes"], { keep_dims: { b: false } }),
  graphNode("MatMul", "logits", ["pooled", "matrix"], {
    transpose_a: { b: false },
    transpose_b: { b: false },
  }),
  graphNode("Softmax", "scores", ["logits"]),
];

interface Graph {
  readonly nodes: readonly Node[];
  readonly weights: Weights;
  readonly outputs?: readonly string[];
  readonly library?: object;
}

async function opened(
  { nodes, weights, outputs = [], library = {} }: Graph,
  more: Partial<OpenOptions> = {},
): Promise<Network> {
  const constants = Object.entries(weights).map(([name, { dtype }]) =>
    graphNode("Const", name, [], { dtype: { type: dtype === "float32" ? "DT_FLOAT" : "DT_INT32" } }),
  );
  const folder = await scratchFolder();
  await fill(
    folder,
    withWeights(
      {
        format: "graph-model",
        modelTopology: { node: [...constants, ...nodes], library },
        signature: { outputs: Object.fromEntries(outputs.map((name) => [name, { name: `${name}:0` }])) },
      },
      weights,
    ),
  );
  return (await openModel(folder, { threads: 1, backend: "cpu", ...more })).network;
}

const image = noise(imageShape, 9);

async function gradientOf(network: Network, target: string, input = image) {
  const objective = { kind: "channel-mean", cell: [0, 4, 4, null] } as const;
  const program = await network.differentiate({ target, objective });
  return (await program.run({ image: input })).gradient.data;
}

async function scoreGradient(network: Network) {
  const objective = { kind: "element", index: 1 } as const;
  const program = await network.differentiate({ target: network.logits.name, objective });
  return (await program.run({ image })).gradient.data;
}

const classifier: Graph = { nodes: [placeholder(), ...features(), ...head], weights: classifierWeights };
const cleanNetwork = (): Promise<Network> => opened({ ...classifier, outputs: ["scores"] });

type PostProcessing = readonly [operator: string, nodes: readonly Node[], weights: Weights];

/** What models do with their scores, by the operator that erfit cannot take: nodes from "scores" to "post". */
const postProcessing: readonly PostProcessing[] = [
  [
    "StatelessWhile",
    [graphNode("StatelessWhile", "post", ["scores"], { body: { func: { name: "f" } } })],
    {},
  ],
  ["While", [graphNode("While", "post", ["scores"])], {}],
  ["If", [graphNode("If", "post", ["zero", "scores"])], { zero: scalar(0) }],
  ["StatelessIf", [graphNode("StatelessIf", "post", ["zero", "scores"])], { zero: scalar(0) }],
  [
    "Switch",
    [
      graphNode("Switch", "branch", ["scores", "zero"]),
      graphNode("Neg", "negative", ["branch"]),
      graphNode("Merge", "post", ["negative", "branch:1"]),
    ],
    { zero: scalar(0) },
  ],
  [
    "Enter",
    [
      graphNode("Enter", "enter", ["scores"], { frame_name: text("loop") }),
      graphNode("Merge", "merge", ["enter", "next"]),
      graphNode("LoopCond", "condition", ["merge"]),
      graphNode("Switch", "switch", ["merge", "condition"]),
      graphNode("NextIteration", "next", ["switch:1"]),
      graphNode("Exit", "post", ["switch"]),
    ],
    {},
  ],
  [
    "TensorListFromTensor",
    [
      graphNode("TensorListFromTensor", "list", ["scores", "one"]),
      graphNode("TensorListStack", "post", ["list", "one"]),
    ],
    { one: int32(1) },
  ],
  [
    "TensorArrayV3",
    [
      graphNode("TensorArrayV3", "array", ["one"]),
      graphNode("TensorArraySizeV3", "post", ["array", "scores"]),
    ],
    { one: scalar(1) },
  ],
  ...["NonMaxSuppressionV2", "NonMaxSuppressionV3", "NonMaxSuppressionV4", "NonMaxSuppressionV5"].map(
    (operator): [string, Node[], Weights] => [
      operator,
      [graphNode(operator, "post", ["scores", "scores", "one"])],
      { one: scalar(1) },
    ],
  ),
  ["Where", [graphNode("Where", "post", ["scores"])], {}],
  [
    "LookupTableFindV2",
    [graphNode("LookupTableFindV2", "post", ["scores", "scores", "one"])],
    { one: scalar(1) },
  ],
  ["Frobnicate", [graphNode("Frobnicate", "post", ["scores"])], {}],
];

describe("what comes after the scores does not matter", () => {
  it.each(postProcessing)("%s", async (operator, nodes, weights) => {
    const clean = await cleanNetwork();
    const network = await opened({
      nodes: [...classifier.nodes, ...nodes],
      weights: { ...classifier.weights, ...weights },
      outputs: ["post"],
    });
    expect(network.tensors).toEqual(clean.tensors);
    expect(network.logits).toEqual(clean.logits);
    expect(defaultLayer(network).name).toBe(defaultLayer(clean).name);
    expect(await gradientOf(network, "last")).toEqual(await gradientOf(await cleanNetwork(), "last"));
    expect(await scoreGradient(network)).toEqual(await scoreGradient(await cleanNetwork()));
    expect(network.remarks).toEqual([
      expect.stringMatching(new RegExp(`${operator}\\b.*; \\d tensors? (is|are) left out`)),
      expect.stringMatching(
        /its output "post" cannot be computed; the scores are taken from "scores" before it/,
      ),
    ]);
  });

  it("nor do outputs that hold indices: TopKV2, ArgMax", async () => {
    const weights = { ...classifier.weights, two: scalar(2), axis: scalar(1) };
    const best = graphNode("ArgMax", "best", ["scores", "axis"]);
    const named = await opened({ nodes: [...classifier.nodes, best], weights, outputs: ["best"] });
    expect(named.logits.name).toBe("logits");
    expect(named.remarks).toEqual([
      expect.stringMatching(/output "best" holds no float32 numbers; the scores are taken from "scores"/),
    ]);
    const sorted = graphNode("TopKV2", "sorted", ["scores", "two"], { sorted: { b: true } });
    const several = await opened({
      nodes: [...classifier.nodes, sorted],
      weights,
      outputs: ["sorted", "scores"],
    });
    expect(several.tensors.map(({ name }) => name)).toContain("sorted");
  });

  it("of several outputs, the first that can be computed has the scores", async () => {
    const post = graphNode("NonMaxSuppressionV5", "post", ["scores", "scores"]);
    const network = await opened({
      nodes: [...classifier.nodes, post],
      weights: classifier.weights,
      outputs: ["post", "scores"],
    });
    expect([network.output.name, network.logits.name]).toEqual(["scores", "logits"]);
    expect(network.remarks).toEqual([expect.stringMatching(/NonMaxSuppressionV5/)]);
  });

  it("another input that only post-processing reads", async () => {
    const threshold = graphNode("Placeholder", "threshold", [], {
      dtype: { type: "DT_FLOAT" },
      shape: { shape: {} },
    });
    const network = await opened({
      nodes: [threshold, ...classifier.nodes, graphNode("Greater", "post", ["scores", "threshold"])],
      weights: classifier.weights,
      outputs: ["post"],
    });
    expect(network.input.name).toBe("image");
    expect(await scoreGradient(network)).toEqual(await scoreGradient(await cleanNetwork()));
    expect(network.remarks[0]).toMatch(/"threshold" is a Placeholder: it is another input/);
  });

  it("but a tensor that needs it is refused, with the reason", async () => {
    const nodes = [
      ...classifier.nodes,
      graphNode("While", "loop", ["last"]),
      graphNode("Relu", "later", ["loop"]),
    ];
    const network = await opened({ nodes, weights: classifier.weights, outputs: ["scores", "later"] });
    expect(network.remarks).toEqual([expect.stringMatching(/"loop" is a While: .* 2 tensors are left out/)]);
    expect((await refused(() => Promise.resolve(findTensor(network, "later")))).message).toMatch(
      /layer "later" cannot be computed: node "loop" is a While: TF\.js has no gradient of control flow/,
    );
    const attempt = async () => network.differentiate({ target: "later", objective: { kind: "top" } });
    expect((await refused(attempt)).message).toMatch(/"later" cannot be computed: node "loop" is a While/);
  });
});

describe("weights that are not finite", () => {
  const spoilt = (value: number): Graph => ({
    nodes: [
      placeholder(),
      ...features(),
      graphNode("Mul", "scaled", ["last", "spoilt"]),
      graphNode("Reshape", "flat", ["offset", "all"]),
      graphNode("AddV2", "moved", ["active", "flat"]),
    ],
    weights: {
      ...kernels,
      spoilt: float32([4], [1, value, 1, 1]),
      offset: float32([1, 4], [0, 0, value, 0]),
      all: int32(-1),
    },
    outputs: ["scaled", "moved"],
  });

  it.each([NaN, Infinity])("do not matter off the path (%s)", async (value) => {
    const network = await opened(spoilt(value));
    expect(await gradientOf(network, "last")).toEqual(await gradientOf(await cleanNetwork(), "last"));
    const asked = (target: string) => refused(() => gradientOf(network, target));
    expect((await asked("scaled")).message).toMatch(/on the way to the target hold NaN or infinity: spoilt$/);
    expect((await asked("moved")).message).toMatch(/on the way to the target hold NaN or infinity: offset$/);
    const fed = await network.forward({ outputs: ["last"], from: "active" });
    await expect(fed.run(noise([1, 8, 8, 4], 5))).resolves.toHaveLength(1);
  });

  it("are sound as the bound that is none", async () => {
    const clipped = await opened({
      nodes: [
        placeholder(),
        convolution("first", "image"),
        graphNode("ClipByValue", "active", ["first", "low", "high"]),
        convolution("last", "active"),
      ],
      weights: { ...kernels, low: float32([], [0]), high: float32([], [Infinity]) },
    });
    expect(await gradientOf(clipped, "last")).toEqual(await gradientOf(await cleanNetwork(), "last"));
  });
});

describe.each([
  ["layers", asLayers, "predictions"],
  ["graph nodes", asGraph, "predictions/logits"],
] as const)("a classifier of %s whose matrix is not finite", (_, files, scores) => {
  it("has gradients up to its features", async () => {
    const layers = smallTwin.layers.map((layer) =>
      layer.kind === "head"
        ? {
            ...layer,
            kernel: float32(
              layer.kernel.shape,
              layer.kernel.data.map(() => NaN),
            ),
          }
        : layer,
    );
    const folder = await scratchFolder();
    await fill(folder, files({ ...smallTwin, layers }));
    const { network } = await openModel(folder, { threads: 1, backend: "cpu" });
    await network.differentiate({ target: "last", objective: { kind: "top" } });
    const attempt = async () => network.differentiate({ target: scores, objective: { kind: "top" } });
    expect((await refused(attempt)).message).toMatch(/hold NaN or infinity: predictions\/kernel$/);
  });
});

describe.each(testedBackends)("-∞ on %s", (backend) => {
  const pool = (name: string, input: string, padding: string) =>
    graphNode("MaxPool", name, [input], {
      ksize: integers(1, 3, 3, 1),
      strides: integers(1, 1, 1, 1),
      padding: text(padding),
      data_format: text("NHWC"),
    });

  it("is what a pool's border is padded with: as TensorFlow's own padding", async () => {
    const own = await opened(
      {
        nodes: [placeholder(), convolution("first", "image"), pool("pooled", "first", "SAME")],
        weights: { "first/kernel": noise([3, 3, 3, 4], 1) },
      },
      { backend },
    );
    const padded = await opened(
      {
        nodes: [
          placeholder(),
          convolution("first", "image"),
          graphNode("PadV2", "padded", ["first", "border", "lowest"]),
          pool("pooled", "padded", "VALID"),
        ],
        weights: {
          "first/kernel": noise([3, 3, 3, 4], 1),
          border: { dtype: "int32", shape: [4, 2], data: Int32Array.of(0, 0, 1, 1, 1, 1, 0, 0) },
          lowest: float32([], [-Infinity]),
        },
      },
      { backend },
    );
    const corner = { kind: "channel-mean", cell: [0, 0, 7, null] } as const;
    const gradient = async (network: Network) => {
      const program = await network.differentiate({ target: "pooled", objective: corner });
      return (await program.run({ image })).gradient.data;
    };
    const expected = await gradient(own);
    expect(expected.some((value) => value !== 0)).toBe(true);
    expect(await gradient(padded)).toEqual(expected);
  });

  it.each([
    [
      "added",
      [graphNode("AddV2", "masked", ["tokens", "mask"])],
      { mask: float32([1, 1, 4], [0, -Infinity, 0, 0]) },
    ],
    [
      "selected",
      [graphNode("SelectV2", "masked", ["kept", "tokens", "lowest"])],
      {
        kept: { dtype: "int32" as const, shape: [1, 1, 4], data: Int32Array.of(1, 0, 1, 1) },
        lowest: float32([], [-Infinity]),
      },
    ],
  ])("is a mask before a softmax, %s", async (_, nodes, weights) => {
    const kept: Node[] = nodes.some(({ op }) => op === "SelectV2")
      ? [graphNode("Cast", "kept", ["kept/whole"], { SrcT: { type: "DT_INT32" }, DstT: { type: "DT_BOOL" } })]
      : [];
    const constants = Object.fromEntries(
      Object.entries(weights).map(([name, value]) => [name === "kept" ? "kept/whole" : name, value]),
    );
    const network = await opened(
      {
        nodes: [
          placeholder(),
          ...features(),
          graphNode("Reshape", "tokens", ["last", "tokenShape"]),
          ...kept,
          ...nodes,
          graphNode("Softmax", "attention", ["masked"]),
        ],
        weights: { ...kernels, tokenShape: int32(1, 64, 4), ...constants },
      },
      { backend },
    );
    const objective = { kind: "element", index: 4 * 27 } as const;
    const gradient = await network.differentiate({ target: "attention", objective });
    const values = (await gradient.run({ image })).gradient.data;
    expect(values.every(Number.isFinite)).toBe(true);
    const forward = await network.forward({ outputs: ["attention"] });
    const at = async (step: number, k: number): Promise<number> => {
      const moved = float32(
        imageShape,
        image.data.map((value, j) => (j === k ? value + step : value)),
      );
      const [attention] = await forward.run(moved);
      expect(attention?.data[4 * 27 + 1]).toBe(0);
      return Number(attention?.data[4 * 27]);
    };
    const strongest = values.reduce(
      (best, value, k) => (Math.abs(value) > Math.abs(values[best] ?? 0) ? k : best),
      0,
    );
    const difference = ((await at(0.01, strongest)) - (await at(-0.01, strongest))) / 0.02;
    expect(difference).toBeCloseTo(values[strongest] ?? NaN, 3);
  });
});

describe.each(testedBackends)("an image of whole numbers on %s", (backend) => {
  const pixels = float32(
    imageShape,
    noise(imageShape, 4).data.map((value) => Math.abs(Math.round(100 * value)) % 256),
  );
  const cast = graphNode("Cast", "cast", ["image"], {
    SrcT: { type: "DT_UINT8" },
    DstT: { type: "DT_FLOAT" },
  });
  const scaled = graphNode("Mul", "scaled", ["cast", "scale"]);
  const weights = { ...kernels, scale: float32([], [1 / 255]) };
  const graph = (dtype: string, ...before: readonly Node[]): Graph => ({
    nodes: [placeholder(dtype), ...before, scaled, ...features("scaled")],
    weights,
  });
  const expected = async () => {
    const float = graph("DT_FLOAT", graphNode("Identity", "cast", ["image"]));
    return gradientOf(await opened(float, { backend }), "last", pixels);
  };

  it.each(["DT_INT32", "DT_UINT8"])("%s has the gradient at the Cast's output", async (dtype) => {
    const network = await opened(graph(dtype, cast), { backend });
    expect(network.tensors.map(({ name }) => name)).toContain("cast");
    expect(network.remarks).toEqual([
      expect.stringMatching(/"image" takes whole numbers: pixels from 0 to 255/),
    ]);
    expect(await gradientOf(network, "last", pixels)).toEqual(await expected());
    expect(network.receptiveField("last", [0, 4, 4, null])).toMatchObject({ height: 5, width: 5 });
  });

  it("also where its pixels are moved before they are cast", async () => {
    const turned = graphNode("ReverseV2", "turned", ["image", "channels"]);
    const network = await opened(
      {
        ...graph("DT_INT32", turned, { ...cast, input: ["turned"] }),
        weights: { ...weights, channels: int32(3) },
      },
      { backend },
    );
    const bgr = await gradientOf(
      network,
      "last",
      float32(
        imageShape,
        pixels.data.map((_, k) => pixels.data[k - (k % 3) + 2 - (k % 3)] ?? NaN),
      ),
    );
    expect(bgr.map((_, k) => bgr[k - (k % 3) + 2 - (k % 3)] ?? NaN)).toEqual(await expected());
  });

  it("is rounded, and refused where it was normalized", async () => {
    const network = await opened(graph("DT_INT32", cast), { backend });
    const between = float32(
      imageShape,
      pixels.data.map((value) => value + 0.3),
    );
    expect(await gradientOf(network, "last", between)).toEqual(await expected());
    const error = await refused(() => gradientOf(network, "last", image));
    expect(error.message).toMatch(
      /"image" takes whole numbers, pixels from 0 to 255; .* so it was normalized/,
    );
    expect(error.remedy).toMatch(/preset raw/);
  });
});

it("layers that take whole numbers rescale them", async () => {
  const modelOf = async (dtype: string) => {
    const rescaling = {
      class_name: "Rescaling",
      config: { name: "scaled", batch_input_shape: [null, 8, 8, 3], dtype, scale: 0.5, offset: -1 },
    };
    const dense = {
      class_name: "Dense",
      config: { name: "dense", units: 4, use_bias: false, activation: "linear" },
    };
    const model_config = { class_name: "Sequential", config: { name: "net", layers: [rescaling, dense] } };
    const folder = await scratchFolder();
    await fill(
      folder,
      withWeights({ modelTopology: { model_config } }, { "dense/kernel": noise([3, 4], 2) }),
    );
    return (await openModel(folder, { threads: 1, backend: "cpu" })).network;
  };
  const pixels = float32(imageShape, new Float32Array(192).fill(80));
  const whole = await modelOf("int32");
  expect(whole.remarks).toEqual([expect.stringMatching(/takes whole numbers/)]);
  const gradient = await gradientOf(whole, "dense", pixels);
  expect(gradient.some((value) => value !== 0)).toBe(true);
  expect(gradient).toEqual(await gradientOf(await modelOf("float32"), "dense", pixels));
});

it("a node whose second output is read is no obstacle", async () => {
  const network = await opened({
    nodes: [
      placeholder(),
      ...features(),
      graphNode("Split", "halves", ["axis", "last"], { num_split: { i: "2" } }),
      graphNode("Relu", "rectified", ["halves:1"]),
      graphNode("ConcatV2", "joined", ["halves", "rectified", "axis"], { N: { i: "2" } }),
    ],
    weights: { ...kernels, axis: scalar(3) },
  });
  expect(network.remarks).toEqual([]);
  expect(network.tensors.at(-1)).toMatchObject({ name: "joined", shape: [1, 8, 8, 4] });
  expect((await gradientOf(network, "joined")).some((value) => value !== 0)).toBe(true);
});
