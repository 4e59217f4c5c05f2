import { TensorProto_DataType as DataType } from "onnx-buf";
import { expect, test } from "vitest";
import { print } from "../../../src/graph/print.ts";
import { numbersOf } from "../../../src/math/tensor.ts";
import { exportModel } from "../../../src/onnx/export.ts";
import { run } from "../run.ts";
import { imageShape, imported, info, model, node, noise, stored } from "../small-model.ts";

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
