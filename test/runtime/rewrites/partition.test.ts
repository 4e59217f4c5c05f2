import fc from "fast-check";
import { expect, it } from "vitest";
import { concatenatePartition } from "../../../src/runtime/rewrites/partition.ts";
import type { Builder } from "../../../src/graph/builder.ts";
import type { Value } from "../../../src/graph/graph.ts";
import { graphOf } from "../../graph/run-graph.ts";
import { operators, sameAfter } from "./tuned.ts";

/** Rows from `start` to `end` of x, put back to where they were. */
const replaced = (g: Builder, x: Value, start: number, end: number): Value => {
  const [rows = 1, columns = 1] = x.shape;
  return g.pad(g.slice(x, [start, 0], [end - start, columns]), [start, 0], [rows - end, 0]);
};

const sum = (g: Builder, terms: readonly Value[]): Value => {
  const [first, ...others] = terms;
  if (first === undefined) throw new Error("a sum of nothing");
  return others.reduce((total, term) => g.add(total, term), first);
};

it("any partition, in any order, is one Concat", async () => {
  const cuts = fc.uniqueArray(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 4 });
  const orders = fc.array(fc.nat(), { minLength: 5, maxLength: 5 });
  await fc.assert(
    fc.asyncProperty(cuts, orders, async (inner, keys) => {
      const bounds = [0, ...inner.toSorted((a, b) => a - b), 8];
      const parts = bounds.slice(1).map((end, k) => ({ start: bounds[k] ?? 0, end, key: keys[k] ?? 0 }));
      const graph = graphOf([8, 3], (g, x) =>
        sum(
          g,
          parts.toSorted((a, b) => a.key - b.key).map(({ start, end }) => replaced(g, x, start, end)),
        ),
      );
      const after = operators(await sameAfter(concatenatePartition, graph));
      expect(after).toContain("Concat");
      expect(after).not.toContain("Pad");
      expect(after).not.toContain("Add");
    }),
    { numRuns: 25 },
  );
});

it.each<[string, (g: Builder, x: Value) => Value | readonly Value[]]>([
  ["parts that overlap", (g, x) => g.add(replaced(g, x, 0, 5), replaced(g, x, 4, 8))],
  [
    "parts that overlap by as much as they leave out",
    (g, x) => g.add(replaced(g, x, 0, 5), replaced(g, x, 4, 7)),
  ],
  ["parts with a gap", (g, x) => g.add(replaced(g, x, 0, 3), replaced(g, x, 4, 8))],
  ["a term that is no part", (g, x) => g.add(g.add(replaced(g, x, 0, 4), x), replaced(g, x, 4, 8))],
  [
    "parts along two axes",
    (g, x) => g.add(replaced(g, x, 0, 4), g.pad(g.slice(x, [4, 0], [4, 2]), [4, 0], [0, 1])),
  ],
])("leaves %s", async (_, build) => {
  const graph = graphOf([8, 3], build);
  expect(operators(await sameAfter(concatenatePartition, graph))).toEqual(operators(graph));
});

it("leaves a part that is read elsewhere as well, and uses it all the same", async () => {
  const graph = graphOf([8, 3], (g, x) => {
    const top = replaced(g, x, 0, 4);
    return [g.add(top, replaced(g, x, 4, 8)), g.exp(top)];
  });
  expect(operators(await sameAfter(concatenatePartition, graph))).toEqual(operators(graph));
});
