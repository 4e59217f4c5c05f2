import { expect, test } from "vitest";
import { print } from "../../../src/graph/print.ts";
import { float32 } from "../../../src/core/tensor.ts";
import { float, floats, imported, info, ints, model, node, noise, type SmallModel } from "../small-model.ts";

const printed = async (small: SmallModel): Promise<string> => print((await imported(model(small))).graph);

/** The text without the lines of constants: older opsets hold in attributes what newer ones hold there. */
const nodesOf = (text: string): string[] => text.split("\n").filter((line) => !line.startsWith("constant"));

const classifier = (opset: number): SmallModel => ({
  opset,
  nodes: [
    node("Conv", ["x", "w", "b"], ["conv"], {
      kernel_shape: [3, 3],
      auto_pad: "SAME_UPPER",
      strides: [2, 2],
    }),
    opset < 11
      ? node("Clip", ["conv"], ["relu6"], { min: float(0), max: float(6) })
      : node("Clip", ["conv", "zero", "six"], ["relu6"]),
    opset < 11
      ? node("Pad", ["relu6"], ["padded"], { pads: [0, 0, 1, 0, 0, 0, 0, 1] })
      : node("Pad", ["relu6", "pads"], ["padded"]),
    opset < 10
      ? node("Slice", ["padded"], ["cut"], { starts: [1], ends: [-1], axes: [2] })
      : node("Slice", ["padded", "starts", "ends", "axes"], ["cut"]),
    opset < 13
      ? node("ReduceSum", ["cut"], ["sum"], { axes: [-1] })
      : node("ReduceSum", ["cut", "last"], ["sum"]),
    opset < 18
      ? node("ReduceMean", ["sum"], ["mean"], { axes: [2, 3] })
      : node("ReduceMean", ["sum", "spatial"], ["mean"]),
    opset < 13
      ? node("Squeeze", ["mean"], ["flat"], { axes: [2, 3] })
      : node("Squeeze", ["mean", "spatial"], ["flat"]),
    node("Softmax", ["flat"], ["y"]),
  ],
  initializers: {
    w: noise([6, 4, 3, 3]),
    b: noise([6], 2),
    zero: float32([], [0]),
    six: float32([], [6]),
    pads: ints(0, 0, 1, 0, 0, 0, 0, 1),
    starts: ints(1),
    ends: ints(-1),
    axes: ints(2),
    last: ints(-1),
    spatial: ints(2, 3),
  },
});

test("one network in six opsets is one graph", async () => {
  const newest = nodesOf(await printed(classifier(20)));
  for (const opset of [7, 9, 10, 11, 13, 18])
    expect(nodesOf(await printed(classifier(opset)))).toEqual(newest);
  expect(await printed(classifier(7))).toMatchInlineSnapshot(`
    "input x: float32[1,4,6,5]
    constant w: float32[6,4,3,3]
    constant b: float32[6]
    conv: float32[1,6,3,3] = Conv(x, w, b; kernel=[3,3]; stride=[2,2]; dilation=[1,1]; before=[0,1]; after=[1,1]; group=1)
    relu6: float32[1,6,3,3] = Clip(conv; min=0; max=6)
    padded: float32[1,6,4,4] = Pad(relu6; mode=constant; before=[0,0,1,0]; after=[0,0,0,1]; value=0)
    cut: float32[1,6,2,4] = Slice(padded; start=[0,0,1,0]; step=[1,1,1,1]; extent=[1,6,2,4])
    sum: float32[1,6,2,1] = ReduceSum(cut; axes=[3]; keepDims=true)
    mean: float32[1,6,1,1] = ReduceMean(sum; axes=[2,3]; keepDims=true)
    flat: float32[1,6] = Reshape(mean; shape=[1,6])
    y: float32[1,6] = Softmax(flat; axis=1)
    return y"
  `);
});

test("what a rule writes in between gets a number; tensors keep the file's names", async () => {
  const nodes = [
    node("Sum", ["x", "x", "one"], ["%1"]),
    node("GlobalLpPool", ["%1"], ["norm"], { p: 3 }),
    node("Dropout", ["norm"], ["kept", "mask"]),
    node("Max", ["kept"], ["same"]),
    node("Flatten", ["same"], ["y"]),
  ];
  expect(await printed({ nodes, initializers: { one: floats(1) } })).toMatchInlineSnapshot(`
    "input x: float32[1,4,6,5]
    constant one: float32[1]
    constant %4: float32[]
    constant %7: float32[]
    %1': float32[1,4,6,5] = Add(x, x)
    %1: float32[1,4,6,5] = Add(%1', one)
    %3: float32[1,4,6,5] = Abs(%1)
    %5: float32[1,4,6,5] = Pow(%3, %4)
    %6: float32[1,4,1,1] = ReduceSum(%5; axes=[2,3]; keepDims=true)
    norm: float32[1,4,1,1] = Pow(%6, %7)
    kept: float32[1,4,1,1] = Identity(norm)
    same: float32[1,4,1,1] = Identity(kept)
    y: float32[1,4] = Reshape(same; shape=[1,4])
    return y"
  `);
});

test("shape arithmetic is gone: the shape is known", async () => {
  const nodes = [
    node("Conv", ["x", "w"], ["conv"]),
    node("Shape", ["conv"], ["shape"]),
    node("Gather", ["shape", "zero"], ["batch"]),
    node("Concat", ["batch", "rest"], ["to"], { axis: 0 }),
    node("Reshape", ["conv", "to"], ["tokens"]),
    node("Size", ["tokens"], ["size"]),
    node("Cast", ["size"], ["count"], { to: 1 }),
    node("Div", ["tokens", "count"], ["y"]),
  ];
  const initializers = { w: noise([2, 4, 3, 3]), zero: ints(0), rest: ints(2, -1) };
  expect(await printed({ nodes, initializers })).toMatchInlineSnapshot(`
    "input x: float32[1,4,6,5]
    constant w: float32[2,4,3,3]
    constant count: float32[]
    conv: float32[1,2,4,3] = Conv(x, w; kernel=[3,3]; stride=[1,1]; dilation=[1,1]; before=[0,0]; after=[0,0]; group=1)
    tokens: float32[1,2,12] = Reshape(conv; shape=[1,2,12])
    y: float32[1,2,12] = Div(tokens, count)
    return y"
  `);
});

test("open bounds print and stay open", async () => {
  const nodes = [node("Clip", ["x"], ["y"], { min: float(0.1) })];
  const { graph } = await imported(model({ opset: 9, nodes }));
  expect(graph.nodes[0]?.attributes).toEqual({ min: 0.1, max: Infinity });
});

test("only what leads to an output stays, and outputs that no image reaches go", async () => {
  const nodes = [
    node("Relu", ["x"], ["y"]),
    node("Abs", ["x"], ["unused"]),
    node("Sqrt", ["c"], ["constant"]),
  ];
  const text = await printed({
    nodes,
    initializers: { c: floats(4) },
    outputs: ["y", "constant"],
    inputs: [info("x", [1, 3, 2, 2])],
  });
  expect(text).toMatchInlineSnapshot(`
    "input x: float32[1,3,2,2]
    y: float32[1,3,2,2] = Relu(x)
    return y"
  `);
});
