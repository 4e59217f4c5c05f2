import { describe, expect, it } from "vitest";
import { differentiable, gradientGraph } from "../../src/autodiff/gradient.ts";
import type { Pullback } from "../../src/autodiff/pullbacks/pullback.ts";
import { pullbacks } from "../../src/autodiff/pullbacks/table.ts";
import type { Builder } from "../../src/graph/builder.ts";
import type { Value } from "../../src/graph/graph.ts";
import { print } from "../../src/graph/print.ts";
import { float32 } from "../../src/core/tensor.ts";
import { graphOf, runGraph } from "../graph/run-graph.ts";
import { noise } from "../onnx/small-model.ts";
import { gradientAt, gradientOf } from "./differentiate.ts";
import { thrown } from "../thrown.ts";
import { windowed } from "../graph/by-axis.ts";

const three = { kernelShape: [3, 3], strides: [1, 1], dilations: [1, 1], pads: [1, 1, 1, 1], group: 1 };

/** Convolution, ReLU, max pooling, two logits. */
function network(g: Builder, x: Value): Value {
  const features = g.relu(g.conv(x, g.constant(noise([4, 3, 3, 3])), windowed(three)));
  const pooled = g.single(
    "MaxPool",
    [features],
    windowed({
      kernelShape: [2, 2],
      strides: [2, 2],
      dilations: [1, 1],
      pads: [0, 0, 0, 0],
      ceilMode: false,
    }),
    "float32",
    [1, 4, 3, 3],
  );
  const weights = g.constant(noise([2, 36], 2));
  return g.gemm(g.reshape(pooled, [1, 36]), weights, { alpha: 1, beta: 1, transA: false, transB: true });
}

it("is not there for a node whose recorded shapes do not fit its operator", () => {
  const graph = graphOf([1, 3, 6, 6], (g, x) => {
    const odd = g.single("Mul", [x, g.constant(float32([5], Array(5).fill(1)))], {}, "float32", [1, 3, 6, 6]);
    return g.relu(odd);
  });
  const [input] = graph.inputs;
  if (input === undefined) throw new Error("no input");
  expect([...differentiable(graph, input)]).toEqual([input.name]);
});

describe("the gradient of a small network", () => {
  it("reads as the forward pass, the seed, and the way back", () => {
    expect(print(gradientOf([1, 3, 6, 6], network, { kind: "element", index: 1 }))).toMatchInlineSnapshot(`
      "input x: float32[1,3,6,6]
      constant %1: float32[4,3,3,3]
      constant %5: float32[2,36]
      constant %8: float32[1,2]
      %2: float32[1,4,6,6] = Conv(x, %1; kernel=[3,3]; stride=[1,1]; dilation=[1,1]; before=[1,1]; after=[1,1]; group=1)
      %3: float32[1,4,6,6] = Relu(%2)
      %4: float32[1,4,3,3], %4~1: int64[1,4,3,3] = MaxPool(%3; kernel=[2,2]; stride=[2,2]; dilation=[1,1]; before=[0,0]; after=[0,0]; ceilMode=false)
      %9: float32[1,36] = Gemm(%8, %5; alpha=1; beta=1; transA=false; transB=false)
      %13: float32[1,4,3,3] = Reshape(%9; shape=[1,4,3,3])
      %14: float32[1,4,6,6] = MaxUnpool(%13, %4~1; kernel=[2,2]; stride=[2,2]; dilation=[1,1]; before=[0,0]; after=[0,0])
      %15: float32[1,4,6,6] = HardSigmoid(%3; alpha=1.7014118346046923e+38; beta=0)
      %16: float32[1,4,6,6] = Mul(%14, %15)
      %17: float32[1,3,6,6] = ConvTranspose(%16, %1; kernel=[3,3]; stride=[1,1]; dilation=[1,1]; before=[1,1]; after=[1,1]; extra=[0,0]; group=1)
      return %17"
    `);
  });

  it("with respect to a feature map starts there", () => {
    const graph = graphOf([1, 3, 6, 6], network);
    const features = graph.nodes.find(({ op }) => op === "Relu")?.outputs[0];
    const [target] = graph.outputs;
    if (features === undefined || target === undefined) throw new Error("a ReLU and an output");
    const { graph: program, gradient } = gradientGraph(graph, {
      target,
      objective: { kind: "element", index: 0 },
      withRespectTo: features,
      alongside: [features],
    });
    expect(gradient.shape).toEqual(features.shape);
    expect(program.outputs).toEqual([gradient, features]);
    expect(program.nodes.filter(({ op }) => op === "Conv")).toHaveLength(1); // the forward one alone
  });
});

describe("the walker", () => {
  const sum = (y: Value) => ({ kind: "cotangent", name: `ones${y.shape.join("x")}` }) as const;
  const ones = (...shape: readonly number[]) =>
    float32(shape, new Array<number>(shape.reduce((a, b) => a * b, 1)).fill(1));

  it("adds up the ways by which a value is used", async () => {
    const x = float32([3], [-1, 2, 0.5]);
    const cubic = (g: Builder, v: Value) => g.add(g.mul(g.mul(v, v), v), g.add(v, v));
    const gradient = await gradientAt([3], cubic, sum, { x, ones3: ones(3) });
    expect([...gradient]).toEqual([5, 14, 2.75]); // 3x² + 2
  });

  it("adds up one value in both places of a node", async () => {
    const x = float32([2], [3, -4]);
    expect([...(await gradientAt([2], (g, v) => g.mul(v, v), sum, { x, ones2: ones(2) }))]).toEqual([6, -8]);
  });

  it.each([
    ["in front", [3], [2, 3], [2 + 5, 3 + 6, 4 + 7]],
    ["along an axis of one", [2, 1], [2, 3], [2 + 3 + 4, 5 + 6 + 7]],
    ["both", [1, 3], [2, 2, 3], [2 + 5 + 8 + 11, 3 + 6 + 9 + 12, 4 + 7 + 10 + 13]],
    ["a scalar", [], [2, 3], [27]],
  ])("sums over axes that a value was broadcast along: %s", async (_, narrow, wide, expected) => {
    const factor = float32(
      wide,
      Array.from({ length: wide.reduce((a, b) => a * b, 1) }, (__, i) => i + 2),
    );
    const gradient = await gradientAt(narrow, (g, x) => g.mul(x, g.constant(factor)), sum, {
      [`ones${wide.join("x")}`]: ones(...wide),
    });
    expect([...gradient]).toEqual(expected);
  });

  it("leaves out what does not lead to the target", () => {
    const program = gradientOf(
      [2, 4],
      (g, x) => {
        const [used, unused] = g.split(x, 1, [1, 3]);
        if (used === undefined || unused === undefined) throw new Error("two parts");
        g.exp(unused);
        return g.mul(used, g.sin(g.constant(float32([2, 1], [1, 2]))));
      },
      { kind: "element", index: 0 },
    );
    expect(program.nodes.map(({ op }) => op)).not.toContain("Exp");
    expect(program.nodes.map(({ op }) => op)).not.toContain("Cos"); // the constant's own way back
  });

  it("a target that is constant almost everywhere has the gradient zero", async () => {
    const step = (g: Builder, x: Value) => g.cast(g.greater(x, 0), "float32");
    expect([...(await gradientAt([3], step, { kind: "element", index: 1 }))]).toEqual([0, 0, 0]);
  });

  it("a tensor's gradient with respect to itself is the seed", async () => {
    const graph = graphOf([3], (g, x) => g.relu(x));
    const [y] = graph.outputs;
    if (y === undefined) throw new Error("an output");
    const objective = { kind: "element", index: 2 } as const;
    const { graph: program } = gradientGraph(graph, { target: y, objective, withRespectTo: y });
    expect([...((await runGraph(program))[0]?.data ?? [])]).toEqual([0, 0, 1]);
  });
});

describe("what has no gradient is said", () => {
  it("a target that does not depend on the tensor", () => {
    const graph = graphOf([2], (g, x) => [g.relu(x), g.neg(g.constant(float32([2], [1, 2])))]);
    const [downstream, aside] = graph.outputs;
    const [x] = graph.inputs;
    if (downstream === undefined || aside === undefined || x === undefined) throw new Error("three values");
    const request = { objective: { kind: "top" } } as const;
    const error = thrown(() => gradientGraph(graph, { ...request, target: aside, withRespectTo: x }));
    expect(error.message).toContain(`"${aside.name}" does not depend on "x"`);
    expect(error.kind).toBe("input");
    // Nor does an earlier tensor on a later one.
    expect(
      thrown(() => gradientGraph(graph, { ...request, target: x, withRespectTo: downstream })).message,
    ).toContain(`"x" does not depend on "${downstream.name}"`);
  });

  const odd = (g: Builder, x: Value): Value => {
    g.from({ node: "node_17", module: "layer3.odd" });
    const y = g.single(
      "Opaque",
      [x],
      { domain: "com.x", opType: "Odd", payload: undefined },
      "float32",
      x.shape,
    );
    g.from(undefined);
    return g.neg(y);
  };

  it("an operator without a rule on the way: its name, its node and its module", () => {
    const error = thrown(() => gradientOf([2], odd, { kind: "top" }));
    expect(error.message).toContain('operator com.x::Odd of node "node_17" (module layer3.odd)');
    expect(error.remedy).toBe("no feature map comes before this node: the network cannot be probed");
    expect(error.kind).toBe("input");
  });

  describe("and the nearest layer before it", () => {
    /** Named after its module, as exporters do. */
    const at = (g: Builder, module: string, write: () => Value): Value => {
      g.from({ node: module, module });
      const y = write();
      g.from(undefined);
      return y;
    };
    const barrier = (g: Builder, x: Value, module: string): Value =>
      at(g, module, () =>
        g.single("Opaque", [x], { domain: "", opType: "Odd", payload: undefined }, "float32", x.shape),
      );
    const conv = (g: Builder, x: Value, module: string): Value =>
      at(g, module, () => g.conv(x, g.constant(noise([3, 3, 3, 3])), windowed(three)));
    const remedy = (
      build: (g: Builder, x: Value) => Value,
      { cone = false, table = pullbacks } = {},
    ): string | undefined => {
      const graph = graphOf([1, 3, 6, 6], build);
      const [x] = graph.inputs;
      const [target] = graph.outputs;
      if (x === undefined || target === undefined) throw new Error("an input and an output");
      const objective = { kind: "channel-mean", cell: [0, null, 2, 2] } as const;
      return thrown(() => gradientGraph(graph, { target, objective, withRespectTo: x, cone }, table)).remedy;
    };

    it("is the last feature map: no gate, no matrix", () => {
      const network = (g: Builder, x: Value): Value => {
        const y = conv(g, conv(g, x, "first"), "second");
        const gate = at(g, "gate", () => g.sigmoid(g.reduceMean(y, [2, 3]))); // [1, 3, 1, 1]
        const rows = at(g, "rows", () => g.reshape(g.mul(y, 2), [18, 6]));
        return g.mul(g.reshape(barrier(g, rows, "odd"), [1, 3, 6, 6]), gate);
      };
      expect(remedy(network)).toBe(
        'choose a layer before this node; the nearest is "%8" (module rows), and `erfit layers MODEL` lists them all',
      );
    });

    it("is not behind another such operator, nor beside the way", () => {
      const network = (g: Builder, x: Value): Value => {
        const y = conv(g, x, "stem");
        g.relu(conv(g, y, "beside"));
        const between = conv(g, barrier(g, y, "odd1"), "between");
        return barrier(g, between, "odd2");
      };
      for (const cone of [false, true])
        expect(remedy(network, { cone })).toContain('the nearest is "%2" (module stem), and');
    });

    it("may lie behind one that only a constant passes", () => {
      const network = (g: Builder, x: Value): Value => {
        const scale = barrier(g, g.constant(noise([1, 3, 6, 6])), "aside");
        return barrier(
          g,
          at(g, "scaled", () => g.mul(x, scale)),
          "odd",
        );
      };
      expect(remedy(network)).toContain("(module scaled)");
    });

    it("may lie behind an operator that has a rule in the form in which it is used there, and in no other", () => {
      const ofOneForm = {
        ...pullbacks,
        Elu: ((_, { dy, attributes: { alpha } }) => (alpha === 1 ? [dy] : [])) satisfies Pullback<"Elu">,
      };
      const elu = (g: Builder, x: Value, alpha: number): Value =>
        at(g, `elu${alpha}`, () => g.single("Elu", [x], { alpha }, "float32", x.shape));
      const network = (g: Builder, x: Value): Value => {
        const between = conv(g, elu(g, elu(g, conv(g, x, "stem"), 1), 2), "between");
        return barrier(g, between, "odd");
      };
      expect(remedy(network, { table: ofOneForm })).toContain("(module elu1)");
    });
  });

  it("but not where it is no part of the way", () => {
    const besides = (g: Builder, x: Value): Value => {
      odd(g, x);
      return g.add(g.relu(x), odd(g, g.constant(float32([2], [1, 2]))));
    };
    expect(() => gradientOf([2], besides, { kind: "top" })).not.toThrow();
  });
});
