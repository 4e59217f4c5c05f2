import { expect, it } from "vitest";
import { print } from "../../src/graph/print.ts";
import { noise } from "../onnx/small-model.ts";
import { graphOf } from "./run-graph.ts";
import { windowed } from "./by-axis.ts";

it("prints inputs, constants, one line a node, and the outputs", () => {
  const graph = graphOf([1, 3, 8, 8], (g, x) => {
    const weights = g.constant(noise([4, 3, 3, 3]));
    const y = g.conv(
      x,
      weights,
      windowed({
        kernelShape: [3, 3],
        strides: [2, 2],
        dilations: [1, 1],
        pads: [1, 1, 1, 1],
        group: 1,
      }),
    );
    const [left, right] = g.split(g.clip(y, 0, Infinity), 1, [1, 3]);
    if (left === undefined || right === undefined) throw new Error("Split has two outputs");
    g.single("Opaque", [right, null], { domain: "com.x", opType: "Odd", payload: { a: 1 } }, "float32", [1]);
    return [g.where(g.greater(left, 0.5), left, 0), right];
  });
  expect(print(graph)).toMatchInlineSnapshot(`
    "input x: float32[1,3,8,8]
    constant %1: float32[4,3,3,3]
    constant %7: float32[]
    constant %9: float32[]
    %2: float32[1,4,4,4] = Conv(x, %1; kernel=[3,3]; stride=[2,2]; dilation=[1,1]; before=[1,1]; after=[1,1]; group=1)
    %3: float32[1,4,4,4] = Clip(%2; min=0; max=Infinity)
    %4: float32[1,1,4,4], %5: float32[1,3,4,4] = Split(%3; axis=1; sizes=[1,3])
    %6: float32[1] = Opaque(%5; domain=com.x; opType=Odd)
    %8: bool[1,1,4,4] = Greater(%4, %7)
    %10: float32[1,1,4,4] = Where(%8, %4, %9)
    return %10, %5"
  `);
});

it("prints bounds that are not finite as they are", () => {
  expect(print(graphOf([2], (g, x) => g.clip(x, -Infinity, 6)))).toContain("min=-Infinity; max=6");
});
