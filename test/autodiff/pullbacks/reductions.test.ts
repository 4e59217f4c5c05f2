import { expect, test } from "vitest";
import { gradientGraph } from "../../../src/autodiff/gradient.ts";
import { float32 } from "../../../src/core/tensor.ts";
import { graphOf, runGraph } from "../../graph/run-graph.ts";

test.each([
  ["no zero", [2, 3, 4], [12, 8, 6]],
  ["one zero", [2, 0, 3], [0, 6, 0]],
  ["two zeros", [0, 0, 3], [0, 0, 0]],
])("the slope of a product with %s is the product of the others", async (_, values, expected) => {
  const graph = graphOf([1, 3], (g, x) =>
    g.single("ReduceProd", [x], { axes: [1], keepDims: false }, "float32", [1]),
  );
  const [x, y] = [graph.inputs[0], graph.outputs[0]];
  if (x === undefined || y === undefined) throw new Error("an input and an output");
  const request = { target: y, objective: { kind: "element", index: 0 }, withRespectTo: x } as const;
  const [gradient] = await runGraph(gradientGraph(graph, request).graph, {
    [x.name]: float32([1, 3], values),
  });
  expect([...(gradient?.data ?? [])]).toEqual(expected);
});
