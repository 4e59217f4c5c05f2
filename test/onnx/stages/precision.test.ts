import { readFileSync } from "node:fs";
import { create } from "@bufbuild/protobuf";
import { TensorProto_DataType as DataType, TensorProtoSchema } from "onnx-buf";
import { describe, expect, test } from "vitest";
import { print } from "../../../src/graph/print.ts";
import { numbersOf } from "../../../src/core/tensor.ts";
import { exportModel } from "../../../src/onnx/export.ts";
import { relativeDifference, run } from "../run.ts";
import {
  branch,
  floats,
  imageShape,
  imported,
  info,
  localFunction,
  model,
  node,
  noise,
  reference,
  stored,
  type SmallModel,
} from "../small-model.ts";

const halves = (name: string, dataType: number, bits: readonly number[]) =>
  stored(name, dataType, [bits.length, 1, 1], new Uint8Array(Uint16Array.from(bits).buffer));

test.each([
  ["float16", DataType.FLOAT16, halves("w", DataType.FLOAT16, [0x3c00, 0xc000, 0x3800, 0x4200])],
  ["bfloat16", DataType.BFLOAT16, halves("w", DataType.BFLOAT16, [0x3f80, 0xc000, 0x3f00, 0x4040])],
  [
    "double",
    DataType.DOUBLE,
    stored("w", DataType.DOUBLE, [4, 1, 1], new Uint8Array(Float64Array.of(1, -2, 0.5, 3).buffer)),
  ],
])("a model in %s becomes one in float32", async (name, type, weights) => {
  const nodes = [
    node("Mul", ["x", "w"], ["product"]),
    node("Cast", ["product"], ["wide"], { to: DataType.FLOAT }),
    node("Softmax", ["wide"], ["soft"]),
    node("Cast", ["soft"], ["narrow"], { to: type }),
    node("Constant", [], ["c"], { value: halves("", DataType.FLOAT16, [0x4000]) }),
    node("CastLike", ["c", "narrow"], ["like"]),
    node("Add", ["narrow", "like"], ["y"]),
  ];
  const { graph, widened, input } = await imported(
    model({ nodes, stored: [weights], inputs: [info("x", imageShape, type)] }),
  );
  expect(widened).toContain(name);
  expect(input.dtype).toBe("float32");
  const w = graph.constants.get("w");
  expect(w && numbersOf(w)).toEqual([1, -2, 0.5, 3]);
  const text = print(graph);
  expect(text).not.toMatch(/float16|float64|Cast/);
  const { y } = await run(exportModel(graph), { x: noise(imageShape) }, "test");
  expect(y?.dtype).toBe("float32");
});

test("a model in float32 stays as it is", async () => {
  const { widened } = await imported(model({ nodes: [node("Cast", ["x"], ["y"], { to: DataType.INT64 })] }));
  expect(widened).toEqual([]);
});

describe("a model of which a part is in another precision becomes float32 there", () => {
  const half = { to: DataType.FLOAT16 };
  const back = { to: DataType.FLOAT };
  const two = halves("", DataType.FLOAT16, [0x4000]);
  const inFields = create(TensorProtoSchema, {
    name: "w",
    dataType: DataType.FLOAT16,
    dims: [1n],
    int32Data: [0x4000],
  });
  const times = (...between: ReturnType<typeof node>[]) => [
    ...between,
    node("Cast", ["narrow"], ["y"], back),
  ];
  const inBranch = branch({
    nodes: [
      node("Cast", ["x"], ["h"], { saturate: 1, ...half }),
      node("Constant", [], ["two"], { value: two }),
      node("Mul", ["h", "two"], ["product"]),
      node("Cast", ["product"], ["t"], { saturate: 1, ...back }),
    ],
    outputs: ["t"],
    recorded: [info("h", imageShape, DataType.FLOAT16)],
  });

  test.each<[string, SmallModel]>([
    [
      "an attribute before the type",
      {
        nodes: times(
          node("Cast", ["x"], ["h"], { saturate: 1, ...half }),
          node("Add", ["h", "h"], ["narrow"]),
        ),
      },
    ],
    [
      "no attribute but the type",
      { nodes: times(node("Cast", ["x"], ["h"], half), node("Add", ["h", "h"], ["narrow"])) },
    ],
    [
      "a Constant node of this type alone",
      {
        nodes: [
          node("Constant", [], ["two"], { value: two }),
          node("Cast", ["two"], ["wide"], { saturate: 1, ...back }),
          node("Mul", ["x", "wide"], ["y"]),
        ],
      },
    ],
    [
      "elements in int32_data",
      {
        nodes: times(
          node("Cast", ["x"], ["h"], { saturate: 1, ...half }),
          node("Mul", ["h", "w"], ["narrow"]),
        ),
        stored: [inFields],
      },
    ],
    [
      "Casts in a branch",
      {
        nodes: [node("If", ["yes"], ["y"], { then_branch: inBranch, else_branch: inBranch })],
        initializers: { yes: { dtype: "bool", shape: [], data: Uint8Array.of(1) } },
      },
    ],
    [
      "Casts in a function, the type as its attribute",
      {
        nodes: [node("twice", ["x"], ["y"], half, { domain: "local" })],
        functions: [
          localFunction(
            "twice",
            ["a"],
            ["b"],
            [
              node("Cast", ["a"], ["h"], { saturate: 1, to: reference("to") }),
              node("Add", ["h", "h"], ["sum"]),
              node("Cast", ["sum"], ["b"], { saturate: 1, ...back }),
            ],
            ["to"],
          ),
        ],
        domains: { local: 1 },
      },
    ],
    [
      "generators: the type of what they make",
      {
        nodes: times(
          node("Cast", ["x"], ["h"], { saturate: 1, ...half }),
          node("EyeLike", ["square"], ["eye"], { k: 0, dtype: DataType.FLOAT16 }),
          node("ReduceSum", ["eye"], ["two"], { keepdims: 0 }),
          node("Mul", ["h", "two"], ["narrow"]),
        ),
        initializers: { square: { ...floats(1, 2, 3, 4), shape: [2, 2] } },
      },
    ],
    [
      "CastLike",
      {
        nodes: times(
          node("CastLike", ["x", "w"], ["h"], { saturate: 1 }),
          node("Mul", ["h", "w"], ["narrow"]),
        ),
        stored: [inFields],
      },
    ],
    [
      "float64 inside",
      {
        nodes: times(
          node("Cast", ["x"], ["h"], { saturate: 1, to: DataType.DOUBLE }),
          node("Add", ["h", "h"], ["narrow"]),
        ),
        recorded: [info("h", imageShape, DataType.DOUBLE), info("narrow", imageShape, DataType.DOUBLE)],
      },
    ],
  ])("%s", async (_, small) => {
    const { graph, widened } = await imported(model(small));
    expect(widened).toHaveLength(1);
    const x = noise(imageShape);
    const { y } = await run(exportModel(graph), { x }, "test");
    const doubled = { ...x, data: x.data.map((value) => 2 * value) };
    expect(relativeDifference(doubled, y)).toBeLessThan(1e-6);
  });

  test("the case of a Cast whose first attribute is `saturate`", async () => {
    const bytes = readFileSync(new URL("../../fixtures/cases/cast_sat.onnx", import.meta.url));
    const { graph, widened } = await imported(new Uint8Array(bytes));
    expect(widened).toEqual(["float16"]);
    expect(graph.outputs.map(({ name, dtype }) => [name, dtype])).toEqual([["features", "float32"]]);
  });
});
