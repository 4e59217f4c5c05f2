import { describe, expect, test } from "vitest";
import { inferTypes } from "../../../src/runtime/onnxruntime.ts";
import { decodeModel } from "../../../src/onnx/file/wire.ts";
import { float32, int64, numbersOf } from "../../../src/core/tensor.ts";
import { run } from "../run.ts";
import { imported, info, ints, model, node, stored, type SmallModel } from "../small-model.ts";
import type { ImportedModel, ImportOptions } from "../../../src/onnx/import.ts";

/** Imports a model, and counts the sessions that are opened for it and the nodes that they load. */
async function counted(
  small: SmallModel,
  options: Partial<ImportOptions> = {},
): Promise<{ readonly model: ImportedModel; readonly sessions: number; readonly nodes: number }> {
  let sessions = 0;
  let nodes = 0;
  const count = (part: Uint8Array): void => {
    sessions++;
    nodes += decodeModel(part, "part").graph?.node.length ?? 0;
  };
  const opened = await imported(model(small), {
    ...options,
    infer: (part, purpose) => {
      count(part);
      return inferTypes(part, purpose);
    },
    run: (part, ...rest) => {
      count(part);
      return run(part, ...rest);
    },
  });
  return { model: opened, sessions, nodes };
}

const range = (count: number): readonly number[] => [...Array(count).keys()];

const kernel = float32([4, 4, 3, 3], new Float32Array(144).fill(0.01));

/** Convolutions, each followed by a Slice. */
const slicedConvolutions = (count: number, slice: readonly string[], pads = [1, 1, 1, 1]): SmallModel => ({
  nodes: range(count).flatMap((k) => [
    node("Conv", [k === 0 ? "x" : `s${k - 1}`, "kernel"], [`c${k}`], { kernel_shape: [3, 3], pads }),
    node("Slice", [`c${k}`, ...slice], [k === count - 1 ? "y" : `s${k}`]),
  ]),
  initializers: { kernel, first: ints(0), last: ints(1000), channels: ints(1), rows: ints(2) },
});

describe("Slices after windows", () => {
  test("along channels are inferred with everything else", async () => {
    const { model, sessions } = await counted(slicedConvolutions(100, ["first", "last", "channels"]));
    expect(model.graph.outputs[0]?.shape).toEqual([1, 4, 6, 5]);
    expect(sessions).toBe(1);
  });

  test("along rows wait for the extents; no node is inferred twice", async () => {
    const { model, nodes } = await counted(slicedConvolutions(20, ["first", "last", "rows"]));
    expect(model.graph.outputs[0]?.shape).toEqual([1, 4, 6, 5]);
    expect(nodes).toBe(40);
  });

  test("wait no longer than the windows before them: one session more for a hundred of them", async () => {
    const { sessions } = await counted({
      nodes: [
        node("Conv", ["x", "kernel"], ["c"], { kernel_shape: [3, 3], pads: [1, 1, 1, 1] }),
        ...range(100).map((k) =>
          node("Slice", [k === 0 ? "c" : `s${k - 1}`, "first", "last", "rows"], [k === 99 ? "y" : `s${k}`]),
        ),
      ],
      initializers: { kernel, first: ints(0), last: ints(1000), rows: ints(2) },
    });
    expect(sessions).toBe(2);
  });

  test("of an extent below zero are refused: along channels, where all is inferred at once", async () => {
    const small = slicedConvolutions(4, ["first", "last", "channels"], [0, 0, 0, 0]);
    await expect(imported(model(small))).rejects.toThrow(/net\.onnx: .*Invalid dimension: -\d/);
  });

  test("of an extent below zero are refused: along rows, before the Slice is inferred", async () => {
    const small = slicedConvolutions(4, ["first", "last", "rows"], [0, 0, 0, 0]);
    await expect(imported(model(small))).rejects.toThrow(
      'net.onnx: the window of Conv node of "c2" is larger than its input [1,4,2,1]',
    );
  });

  test.each<[string, ReturnType<typeof node>[]]>([
    ["through a Transpose", [node("Transpose", ["c"], ["t"], { perm: [0, 2, 3, 1] })]],
    ["through a Reshape", [node("Reshape", ["c", "flat"], ["t"])]],
    ["through a second window", [node("MaxPool", ["c"], ["t"], { kernel_shape: [1, 1] })]],
  ])("of an extent below zero are refused: %s", async (_, between) => {
    const small: SmallModel = {
      nodes: [
        node("MaxPool", ["x"], ["c"], { kernel_shape: [9, 1] }),
        ...between,
        node("Slice", ["t", "first", "last", "both"], ["y"]),
      ],
      initializers: { first: ints(0, 0), last: ints(1, 1), both: ints(1, 2), flat: ints(1, 4, -1) },
    };
    await expect(imported(model(small))).rejects.toThrow(/net\.onnx: /);
  });
});

describe("large graphs", () => {
  /** Rows of a map picked, transformed and added up, one after the other, as an unrolled scan does; Constant nodes hold all sizes. */
  const unrolled = (steps: number): SmallModel => ({
    nodes: [
      node("Shape", ["x"], ["shape"]),
      node("Slice", ["shape", "zero", "two"], ["leading"]),
      node("Concat", ["leading", "rest"], ["flat"], { axis: 0 }),
      node("Reshape", ["x", "flat"], ["rows"]),
      ...range(steps).flatMap((k) => [
        node("Constant", [], [`at${k}`], { value_int: k % 30 }),
        node("Constant", [], [`axis${k}`], { value_ints: [2] }),
        node("Gather", ["rows", `at${k}`], [`g${k}`], { axis: 2 }),
        node("Unsqueeze", [`g${k}`, `axis${k}`], [`u${k}`]),
        node("Add", [k === 0 ? "u0" : `sum${k - 1}`, `u${k}`], [k === steps - 1 ? "y" : `sum${k}`]),
      ]),
    ],
    initializers: { zero: ints(0), two: ints(2), rest: ints(-1) },
  });

  test("of 5,000 nodes are imported in a few sessions", async () => {
    const { model, sessions, nodes } = await counted(unrolled(1000));
    expect(model.graph.outputs[0]?.shape).toEqual([1, 4, 1]);
    expect(sessions).toBeLessThan(12);
    // Every node once, and a first part again when the size that it waits for is known.
    expect(nodes).toBeLessThan(4500);
  });

  test("Constant nodes are constants like all others", async () => {
    const { graph } = await imported(
      model({
        nodes: [
          node("Constant", [], ["floats"], { value_floats: { floats: [1, 2, 3, 4, 5] } }),
          node("Constant", [], ["float"], { value_float: { f: 2 } }),
          node("Constant", [], ["tensor"], { value: stored("other name", 1, [1], new Uint8Array(4)) }),
          node("Mul", ["x", "floats"], ["a"]),
          node("Add", ["a", "float"], ["b"]),
          node("Add", ["b", "tensor"], ["y"]),
        ],
      }),
    );
    expect([...graph.constants].map(([name, tensor]) => [name, numbersOf(tensor)])).toEqual([
      ["floats", [1, 2, 3, 4, 5]],
      ["float", [2]],
      ["tensor", [0]],
    ]);
  });
});

/** A map, its scores, and a list of what is above a threshold, as detectors make it. */
const detector = (outputs: readonly string[]): SmallModel => ({
  nodes: [
    node("Conv", ["x", "kernel"], ["features"], { kernel_shape: [3, 3], pads: [1, 1, 1, 1] }),
    node("Reshape", ["features", "list"], ["scores"]),
    ...range(4).flatMap((k) => [
      node("Gather", ["scores", `class${k}`], [`scores${k}`], { axis: 0 }),
      node("Greater", [`scores${k}`, "threshold"], [`above${k}`]),
      node("NonZero", [`above${k}`], [`places${k}`]),
      node("Transpose", [`places${k}`], [`indices${k}`], { perm: [1, 0] }),
      node("GatherND", [`scores${k}`, `indices${k}`], [`found${k}`]),
    ]),
    node(
      "Concat",
      range(4).map((k) => `found${k}`),
      ["detections"],
      { axis: 0 },
    ),
    node("ReduceMean", ["features"], ["pooled"], { axes: [2, 3] }),
  ],
  opset: 17,
  initializers: {
    kernel,
    list: ints(4, 30),
    threshold: float32([], [0.5]),
    ...Object.fromEntries(range(4).map((k) => [`class${k}`, int64([], [k])])),
  },
  outputs,
});

describe("outputs whose size the image decides", () => {
  test("are left out: the network ends at the scores that they are picked from", async () => {
    const { model, sessions } = await counted(detector(["detections"]));
    expect(model.graph.outputs.map(({ name, shape }) => [name, shape])).toEqual([["scores", [4, 30]]]);
    expect(model.remarks).toEqual([
      'the content of the image decides the size of the output detections (NonZero node of "places0"), and erfit needs static shapes: the network ends at scores',
    ]);
    expect(sessions).toBeLessThan(5);
  });

  test("do not matter where another output has a static shape", async () => {
    const { graph, remarks } = await imported(model(detector(["detections", "pooled"])));
    expect(graph.outputs.map(({ name }) => name)).toEqual(["pooled"]);
    expect(remarks[0]).toContain("the network ends at pooled");
  });

  test("a tensor in between may have an open size", async () => {
    const { graph, remarks } = await imported(
      model({
        nodes: [
          node("Greater", ["x", "threshold"], ["above"]),
          node("NonZero", ["above"], ["places"]),
          node("Transpose", ["places"], ["indices"], { perm: [1, 0] }),
          node("GatherND", ["x", "indices"], ["picked"]),
          node("Neg", ["picked"], ["negative"]),
          node("ScatterND", ["x", "indices", "negative"], ["y"]),
        ],
        initializers: { threshold: float32([], [0.5]) },
        inputs: [info("x", [1, 4, 6, 5])],
      }),
    );
    expect(graph.outputs.map(({ name, shape }) => [name, shape])).toEqual([["y", [1, 4, 6, 5]]]);
    expect(remarks).toEqual([]);
  });
});
