import type { NodeProto } from "onnx-buf";
import { expect, test } from "vitest";
import { branch, imported, localFunction, model, node } from "../small-model.ts";

/** Branches in branches, `levels` deep. */
function nested(levels: number): NodeProto {
  let inner = node("Identity", ["x"], ["out0"]);
  for (let level = 1; level <= levels; level++) {
    const inside = branch({ nodes: [inner], outputs: [`out${level - 1}`] });
    inner = node("If", ["yes"], [level === levels ? "y" : `out${level}`], {
      then_branch: inside,
      else_branch: branch({ nodes: [node("Neg", ["x"], ["n"])], outputs: ["n"] }),
    });
  }
  return inner;
}

const yes = { dtype: "bool" as const, shape: [], data: Uint8Array.of(1) };
const nestedModel = (levels: number) => model({ nodes: [nested(levels)], initializers: { yes } });

test("branches lie in branches, to a depth", async () => {
  const { graph } = await imported(nestedModel(8));
  expect(graph.nodes.map(({ op }) => op)).toContain("Identity");
  await expect(imported(nestedModel(30))).rejects.toThrow(
    "net.onnx: its branches and loops lie more than 16 levels deep in one another",
  );
});

test("functions call functions, to a depth", async () => {
  const chain = (length: number) =>
    Array.from({ length }, (_, k) =>
      localFunction(
        `f${k}`,
        ["a"],
        ["b"],
        [
          node(
            k === length - 1 ? "Neg" : `f${k + 1}`,
            ["a"],
            ["b"],
            {},
            k === length - 1 ? {} : { domain: "local" },
          ),
        ],
      ),
    );
  const calling = (length: number) =>
    model({
      nodes: [node("f0", ["x"], ["y"], {}, { domain: "local" })],
      functions: chain(length),
      domains: { local: 1 },
    });
  expect((await imported(calling(40))).graph.nodes.map(({ op }) => op)).toEqual(["Neg"]);
  await expect(imported(calling(3000))).rejects.toThrow(
    "its functions call one another more than 256 levels deep",
  );
});
