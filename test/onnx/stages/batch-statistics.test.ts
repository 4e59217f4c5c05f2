import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { print } from "../../../src/graph/print.ts";
import { float32, numbersOf } from "../../../src/core/tensor.ts";
import { exportModel } from "../../../src/onnx/export.ts";
import { computedByPyTorch } from "../../fixtures/pytorch/read.ts";
import { gradientOf } from "../gradient.ts";
import { relativeDifference, run } from "../run.ts";
import {
  branch,
  float,
  floats,
  imported,
  info,
  ints,
  model,
  node,
  noise,
  type SmallModel,
} from "../small-model.ts";

const tolerance = 1e-5;

const golden = computedByPyTorch("batch-norm");
const parameters = ["scale", "bias", "mean", "var"];

const inTraining = (
  opset: number,
  outputs: readonly string[],
  settings: Parameters<typeof node>[3] = {},
): SmallModel => ({
  opset,
  nodes: [node("BatchNormalization", ["x", ...parameters], outputs, { epsilon: float(1e-3), ...settings })],
  inputs: [info("x", golden("x").shape)],
  initializers: Object.fromEntries(parameters.map((name) => [name, golden(name)])),
});

describe("BatchNormalization in training mode computes what PyTorch computes", () => {
  const five = ["y", "running_mean", "running_var", "saved_mean", "saved_var"];
  test.each<[string, SmallModel]>([
    ["one output", inTraining(20, ["y"], { training_mode: 1 })],
    ["three outputs", inTraining(20, ["y", "m", "s"], { training_mode: 1 })],
    ["opset 15", inTraining(15, ["y", "m", "s"], { training_mode: 1, momentum: float(1) })],
    ["opset 14", inTraining(14, ["y"], { training_mode: 1 })],
    ["opset 13: by the number of outputs", inTraining(13, five)],
    ["opset 9", inTraining(9, five)],
    ["opset 7", inTraining(7, five)],
    ["some outputs left out", inTraining(9, ["y", "", "running_var", "", ""])],
  ])("%s", async (_, small) => {
    const { graph, remarks } = await imported(model(small));
    const { y } = await run(exportModel(graph), { x: golden("x") }, "test");
    expect(relativeDifference(golden("y"), y)).toBeLessThan(tolerance);
    const dx = await gradientOf(graph, golden("x"), golden("v"));
    expect(relativeDifference(golden("dx"), dx)).toBeLessThan(tolerance);
    expect(remarks).toEqual([expect.stringContaining("batch normalization in training mode (1 node)")]);
  });

  test("of features without spatial axes, the rows as the batch", async () => {
    const rows = computedByPyTorch("batch-norm-features");
    const small: SmallModel = {
      nodes: [
        node("Reshape", ["image", "shape"], ["x"]),
        node("BatchNormalization", ["x", "scale", "bias", "scale", "scale"], ["y"], {
          epsilon: float(1e-3),
          training_mode: 1,
        }),
      ],
      inputs: [info("image", [1, 1, ...rows("x").shape])],
      initializers: { shape: ints(...rows("x").shape), scale: rows("scale"), bias: rows("bias") },
    };
    const image = { ...rows("x"), shape: [1, 1, ...rows("x").shape] };
    const { graph } = await imported(model(small));
    const { y } = await run(exportModel(graph), { image }, "test");
    expect(relativeDifference(rows("y"), y)).toBeLessThan(tolerance);
    expect(relativeDifference(rows("dx"), await gradientOf(graph, image, rows("v")))).toBeLessThan(tolerance);
  });

  test("of weights: they are standardized once, and no image is involved", async () => {
    const convolution = computedByPyTorch("standardized-convolution");
    const small: SmallModel = {
      opset: 17,
      nodes: [
        node("Reshape", ["w", "filters"], ["flat"]),
        node("BatchNormalization", ["flat", "gain", "zeros", "zeros", "ones"], ["standard", "m", "s"], {
          epsilon: float(1e-6),
          momentum: float(1),
          training_mode: 1,
        }),
        node("Reshape", ["standard", "shape"], ["weights"]),
        node("Conv", ["x", "weights"], ["y"], { pads: [1, 1, 1, 1] }),
      ],
      inputs: [info("x", convolution("x").shape)],
      initializers: {
        w: convolution("w"),
        gain: convolution("gain"),
        zeros: floats(0, 0, 0, 0),
        ones: floats(1, 1, 1, 1),
        filters: ints(1, 4, -1),
        shape: ints(4, 3, 3, 3),
      },
    };
    const { graph, remarks } = await imported(model(small));
    expect(graph.nodes.map(({ op }) => op)).toEqual(["Conv"]);
    expect(remarks).toEqual([]);
    const { y } = await run(exportModel(graph), { x: convolution("x") }, "test");
    expect(relativeDifference(convolution("y"), y)).toBeLessThan(tolerance);
    const dx = await gradientOf(graph, convolution("x"), convolution("v"));
    expect(relativeDifference(convolution("dx"), dx)).toBeLessThan(tolerance);
  });
});

test("the running statistics are the moving averages", async () => {
  const small = inTraining(20, ["z", "m", "s"], { training_mode: 1, momentum: float(0.9) });
  const nodes = [...small.nodes, node("Add", ["m", "s"], ["y"])];
  const { graph } = await imported(model({ ...small, nodes }));
  const { y } = await run(exportModel(graph), { x: golden("x") }, "test");
  const [x, mean, variance] = ["x", "mean", "var"].map((name) => numbersOf(golden(name)));
  const expected = [0, 1, 2].map((channel) => {
    const values = x?.slice(20 * channel, 20 * (channel + 1)) ?? [];
    const own = values.reduce((sum, value) => sum + value, 0) / 20;
    const spread = values.reduce((sum, value) => sum + (value - own) ** 2, 0) / 20;
    return 0.9 * ((mean?.[channel] ?? NaN) + (variance?.[channel] ?? NaN)) + 0.1 * (own + spread);
  });
  expect(relativeDifference(float32([3], expected), y)).toBeLessThan(tolerance);
});

test("inside a branch too", async () => {
  const inner = branch({
    nodes: [
      node("BatchNormalization", ["x", ...parameters], ["t"], { epsilon: float(1e-3), training_mode: 1 }),
    ],
    outputs: ["t"],
  });
  const small: SmallModel = {
    ...inTraining(20, ["y"]),
    nodes: [node("If", ["yes"], ["y"], { then_branch: inner, else_branch: inner })],
    initializers: {
      ...inTraining(20, ["y"]).initializers,
      yes: { dtype: "bool", shape: [], data: Uint8Array.of(1) },
    },
  };
  const { graph } = await imported(model(small));
  const { y } = await run(exportModel(graph), { x: golden("x") }, "test");
  expect(relativeDifference(golden("y"), y)).toBeLessThan(tolerance);
});

test("at inference nothing changes", async () => {
  const { graph } = await imported(model(inTraining(13, ["y"])));
  expect(print(graph)).toContain("= BatchNormalization(x, scale, bias, mean, var;");
});

test("the case of BiT: one output, statistics of the weights", async () => {
  const bytes = new Uint8Array(
    readFileSync(new URL("../../fixtures/cases/bn_training_one_output.onnx", import.meta.url)),
  );
  const { graph } = await imported(bytes);
  expect(graph.nodes.map(({ op }) => op)).not.toContain("BatchNormalization");
  const v = noise(graph.outputs[0]?.shape ?? []);
  const dx = await gradientOf(graph, noise([1, 3, 16, 16]), v);
  expect(numbersOf(dx).some((value) => value !== 0)).toBe(true);
});
