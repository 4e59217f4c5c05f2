import { expect, test } from "vitest";
import { print } from "../../../src/graph/print.ts";
import { branch, float, floats, imported, localFunction, model, node, reference } from "../small-model.ts";

const call = (
  opType: string,
  input: readonly string[],
  output: readonly string[],
  settings = {},
  name = "",
) => node(opType, input, output, settings, { domain: "local", name });

const domains = { local: 1 };

test("functions are written out at their calls, functions in functions too, with their attributes", async () => {
  const functions = [
    localFunction(
      "Leaky",
      ["a"],
      ["b"],
      [node("LeakyRelu", ["a"], ["b"], { alpha: reference("slope") })],
      ["slope"],
    ),
    localFunction(
      "Block",
      ["p", "q"],
      ["r"],
      [call("Leaky", ["p"], ["inner"], { slope: reference("slope") }), node("Add", ["inner", "q"], ["r"])],
      ["slope"],
    ),
  ];
  const nodes = [
    call("Block", ["x", "one"], ["z"], { slope: float(0.25) }, "first"),
    call("Block", ["z", "one"], ["w"], {}, "second"),
    call("Leaky", ["w"], ["y"], { slope: float(0.5) }),
  ];
  const { graph } = await imported(model({ nodes, functions, domains, initializers: { one: floats(1) } }));
  expect(print(graph)).toMatchInlineSnapshot(`
    "input x: float32[1,4,6,5]
    constant one: float32[1]
    first/inner: float32[1,4,6,5] = LeakyRelu(x; alpha=0.25)
    z: float32[1,4,6,5] = Add(first/inner, one)
    second/inner: float32[1,4,6,5] = LeakyRelu(z; alpha=0.01)
    w: float32[1,4,6,5] = Add(second/inner, one)
    y: float32[1,4,6,5] = LeakyRelu(w; alpha=0.5)
    return y"
  `);
  expect(graph.nodes.map(({ source }) => source?.node)).toEqual([
    "first/Leaky/LeakyRelu",
    "first/Add",
    "second/Leaky/LeakyRelu",
    "second/Add",
    "Leaky/LeakyRelu",
  ]);
});

test("an attribute that a call leaves out has the function's default", async () => {
  const body = [node("LeakyRelu", ["a"], ["b"], { alpha: reference("slope") })];
  const leaky = localFunction("Leaky", ["a"], ["b"], body, [], { slope: float(0.125) });
  const { graph } = await imported(
    model({ nodes: [call("Leaky", ["x"], ["y"])], functions: [leaky], domains }),
  );
  expect(graph.nodes[0]?.attributes).toEqual({ alpha: 0.125 });
});

test("a function inside a branch, and a branch inside a function", async () => {
  const twice = localFunction("Twice", ["a"], ["b"], [node("Add", ["a", "a"], ["b"])]);
  const thenBranch = branch({ nodes: [call("Twice", ["a"], ["t"])], outputs: ["t"] });
  const elseBranch = branch({ nodes: [node("Neg", ["a"], ["e"])], outputs: ["e"] });
  const chooses = localFunction(
    "Choose",
    ["a", "c"],
    ["b"],
    [node("If", ["c"], ["b"], { then_branch: thenBranch, else_branch: elseBranch })],
  );
  const nodes = [node("Greater", ["two", "one"], ["c"]), call("Choose", ["x", "c"], ["y"])];
  const initializers = { one: floats(1), two: floats(2) };
  const squeezed = [
    node("Squeeze", ["two"], ["s"]),
    node("Squeeze", ["one"], ["o"]),
    node("Greater", ["s", "o"], ["c"]),
    ...nodes.slice(1),
  ];
  const { graph } = await imported(
    model({ nodes: squeezed, functions: [twice, chooses], domains, initializers }),
  );
  expect(print(graph)).toMatchInlineSnapshot(`
    "input x: float32[1,4,6,5]
    y: float32[1,4,6,5] = Add(x, x)
    return y"
  `);
});

test("nodes without names are told apart in the function that they are written out from", async () => {
  const negated = localFunction("F", ["a"], ["b"], [node("Neg", ["a"], ["m"]), node("Neg", ["m"], ["b"])]);
  const bytes = model({ nodes: [call("F", ["x"], ["y"])], functions: [negated], domains });
  const { graph } = await imported(bytes); // loaded by the runtime, which takes each name once
  expect(graph.nodes.map(({ source }) => source?.node)).toEqual(["F/Neg", "F/Neg_1"]);
});

test("a function that calls itself is refused, and one that explodes", async () => {
  const recursive = localFunction("F", ["a"], ["b"], [call("G", ["a"], ["b"])]);
  const back = localFunction("G", ["a"], ["b"], [call("F", ["a"], ["b"])]);
  const nodes = [call("F", ["x"], ["y"])];
  await expect(imported(model({ nodes, functions: [recursive, back], domains }))).rejects.toThrow(
    'net.onnx: the function F calls itself, at node "F/G/F"',
  );
  const doubling = Array.from({ length: 40 }, (_, level) =>
    localFunction(
      `F${level}`,
      ["a"],
      ["b"],
      [call(`F${level + 1}`, ["a"], ["m"]), call(`F${level + 1}`, ["m"], ["b"])],
    ),
  );
  await expect(
    imported(
      model({
        nodes: [call("F0", ["x"], ["y"])],
        functions: [...doubling, localFunction("F40", ["a"], ["b"], [node("Relu", ["a"], ["b"])])],
        domains,
      }),
    ),
  ).rejects.toThrow("its functions write out to more than");
});
