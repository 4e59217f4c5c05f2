import { expect, it } from "vitest";
import { sharedCumulative } from "../../../src/runtime/rewrites/gelu.ts";
import type { Builder } from "../../../src/graph/builder.ts";
import type { Value } from "../../../src/graph/graph.ts";
import { graphOf } from "../../graph/run-graph.ts";
import { operators, sameAfter } from "./tuned.ts";

const gelu = (approximate: "none" | "tanh") => (g: Builder, x: Value) =>
  g.single("Gelu", [x], { approximate }, "float32", x.shape);

it("where its argument is read again, as a pullback does, Gelu is written out", async () => {
  const graph = graphOf([2, 8], (g, x) => [gelu("none")(g, x), g.erf(x)]);
  expect(operators(await sameAfter(sharedCumulative, graph))).not.toContain("Gelu");
});

it("else it stays fused, and so does the approximate one", async () => {
  const alone = graphOf([2, 8], gelu("none"));
  const approximate = graphOf([2, 8], (g, x) => [gelu("tanh")(g, x), g.erf(x)]);
  for (const graph of [alone, approximate]) {
    expect(operators(await sameAfter(sharedCumulative, graph))).toContain("Gelu");
  }
});
