import { describe, expect, test } from "vitest";
import { float32, int64, numbersOf } from "../../../src/core/tensor.ts";
import { decodeModel } from "../../../src/onnx/file/wire.ts";
import { run } from "../run.ts";
import {
  branch,
  floats,
  imageShape,
  imported,
  info,
  ints,
  model,
  node,
  type SmallModel,
} from "../small-model.ts";

/** A network that adds up the constant "bomb", and adds it to the image. */
const withBomb = (small: Pick<SmallModel, "nodes" | "initializers">): Uint8Array =>
  model({
    ...small,
    nodes: [
      ...small.nodes,
      node("ReduceSum", ["bomb"], ["sum"], { keepdims: 0 }),
      node("Add", ["x", "sum"], ["y"]),
    ],
  });

const scalar = (value: number) => int64([], [value]);

describe("a file that asks for much is refused before anything runs", () => {
  const ran: string[] = [];
  const attempt = (small: Pick<SmallModel, "nodes" | "initializers">) =>
    imported(withBomb(small), {
      run: (part, ...rest) => {
        ran.push(...(decodeModel(part, "part").graph?.node ?? []).flatMap(({ output }) => output));
        return run(part, ...rest);
      },
    });

  test.each<[string, Pick<SmallModel, "nodes" | "initializers">]>([
    [
      "ConstantOfShape",
      {
        nodes: [node("ConstantOfShape", ["shape"], ["bomb"])],
        initializers: { shape: ints(2 ** 20, 2 ** 20) },
      },
    ],
    [
      "Expand",
      {
        nodes: [node("Expand", ["one", "shape"], ["bomb"])],
        initializers: { one: floats(1), shape: ints(2 ** 40) },
      },
    ],
    [
      "Tile",
      {
        nodes: [node("Tile", ["one", "times"], ["bomb"])],
        initializers: { one: floats(1), times: ints(2 ** 40) },
      },
    ],
    [
      "Range",
      {
        nodes: [
          node("Range", ["zero", "end", "one"], ["range"]),
          node("Cast", ["range"], ["bomb"], { to: 1 }),
        ],
        initializers: { zero: scalar(0), end: scalar(2 ** 40), one: scalar(1) },
      },
    ],
    [
      "Pad",
      {
        nodes: [node("Pad", ["one", "pads"], ["bomb"])],
        initializers: { one: floats(1), pads: ints(0, 2 ** 40) },
      },
    ],
    [
      "Resize",
      {
        nodes: [node("Resize", ["map", "", "", "sizes"], ["bomb"])],
        initializers: { map: float32([1, 1, 1, 1], [1]), sizes: ints(1, 1, 2 ** 20, 2 ** 20) },
      },
    ],
    [
      "OneHot",
      {
        nodes: [node("OneHot", ["at", "depth", "values"], ["bomb"])],
        initializers: { at: ints(1), depth: scalar(2 ** 40), values: floats(0, 1) },
      },
    ],
    [
      "Concat",
      {
        nodes: Array.from({ length: 30 }, (_, k) =>
          node("Concat", [`double${k}`, `double${k}`], [k === 29 ? "bomb" : `double${k + 1}`], { axis: 0 }),
        ),
        initializers: { double0: floats(1) },
      },
    ],
    [
      "MatMul",
      {
        nodes: [
          node("ConstantOfShape", ["row"], ["a"]),
          node("ConstantOfShape", ["column"], ["b"]),
          node("MatMul", ["b", "a"], ["bomb"]),
        ],
        initializers: { row: ints(1, 2 ** 20), column: ints(2 ** 20, 1) },
      },
    ],
    [
      "Multinomial",
      {
        nodes: [
          node("Multinomial", ["odds"], ["drawn"], { sample_size: 2 ** 31 - 1 }),
          node("Cast", ["drawn"], ["bomb"], { to: 1 }),
        ],
        initializers: { odds: float32([1, 2], [0, 1]) },
      },
    ],
  ])("%s", async (operator, small) => {
    await expect(attempt(small)).rejects.toThrow(/net\.onnx: to compute its constants would take \d+ bytes/);
    await expect(attempt(small)).rejects.toThrow(`${operator} node`);
    expect(ran).not.toContain("bomb");
    expect(ran).not.toContain("sum");
  });

  test("Resize by cubic splines, which takes minutes for what another operator does in a second", async () => {
    const resized = (mode: string) => ({
      nodes: [node("Resize", ["map", "", "", "sizes"], ["bomb"], { mode })],
      initializers: { map: float32([1, 1, 2, 2], [1, 2, 3, 4]), sizes: ints(1, 1, 2 ** 22, 2) },
    });
    await expect(attempt(resized("cubic"))).rejects.toThrow(
      /to compute its constants, Resize node of "bomb" would resize to 33554432 bytes by cubic splines/,
    );
    expect(ran).not.toContain("bomb");
    expect((await attempt(resized("nearest"))).graph.outputs).toHaveLength(1);
  });
});

describe("sizes that are computed", () => {
  const computed = (extent: number): SmallModel => ({
    nodes: [
      node("Mul", ["half", "half"], ["shape"]),
      node("ConstantOfShape", ["shape"], ["zeros"]),
      node("ReduceSum", ["zeros"], ["bomb"], { keepdims: 0 }),
      node("Add", ["x", "bomb"], ["y"]),
    ],
    initializers: { half: ints(extent) },
  });

  test("are computed first, and then bound what follows", async () => {
    await expect(imported(model(computed(2 ** 20)))).rejects.toThrow(
      /would take \d+ bytes, 4398046511104 of them for ConstantOfShape node of "zeros"; erfit takes 268435456/,
    );
    const { graph } = await imported(model(computed(3)));
    const sum = graph.constants.get("bomb");
    expect(sum && numbersOf(sum)).toEqual([0]);
  });

  test("inside a branch too", async () => {
    const bomb = branch({
      nodes: [
        node("ConstantOfShape", ["shape"], ["zeros"]),
        node("ReduceSum", ["zeros"], ["sum"], { keepdims: 0 }),
      ],
      outputs: ["sum"],
    });
    const small: SmallModel = {
      nodes: [
        node("Not", ["no"], ["yes"]),
        node("If", ["yes"], ["bomb"], { then_branch: bomb, else_branch: bomb }),
        node("Add", ["x", "bomb"], ["y"]),
      ],
      initializers: { shape: ints(2 ** 40), no: { dtype: "bool", shape: [], data: Uint8Array.of(0) } },
    };
    await expect(imported(model(small))).rejects.toThrow('for ConstantOfShape node of "zeros"');
  });
});

test("a loop among the constants is refused: nothing says when it ends", async () => {
  const body = branch({
    nodes: [node("Identity", ["going"], ["goes"]), node("Concat", ["state", "state"], ["next"], { axis: 0 })],
    inputs: [info("count", [], 7), info("going", [], 9), info("state")],
    outputs: ["goes", "next"],
  });
  const small = {
    nodes: [node("Loop", ["times", "", "one"], ["bomb"], { body })],
    initializers: { times: scalar(2 ** 62), one: floats(1) },
  };
  await expect(imported(withBomb(small))).rejects.toThrow(
    'net.onnx: the size of what Loop node of "bomb" makes is not known before it runs',
  );
});

test("whole numbers are not divided by -1 in a run: it can end the process", async () => {
  const small = (divisor: number) => ({
    nodes: [node("Div", ["least", "divisor"], ["quotient"]), node("Cast", ["quotient"], ["bomb"], { to: 1 })],
    initializers: { least: int64([1], [-(2 ** 63)]), divisor: ints(divisor) },
  });
  await expect(imported(withBomb(small(-1)))).rejects.toThrow(
    'net.onnx: Div node of "quotient" divides whole numbers by -1',
  );
  expect((await imported(withBomb(small(2)))).graph.constants.get("sum")?.shape).toEqual([]);
});

describe("what a file records of its tensors", () => {
  const relu = [node("Relu", ["x"], ["a"]), node("Relu", ["a"], ["y"])];

  test("is not needed: the runtime infers it, and nothing runs", async () => {
    const run = () => Promise.reject(new Error("no need to run"));
    const { graph } = await imported(model({ nodes: relu }), { run });
    expect(graph.outputs[0]?.shape).toEqual(imageShape);
  });
});

describe("a window larger than its input", () => {
  const pool = (extent: number): SmallModel => ({
    nodes: [
      node("MaxPool", ["x"], ["pooled"], { kernel_shape: [1, extent] }),
      node("Slice", ["pooled", "start", "end", "axis"], ["y"]),
    ],
    initializers: { start: ints(0), end: ints(2), axis: ints(3) },
  });

  test("is refused before a Slice behind it ends the process", async () => {
    await expect(imported(model(pool(300)))).rejects.toThrow(/net\.onnx: .*Invalid dimension: -294/);
    expect((await imported(model(pool(2)))).graph.outputs[0]?.shape).toEqual([1, 4, 6, 2]);
  });
});

test("a reshape to another number of elements is refused, though the runtime infers it", async () => {
  const small = {
    nodes: [node("Reshape", ["x", "shape"], ["y"])],
    initializers: { shape: ints(1, 1, 6, 5) },
  };
  await expect(imported(model(small))).rejects.toThrow(
    'net.onnx: Reshape node of "y" makes [1,1,6,5] of [1,4,6,5], which has other elements',
  );
});

test("a Concat that leaves an input out is refused before a rule meets it", async () => {
  const [one, channels = 0, ...extents] = imageShape;
  const nodes = [node("Concat", ["x", "", "x"], ["y"], { axis: 1 })];
  const recorded = [info("y", [one ?? 1, 2 * channels, ...extents])];
  await expect(imported(model({ nodes, recorded }))).rejects.toThrow(/Concat node .*lacks its input 1/);
});
