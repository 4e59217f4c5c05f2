import { readFileSync } from "node:fs";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import {
  GraphProtoSchema,
  ModelProtoSchema,
  TensorProto_DataType as DataType,
  type ValueInfoProto,
} from "onnx-buf";
import { describe, expect, test } from "vitest";
import { branch, imageShape, imported, info, model, node, noise, type SmallModel } from "../small-model.ts";

const relu = [node("Relu", ["x"], ["a"]), node("Relu", ["a"], ["y"])];

/** A model whose outputs are declared as given. */
function declaring(small: SmallModel, outputs: readonly ValueInfoProto[]): Uint8Array {
  const decoded = fromBinary(ModelProtoSchema, model(small));
  if (decoded.graph !== undefined) decoded.graph.output = [...outputs];
  return toBinary(ModelProtoSchema, decoded);
}

const recording = (...recorded: readonly ValueInfoProto[]) => model({ nodes: relu, recorded });

describe("a recorded shape that the nodes contradict is remarked on, and the computed one is used", () => {
  test.each<[string, Uint8Array, string]>([
    [
      "another extent",
      recording(info("a", [1, 4, 60, 5]), info("y", imageShape)),
      'records tensor "a" as [1,4,60,5], but its nodes compute [1,4,6,5]: the computed shape is used',
    ],
    [
      "another rank",
      recording(info("a", [4]), info("y", imageShape)),
      'records tensor "a" as [4], but its nodes compute [1,4,6,5]: the computed shape is used',
    ],
    [
      "several",
      recording(info("a", [4]), info("y", [7])),
      'records tensor "a" as [4], but its nodes compute [1,4,6,5] (and 1 more recorded shapes are wrong): the computed shape is used',
    ],
    [
      "beside an open extent, and where the rest is not recorded",
      recording(info("a", ["N", 4, 9, "W"])),
      'records tensor "a" as [?,4,9,?], but its nodes compute [1,4,6,5]: the computed shape is used',
    ],
    [
      "of an output",
      declaring({ nodes: relu }, [info("y", [4])]),
      'records tensor "y" as [4], but its nodes compute [1,4,6,5]: the computed shape is used',
    ],
    [
      "of an output whose value_info is right",
      declaring({ nodes: relu, recorded: [info("a", imageShape), info("y", imageShape)] }, [
        info("y", [1, 4, 60, 5]),
      ]),
      'records tensor "y" as [1,4,60,5], but its nodes compute [1,4,6,5]: the computed shape is used',
    ],
  ])("%s", async (_, bytes, remark) => {
    const { graph, remarks } = await imported(bytes);
    expect(graph.outputs.map(({ shape }) => shape)).toEqual([imageShape]);
    expect(graph.nodes.map(({ outputs }) => outputs[0].shape)).toEqual([imageShape, imageShape]);
    expect(remarks).toEqual([remark]);
  });

  test("the case of a classifier whose output is recorded without its batch", async () => {
    const bytes = readFileSync(new URL("../../fixtures/cases/vi_logits.onnx", import.meta.url));
    const { graph, remarks } = await imported(new Uint8Array(bytes));
    expect(graph.outputs.map(({ name, shape }) => [name, shape])).toEqual([["logits", [1, 4]]]);
    expect(remarks).toEqual([
      'records tensor "logits" as [4], but its nodes compute [1,4]: the computed shape is used',
    ]);
  });
});

describe("what is no contradiction", () => {
  test.each<[string, Uint8Array]>([
    ["a right shape", recording(info("a", imageShape), info("y", imageShape))],
    ["one symbol for two extents", recording(info("a", ["N", "N", "N", 5]), info("y", imageShape))],
    ["a negative extent, as some exporters write an open one", recording(info("a", [-1, 4, -1, 5]))],
    ["a tensor that is not there", recording(info("nothing", [3]))],
  ])("%s", async (_, bytes) => {
    const { graph, remarks } = await imported(bytes);
    expect(graph.outputs.map(({ shape }) => shape)).toEqual([imageShape]);
    expect(remarks).toEqual([]);
  });

  test("the batch's symbol elsewhere: the runtime knows better", async () => {
    const small: SmallModel = {
      nodes: [node("Conv", ["x", "w"], ["a"]), node("Relu", ["a"], ["y"])],
      inputs: [info("x", ["N", 4, 6, 5])],
      initializers: { w: noise([8, 4, 1, 1]) },
      recorded: [info("a", ["N", "N", 6, 5]), info("y", ["N", "N", 6, 5])],
    };
    const { graph } = await imported(model(small));
    expect(graph.outputs.map(({ shape }) => shape)).toEqual([[1, 8, 6, 5]]);
  });

  test("a wrong shape inside a branch, which the runtime takes too", async () => {
    const inner = create(GraphProtoSchema, {
      ...branch({ nodes: [node("Relu", ["x"], ["t"])], outputs: ["t"] }),
      output: [info("t", [4])],
      valueInfo: [info("t", [4])],
    });
    const small: SmallModel = {
      nodes: [node("If", ["yes"], ["y"], { then_branch: inner, else_branch: inner })],
      initializers: { yes: { dtype: "bool", shape: [], data: Uint8Array.of(1) } },
    };
    expect((await imported(model(small))).graph.outputs.map(({ shape }) => shape)).toEqual([imageShape]);
  });
});

test.each<[string, Uint8Array]>([
  ["a tensor", recording(info("a", imageShape, DataType.INT64), info("y", imageShape))],
  ["an output", declaring({ nodes: relu }, [info("y", imageShape, DataType.INT64)])],
])("a wrong element type of %s is refused, as the runtime refuses it", async (_, bytes) => {
  await expect(imported(bytes)).rejects.toThrow(
    /^net\.onnx: records tensor "[ay]" as int64, but its nodes compute float32$/,
  );
});
