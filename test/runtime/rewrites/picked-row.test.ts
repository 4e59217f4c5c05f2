import { expect, it } from "vitest";
import { gather } from "../../../src/autodiff/pullbacks/indexing.ts";
import { padPickedRow } from "../../../src/runtime/rewrites/picked-row.ts";
import type { Builder } from "../../../src/graph/builder.ts";
import type { Value } from "../../../src/graph/graph.ts";
import { int64 } from "../../../src/core/tensor.ts";
import { graphOf } from "../../graph/run-graph.ts";
import { operators, sameAfter } from "./tuned.ts";

/** The pullback of picking rows of a [2, 5, 3] along axis 1; `dy` is the cotangent. */
function pickedBack(g: Builder, dy: Value, indices: readonly number[], shape: readonly number[]): Value {
  const x: Value = { name: "picked from", dtype: "float32", shape: [2, 5, 3] };
  const at = g.constant(int64(shape, indices));
  const [cotangent] = gather(g, {
    x: [x, at],
    y: dy,
    dy,
    outputs: [dy],
    cotangents: [dy],
    attributes: { axis: 1 },
    scales: false,
  });
  if (cotangent == null) throw new Error("gather has no cotangent");
  return cotangent;
}

it.each([0, 3, 4, -1, -5])("a row that was picked at %i is a Pad", async (index) => {
  const graph = graphOf([2, 3], (g, dy) => pickedBack(g, dy, [index], []));
  const after = operators(await sameAfter(padPickedRow, graph));
  expect(after).toEqual(["Reshape", "Pad"]);
});

it("several rows are left: they may be one", async () => {
  const graph = graphOf([2, 2, 3], (g, dy) => pickedBack(g, dy, [1, 1], [2]));
  expect(operators(await sameAfter(padPickedRow, graph))).toEqual(operators(graph));
});
