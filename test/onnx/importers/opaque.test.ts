import { expect, test } from "vitest";
import { extend } from "../../../src/graph/builder.ts";
import { print } from "../../../src/graph/print.ts";
import { exportModel } from "../../../src/onnx/export.ts";
import { relativeDifference, run } from "../run.ts";
import { floats, imageShape, imported, ints, model, node, noise, type SmallModel } from "../small-model.ts";
import { float32, type Tensor } from "../../../src/core/tensor.ts";

const int32 = (shape: readonly number[], values: readonly number[]): Tensor => ({
  dtype: "int32",
  shape,
  data: Int32Array.from(values),
});

async function carried(small: SmallModel): Promise<string> {
  const bytes = model(small);
  const { graph } = await imported(bytes);
  const feeds = { x: noise(imageShape, 3) };
  const [expected, found] = [await run(bytes, feeds, "test"), await run(exportModel(graph), feeds, "test")];
  for (const name of Object.keys(expected))
    expect(relativeDifference(expected[name], found[name])).toBeLessThan(1e-6);
  return print(graph);
}

test("operators of another domain stay as they are, those without a rule", async () => {
  const domain = "com.microsoft";
  const nodes = [
    node("Trilu", ["x"], ["t"], { upper: 0 }, { domain }),
    node("ExpandDims", ["t", "axis"], ["y"], {}, { domain }),
  ];
  expect(await carried({ nodes, initializers: { axis: int32([], [1]) }, domains: { [domain]: 1 } }))
    .toMatchInlineSnapshot(`
    "input x: float32[1,4,6,5]
    constant axis: int32[]
    t: float32[1,4,6,5] = Opaque(x; domain=com.microsoft; opType=Trilu)
    y: float32[1,1,4,6,5] = Opaque(t, axis; domain=com.microsoft; opType=ExpandDims)
    return y"
  `);
});

test("arguments that the image decides keep an operator opaque", async () => {
  const nodes = [
    node("ReduceMax", ["x"], ["top"], { keepdims: 0 }),
    node("Clip", ["x", "", "top"], ["clipped"]),
    node("ArgMax", ["x"], ["best"], { axis: 3 }),
    node("Cast", ["best"], ["index"], { to: 1 }),
    node("Mul", ["clipped", "index"], ["y"]),
  ];
  expect(await carried({ nodes })).toMatchInlineSnapshot(`
    "input x: float32[1,4,6,5]
    top: float32[] = ReduceMax(x; axes=[0,1,2,3]; keepDims=false)
    clipped: float32[1,4,6,5] = Opaque(x, -, top; domain=; opType=Clip)
    best: int64[1,4,6,1] = ArgMax(x; axis=3; keepDims=true)
    index: float32[1,4,6,1] = Cast(best; to=float32)
    y: float32[1,4,6,5] = Mul(clipped, index)
    return y"
  `);
});

/** Attention that shows its scores has no rule. */
const withScores = node("Attention", ["x", "x", "x"], ["a", "", "", "scores"]);

test("older and newer operators without a rule are written so that they run: TopK of opset 9, Attention of opset 23", async () => {
  const oldest: SmallModel = {
    opset: 9,
    nodes: [node("TopK", ["x"], ["y", "places"], { k: 3 })],
    outputs: ["y", "places"],
  };
  expect(await carried(oldest)).toContain("Opaque(x, %1; domain=; opType=TopK)");
  const newest: SmallModel = {
    opset: 23,
    nodes: [withScores, node("Relu", ["a"], ["y"])],
  };
  expect(await carried(newest)).toContain("opType=Attention");
});

test("every rule also holds in the newer opset that an opaque node asks for", async () => {
  const nodes = [
    withScores,
    node("Conv", ["a", "w"], ["c"], { pads: [1, 1, 1, 1] }),
    node("BatchNormalization", ["c", "p", "q", "p", "v"], ["n"]),
    node("AveragePool", ["n"], ["m"], { kernel_shape: [2, 2] }),
    node("Resize", ["m", "", "scales"], ["r"], { mode: "linear" }),
    node("Pad", ["r", "pads"], ["d"]),
    node("Slice", ["d", "from", "to"], ["s"]),
    node("Cast", ["s"], ["i"], { to: 7 }),
    node("Cast", ["i"], ["f"], { to: 1 }),
    node("ReduceMean", ["f", "axes"], ["g"]),
    node("Unsqueeze", ["g", "axes"], ["u"]),
    node("Softmax", ["u"], ["y"]),
  ];
  const initializers = {
    w: noise([4, 4, 3, 3]),
    p: noise([4]),
    q: noise([4], 2),
    v: floats(1, 2, 3, 4),
    scales: floats(1, 1, 2, 1.5),
    pads: ints(0, 0, 1, 1, 0, 0, 0, 1),
    from: ints(0, 1),
    to: ints(1, 3),
    axes: ints(2),
  };
  await carried({ opset: 23, nodes, initializers });
});

test("a form of an old opset that has no place in the new one is refused when it would be written", async () => {
  const nodes = [node("Relu", ["x"], ["r"]), node("Dropout", ["r"], ["y", "mask"], {}, { name: "drop" })];
  const { graph } = await imported(model({ opset: 9, nodes, outputs: ["y", "mask"] }));
  expect(() => exportModel(graph)).toThrow(
    'Dropout node "drop" has a form of opset 9 that erfit cannot write anew',
  );
  const before = graph.nodes[0]?.outputs ?? [];
  expect(exportModel({ ...graph, nodes: graph.nodes.slice(0, 1), outputs: before }).length).toBeGreaterThan(
    0,
  );
});

test("an opaque node of elsewhere cannot be written", () => {
  const g = extend({ inputs: [], nodes: [], outputs: [], constants: new Map() });
  const x = g.input("x", "float32", [1]);
  const attributes = { domain: "", opType: "Odd", payload: undefined };
  const outputs = g.apply("Opaque", [x], attributes, [{ dtype: "float32", shape: [1] }]);
  expect(() => exportModel(g.build(outputs))).toThrow("Odd was not read from an ONNX file");
});

test("outputs that are inputs or constants, and tensors of no extent", async () => {
  const constant = float32([2], [3, 4]);
  const g = extend({ inputs: [], nodes: [], outputs: [], constants: new Map([["c", constant]]) });
  const x = g.input("x", "float32", [2, 3]);
  const c = { name: "c", dtype: "float32" as const, shape: [2] };
  const none = g.reshape(g.slice(x, [0, 0], [2, 0]), [0, 5]);
  const bytes = exportModel(g.build([x, c, none, g.relu(x)]));
  const results = await run(bytes, { x: noise([2, 3]) }, "test");
  expect(results["x"]?.data).toEqual(noise([2, 3]).data);
  expect(results["c"]?.data).toEqual(constant.data);
  expect(results[none.name]?.shape).toEqual([0, 5]);
});
