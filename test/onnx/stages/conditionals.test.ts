import { expect, test } from "vitest";
import { print } from "../../../src/graph/print.ts";
import { exportModel } from "../../../src/onnx/export.ts";
import { relativeDifference, run } from "../run.ts";
import { branch, imageShape, floats, imported, ints, model, node, noise } from "../small-model.ts";
import { float32, int64 } from "../../../src/core/tensor.ts";

/** `torch.squeeze` as the TorchScript exporter writes it: what happens depends on a shape. */
const squeezing = {
  opset: 13,
  nodes: [
    node("GlobalAveragePool", ["x"], ["pooled"]),
    node("Shape", ["pooled"], ["shape"]),
    node("Gather", ["shape", "axis"], ["extent"]),
    node("Equal", ["extent", "one"], ["single"]),
    node("If", ["single"], ["flat"], {
      then_branch: branch({
        nodes: [node("Relu", ["pooled"], ["inner"]), node("Squeeze", ["inner", "axes"], ["then"])],
        initializers: { axes: ints(3) },
        outputs: ["then"],
      }),
      else_branch: branch({ nodes: [node("Identity", ["pooled"], ["else"])], outputs: ["else"] }),
    }),
    node("Neg", ["flat"], ["y"]),
  ],
  initializers: { axis: int64([], [3]), one: int64([], [1]) },
};

test("a branch that a shape chooses is written out", async () => {
  const bytes = model(squeezing);
  const { graph } = await imported(bytes);
  expect(print(graph)).toMatchInlineSnapshot(`
    "input x: float32[1,4,6,5]
    pooled: float32[1,4,1,1] = ReduceMean(x; axes=[2,3]; keepDims=true)
    inner: float32[1,4,1,1] = Relu(pooled)
    flat: float32[1,4,1] = Reshape(inner; shape=[1,4,1])
    y: float32[1,4,1] = Neg(flat)
    return y"
  `);
  const feeds = { x: noise(imageShape) };
  expect(
    relativeDifference((await run(bytes, feeds, ""))["y"], (await run(exportModel(graph), feeds, ""))["y"]),
  ).toBeLessThan(1e-6);
});

test("names inside a branch that the graph has already give way; its own tensors are passed on", async () => {
  const nodes = [
    node("Relu", ["x"], ["z"]),
    node("If", ["yes"], ["a", "b"], {
      then_branch: branch({
        nodes: [node("Abs", ["z"], ["inner"]), node("Neg", ["inner"], ["n"])],
        initializers: { own: floats(2) },
        outputs: ["n", "own"],
      }),
      else_branch: branch({
        nodes: [node("Neg", ["z"], ["i"]), node("Neg", ["z"], ["j"])],
        outputs: ["i", "j"],
      }),
    }),
    node("If", ["yes"], ["c"], {
      then_branch: branch({
        nodes: [node("Exp", ["a"], ["inner"]), node("Sub", ["inner", "b"], ["m"])],
        outputs: ["m"],
      }),
      else_branch: branch({ nodes: [node("Neg", ["z"], ["k"])], outputs: ["k"] }),
    }),
    node("Add", ["c", "z"], ["y"]),
  ];
  const { graph } = await imported(
    model({ nodes, initializers: { yes: { dtype: "bool", shape: [], data: Uint8Array.of(1) } } }),
  );
  expect(print(graph)).toMatchInlineSnapshot(`
    "input x: float32[1,4,6,5]
    constant b: float32[1]
    z: float32[1,4,6,5] = Relu(x)
    inner: float32[1,4,6,5] = Abs(z)
    a: float32[1,4,6,5] = Neg(inner)
    c/inner: float32[1,4,6,5] = Exp(a)
    c: float32[1,4,6,5] = Sub(c/inner, b)
    y: float32[1,4,6,5] = Add(c, z)
    return y"
  `);
});

test("a branch that the image chooses stays, with the tensors that it takes from outside", async () => {
  const nodes = [
    node("Abs", ["x"], ["size"]),
    node("ReduceMax", ["x"], ["top"], { keepdims: 0 }),
    node("Greater", ["top", "half"], ["bright"]),
    node("If", ["bright"], ["chosen"], {
      then_branch: branch({ nodes: [node("Mul", ["size", "factor"], ["t"])], outputs: ["t"] }),
      else_branch: branch({ nodes: [node("Neg", ["size"], ["e"])], outputs: ["e"] }),
    }),
    node("Relu", ["chosen"], ["y"]),
  ];
  const bytes = model({ nodes, initializers: { half: float32([], [0.5]), factor: float32([], [3]) } });
  const { graph } = await imported(bytes);
  expect(print(graph)).toMatchInlineSnapshot(`
    "input x: float32[1,4,6,5]
    constant half: float32[]
    constant factor: float32[]
    size: float32[1,4,6,5] = Abs(x)
    top: float32[] = ReduceMax(x; axes=[0,1,2,3]; keepDims=false)
    bright: bool[] = Greater(top, half)
    chosen: float32[1,4,6,5] = Opaque(bright, size, factor; domain=; opType=If)
    y: float32[1,4,6,5] = Relu(chosen)
    return y"
  `);
  const feeds = { x: noise(imageShape) };
  expect(
    relativeDifference((await run(bytes, feeds, ""))["y"], (await run(exportModel(graph), feeds, ""))["y"]),
  ).toBe(0);
});
