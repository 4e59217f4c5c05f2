import fc from "fast-check";
import { expect, it } from "vitest";
import { above, below } from "../../../src/autodiff/pullbacks/activations.ts";
import { float32, numbersOf } from "../../../src/core/tensor.ts";
import { graphOf, runGraph } from "../../graph/run-graph.ts";

const smallestNormal = 2 ** -126;

/** The float32 numbers on either side of a number. */
function neighbors(value: number): number[] {
  const view = new Int32Array(1);
  const number = new Float32Array(view.buffer);
  return [-1, 1].map((step) => {
    number[0] = value;
    view[0] = (view[0] ?? 0) + (value < 0 ? -step : step);
    return number[0];
  });
}

async function gates(bound: number, values: readonly number[]) {
  const shape = [values.length];
  const graph = graphOf(shape, (g, y) => [above(g, y, bound), below(g, y, bound)]);
  const outputs = await runGraph(graph, { x: float32(shape, values) });
  return outputs.map((gate) => numbersOf(gate).map((number) => number + 0)); // -0 is 0
}

it.each([0, 6, 1, -1, 0.1, 3, 1e-20, -1e20])("tells every number from %d", async (wanted) => {
  const bound = Math.fround(wanted);
  const normal = (value: number) => value === 0 || Math.abs(value) >= smallestNormal;
  const float = fc.float({ noNaN: true }).filter(normal);
  const beside = bound === 0 ? [smallestNormal, -smallestNormal] : neighbors(bound);
  await fc.assert(
    fc.asyncProperty(fc.array(float, { minLength: 1, maxLength: 50 }), async (drawn) => {
      const values = [...drawn, bound, -0, 3.4e38, -3.4e38, Infinity, -Infinity, ...beside];
      expect(await gates(bound, values)).toEqual([
        values.map((value) => (value > bound ? 1 : 0)),
        values.map((value) => (value < bound ? 1 : 0)),
      ]);
    }),
    { numRuns: 20 },
  );
});
