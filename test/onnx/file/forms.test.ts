import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { float32 } from "../../../src/core/tensor.ts";
import { imported, model, node, noise, type SmallModel } from "../small-model.ts";

const rows = float32([1, 2, 4], [1, 2, 3, 4, 5, 6, 7, 8]);

test.each<[string, SmallModel, string]>([
  [
    "an Einsum whose output has dots that no input has",
    { nodes: [node("Einsum", ["x"], ["y"], { equation: "...->...i" })] },
    'has the equation "...->...i", whose output has an axis "i" that no input has',
  ],
  [
    "a transposed convolution in no groups",
    {
      nodes: [node("ConvTranspose", ["x", "w"], ["y"], { group: 0 })],
      initializers: { w: noise([4, 4, 3, 3]) },
    },
    "has group 0, expected 1 or more",
  ],
  [
    "attention without heads",
    {
      opset: 23,
      nodes: [
        node("Attention", ["r", "r", "r"], ["a"], { q_num_heads: 0, kv_num_heads: 0 }),
        node("ReduceSum", ["a"], ["s"], { keepdims: 0 }),
        node("Add", ["x", "s"], ["y"]),
      ],
      initializers: { r: rows },
    },
    "has q_num_heads 0, expected 1 or more",
  ],
])("%s, which ends the process, is refused", async (_, small, message) => {
  await expect(imported(model(small))).rejects.toThrow(message);
});

test("a model that ONNX Runtime laid out for one processor names the level that works", async () => {
  const bytes = new Uint8Array(
    readFileSync(new URL("../../fixtures/cases/refused/ortopt.onnx", import.meta.url)),
  );
  await expect(imported(bytes)).rejects.toMatchObject({
    message: expect.stringMatching(
      /^net\.onnx: was saved by ONNX Runtime at optimization level "all"/,
    ) as string,
    remedy: 'save it at level "extended" or "basic", or use the model as it was before optimization',
    kind: "input",
  });
});
