import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { nonFiniteConstants } from "../../src/onnx/non-finite.ts";
import { exportModel } from "../../src/onnx/export.ts";
import { bundled, readJson, referencePath, withoutReference } from "../reference.ts";
import { relativeDifference, run } from "./run.ts";
import { imported, noise } from "./small-model.ts";

const gradients = bundled("test/fixtures/gradients");
const small = readdirSync(gradients).map((name) => ({ name, path: join(gradients, name, "model.onnx") }));

const absent = withoutReference("import of three trained networks");
const trained = absent
  ? []
  : readdirSync(referencePath("models"))
      .filter((name) => name.endsWith(".onnx"))
      .map((name) => ({ name, path: referencePath("models", name) }));

describe("every reference network", () => {
  test("is there: 13 small ones and 3 trained ones", () => {
    expect(small).toHaveLength(13);
    expect(trained).toHaveLength(absent ? 0 : 3);
  });

  test.each([...small, ...trained])("$name", async ({ path }) => {
    const bytes = readFileSync(path);
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

  test.each(small)("$name keeps its target tensor and its shape", async ({ name, path }) => {
    const { target } = readJson(join(gradients, name, "manifest.json")) as {
      target: { tensor: string; shape: number[] };
    };
    const { graph } = await imported(readFileSync(path));
    const values = graph.nodes.flatMap(({ outputs }) => outputs);
    expect(values.find(({ name }) => name === target.tensor)?.shape).toEqual(target.shape);
  });
});
