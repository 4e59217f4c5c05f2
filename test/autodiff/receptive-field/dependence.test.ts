import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Interval } from "../../../src/graph/window.ts";
import { gradientGraph } from "../../../src/autodiff/gradient.ts";
import { dependenceOn } from "../../../src/autodiff/receptive-field/receptive-field.ts";
import type { Shape } from "../../../src/core/tensor.ts";
import { graphOf, runGraph } from "../../graph/run-graph.ts";
import { anyLayer, linearLayer, type Layer } from "../random-layers.ts";

const image: Shape = [1, 2, 17, 14];

/** First and last index of what is not zero (or mere rounding), by axis; null where everything is. */
function supportOf(gradient: Float32Array, shape: Shape): readonly Interval[] | null {
  const rounding = 1e-12 * gradient.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);
  let support: readonly Interval[] | null = null;
  for (let flat = 0; flat < gradient.length; flat++) {
    if (Math.abs(gradient[flat] ?? 0) <= rounding) continue;
    let rest = flat;
    const indices = shape.map(() => 0);
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      indices[axis] = rest % (shape[axis] ?? 1);
      rest = Math.floor(rest / (shape[axis] ?? 1));
    }
    support = indices.map((index, axis): Interval => {
      const [first, last] = support?.[axis] ?? [index, index];
      return [Math.min(first, index), Math.max(last, index)];
    });
  }
  return support;
}

/** Where the gradient of one cell is not zero, and the box that it should lie in. The cell is given as shares of the map. */
async function spreadOf(layers: readonly Layer[], [down, along]: readonly [number, number]) {
  const graph = graphOf(image, (g, x) => layers.reduce((value, layer) => layer(g, value), g.mul(x, 1)));
  const [x] = graph.inputs;
  const [target] = graph.outputs;
  if (x === undefined || target === undefined) throw new Error("an input and an output");
  const [, channels = 1, height = 1, width = 1] = target.shape;
  const [row, column] = [Math.floor(down * height), Math.floor(along * width)];
  const { graph: program } = gradientGraph(graph, {
    target,
    objective: { kind: "channel-mean", cell: [0, null, row, column] },
    withRespectTo: x,
  });
  const [gradient] = await runGraph(program);
  const box = dependenceOn(graph, x, target, [
    [0, 0],
    [0, channels - 1],
    [row, row],
    [column, column],
  ]);
  if (gradient?.dtype !== "float32") throw new Error("the gradient is float32");
  return { support: supportOf(gradient.data, image), box };
}

const network = (layer: fc.Arbitrary<Layer>) => fc.array(layer, { minLength: 1, maxLength: 4 });
const share = fc.double({ min: 0, max: 0.999, noNaN: true });
const place = fc.tuple(share, share);

describe("the gradient of a cell lies inside the box that it is computed from", () => {
  it("in networks of any layers", async () => {
    await fc.assert(
      fc.asyncProperty(network(anyLayer), place, async (layers, cell) => {
        const { support, box } = await spreadOf(layers, cell);
        // A cell of padding alone depends on no pixel.
        if (box === null) {
          expect(support ?? null).toBeNull();
          return;
        }
        const outside = support?.filter(
          ([first, last], axis) => first < (box[axis]?.[0] ?? NaN) || last > (box[axis]?.[1] ?? NaN),
        );
        expect(outside ?? [], `box ${JSON.stringify(box)}`).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  it("and touches its border, where the weights are positive and nothing is rectified", async () => {
    await fc.assert(
      fc.asyncProperty(network(linearLayer), place, async (layers, cell) => {
        const { support, box } = await spreadOf(layers, cell);
        // A cell of padding alone depends on no pixel.
        if (box === null) {
          expect(support ?? null).toBeNull();
          return;
        }
        // Beyond the image lies padding: no pixel can show how far the box reaches there.
        for (const [axis, [first, last]] of box.entries()) {
          if (first >= 0) expect(support?.[axis]?.[0]).toBe(first);
          if (last < (image[axis] ?? 0)) expect(support?.[axis]?.[1]).toBe(last);
        }
      }),
      { numRuns: 150 },
    );
  });
});
