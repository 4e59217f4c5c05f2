import { describe, expect, it } from "vitest";
import { withOutputs } from "../../src/graph/outputs.ts";
import { extend } from "../../src/graph/builder.ts";
import { print } from "../../src/graph/print.ts";
import { float32, int64 } from "../../src/core/tensor.ts";
import { empty, runGraph } from "./run-graph.ts";

describe("named outputs", () => {
  it("take their names from whatever had them, inputs among it", async () => {
    const g = extend(empty);
    const map = g.input("map", "float32", [2]);
    const twice = g.add(map, map);
    const graph = withOutputs(g.build([]), { map: twice });
    expect(print(graph)).toMatchInlineSnapshot(`
      "input map~: float32[2]
      %1: float32[2] = Add(map~, map~)
      map: float32[2] = Identity(%1)
      return map"
    `);
    const [found] = await runGraph(graph, { "map~": float32([2], [1, 2]) });
    expect([...(found?.data ?? [])]).toEqual([2, 4]);
  });

  it("give way to names that are taken already", () => {
    const g = extend(empty);
    const sum = g.add(g.input("map", "float32", [2]), g.input("map~", "float32", [2]));
    const { inputs, outputs } = withOutputs(g.build([]), { map: sum });
    expect([...inputs, ...outputs].map(({ name }) => name)).toEqual(["map~~", "map~", "map"]);
  });

  it("may be a constant, or one value under two names", async () => {
    const g = extend(empty);
    const x = g.relu(g.input("x", "float32", [2]));
    const three = g.constant(int64([1], [3]));
    const graph = withOutputs(g.build([]), { three, x, y: x });
    const outputs = await runGraph(graph, { "x~": float32([2], [1, -2]) });
    expect(outputs.map(({ data }) => Array.from(data, Number))).toEqual([[3], [1, 0], [1, 0]]);
  });

  it("leave out what nothing returned is computed from", () => {
    const g = extend(empty);
    const x = g.input("x", "float32", [2]);
    const y = g.relu(x);
    g.exp(y);
    const { nodes } = withOutputs(g.build([]), { y });
    expect(nodes.map(({ op }) => op)).toEqual(["Relu", "Identity"]);
  });
});
