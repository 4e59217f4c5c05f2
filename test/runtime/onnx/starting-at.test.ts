import { expect, it } from "vitest";
import { runsWorthThreads } from "../../../src/runtime/onnx/model.ts";
import { graphOf } from "../../graph/run-graph.ts";
import { noise } from "../../onnx/small-model.ts";

it("short runs behind a layer are worth no threads; long ones and whole networks are", () => {
  const product = (rows: number) =>
    graphOf([rows, 200], (g, x) => g.matmul(x, g.constant(noise([200, 100])))); // rows x 20,000 multiply-adds
  const layer = { name: "x", dtype: "float32", shape: [1, 200] } as const;
  expect(runsWorthThreads(product(10), layer, "image", 512)).toBe(1);
  expect(runsWorthThreads(product(1100), layer, "image", 512)).toBe(512);
  expect(runsWorthThreads(product(10), layer, "x", 512)).toBe(512);
});
