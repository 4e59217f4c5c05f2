import { describe, expect, it } from "vitest";
import { ancestors, dependents, producers, pruned, renamed } from "../../src/graph/graph.ts";
import { exportModel } from "../../src/onnx/export.ts";
import { noise } from "../onnx/small-model.ts";
import { graphOf, runGraph } from "./run-graph.ts";

/** x -> left -> (left + weights) -> out, and a side branch: x -> unused, y alone. */
function branching() {
  const names: Record<string, string> = {};
  const graph = graphOf([2, 2], (g, x) => {
    const weights = g.constant(noise([2, 2]));
    const spare = g.constant(noise([2, 2], 5));
    const y = g.input("y", "float32", [2, 2]);
    const left = g.relu(x);
    const [first, second] = g.split(left, 0, [1, 1]);
    if (first === undefined || second === undefined) throw new Error("Split has two outputs");
    const out = g.add(first, weights);
    const unused = g.mul(g.neg(y), spare);
    Object.assign(names, {
      left: left.name,
      first: first.name,
      second: second.name,
      out: out.name,
      weights: weights.name,
      spare: spare.name,
      unused: unused.name,
    });
    return [out, unused];
  });
  return { graph, names };
}

const name = (names: Readonly<Record<string, string>>, key: string): string => names[key] ?? key;
const all = (names: Readonly<Record<string, string>>, ...keys: readonly string[]) =>
  new Set(keys.map((key) => name(names, key)));

describe("what depends on what", () => {
  it("dependents follow the data, through every output of a node", () => {
    const { graph, names } = branching();
    expect(dependents(graph, ["x"])).toEqual(all(names, "x", "left", "first", "second", "out"));
    expect(dependents(graph, [name(names, "weights")])).toEqual(all(names, "weights", "out"));
  });

  it("ancestors go back to inputs and constants", () => {
    const { graph, names } = branching();
    expect(ancestors(graph, [name(names, "out")])).toEqual(
      all(names, "out", "first", "left", "x", "weights"),
    );
  });

  it("producers name the node of each output", () => {
    const { graph, names } = branching();
    const made = producers(graph);
    expect(made.get(name(names, "second"))?.op).toBe("Split");
    expect(made.has("x")).toBe(false);
  });
});

describe("pruned", () => {
  it("keeps what computes the outputs, and nothing else", async () => {
    const { graph, names } = branching();
    const [out] = graph.outputs;
    if (out === undefined) throw new Error("no output");
    const small = pruned(graph, [out]);
    expect(small.inputs.map((input) => input.name)).toEqual(["x"]);
    expect(small.nodes.map(({ op }) => op)).toEqual(["Relu", "Split", "Add"]);
    expect([...small.constants.keys()]).toEqual([name(names, "weights")]);
    const x = noise([2, 2], 9);
    expect((await runGraph(small, { x }))[0]).toEqual((await runGraph(graph, { x }))[0]);
  });
});

describe("renamed", () => {
  it("gives every value its new name, and computes the same", async () => {
    const { graph } = branching();
    const other = renamed(graph, (old) => `net/${old}`);
    const used = [
      ...other.inputs,
      ...other.outputs,
      ...other.nodes.flatMap(({ inputs, outputs }) => [...inputs, ...outputs]),
    ];
    expect(used.every((value) => value?.name.startsWith("net/"))).toBe(true);
    expect(new TextDecoder("latin1").decode(exportModel(other))).toContain("net/x");
    expect(await runGraph(other)).toEqual(await runGraph(graph));
  });
});
