import { existsSync, readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { nonFiniteConstants } from "../../src/onnx/non-finite.ts";
import { exportModel } from "../../src/onnx/export.ts";
import { readJson, referencePath, withoutReference } from "../reference.ts";
import { relativeDifference, run } from "./run.ts";
import { imported, noise } from "./small-model.ts";

const absent = withoutReference("import of the reference networks");

const networks = absent
  ? []
  : [
      ...readdirSync(referencePath("gradients"))
        .map((name) => ["gradients", name, "model.onnx"])
        .filter((parts) => existsSync(referencePath(...parts))),
      ...readdirSync(referencePath("models"))
        .filter((name) => name.endsWith(".onnx"))
        .map((name) => ["models", name]),
    ];

describe.skipIf(absent)("every reference network", () => {
  test("is there: 13 small ones and 3 trained ones", () => {
    expect(networks).toHaveLength(16);
  });

  test.each(networks.map((parts) => [parts.join("/"), parts] as const))("%s", async (_, parts) => {
    const bytes = readFileSync(referencePath(...parts));
    const { graph, input, inputSymbolic } = await imported(bytes);
    expect(nonFiniteConstants(graph.constants)).toEqual([]);
    expect(inputSymbolic).toBe(false);
    expect(graph.nodes.filter(({ op }) => op === "Opaque")).toEqual([]);

    const feeds = { [input.name]: noise(input.shape) };
    const [expected, found] = [await run(bytes, feeds, "test"), await run(exportModel(graph), feeds, "test")];
    expect(Object.keys(found)).toEqual(Object.keys(expected));
    for (const [name, tensor] of Object.entries(expected)) {
      expect(relativeDifference(tensor, found[name])).toBeLessThan(1e-5);
    }
  });

  test.each(
    networks.filter(([folder]) => folder === "gradients").map((parts) => [parts.join("/"), parts] as const),
  )("%s keeps its target tensor and its shape", async (_, parts) => {
    const { target } = readJson(referencePath(...parts.slice(0, -1), "manifest.json")) as {
      target: { tensor: string; shape: number[] };
    };
    const { graph } = await imported(readFileSync(referencePath(...parts)));
    const values = graph.nodes.flatMap(({ outputs }) => outputs);
    expect(values.find(({ name }) => name === target.tensor)?.shape).toEqual(target.shape);
  });
});
