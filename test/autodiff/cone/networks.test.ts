import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { workKept } from "../../../src/autodiff/cone/work.ts";
import type { Cell } from "../../../src/autodiff/objective.ts";
import { createSession } from "../../../src/runtime/onnxruntime.ts";
import type { Graph, Value } from "../../../src/graph/graph.ts";
import { exportModel } from "../../../src/onnx/export.ts";
import { imported, noise } from "../../onnx/small-model.ts";
import { bundled, readJson, referencePath, withoutReference } from "../../reference.ts";
import { bothWays, difference } from "./both-ways.ts";

const manifestSchema = z.object({
  target: z.object({
    tensor: z.string(),
    shape: z.array(z.number()),
    centre: z.object({ y: z.number().optional(), x: z.number().optional(), token: z.number().optional() }),
  }),
});

/** The cell that a reference network's gradients were taken of. */
function targetIn(folder: string): { readonly tensor: string; readonly cell: Cell } {
  const { tensor, shape, centre } = manifestSchema.parse(readJson(join(folder, "manifest.json"))).target;
  const { y = 0, x = 0, token } = centre;
  if (token !== undefined) return { tensor, cell: [0, token, null] };
  const channelsLast = folder.includes("swin");
  return { tensor, cell: shape.length === 4 && channelsLast ? [0, y, x, null] : [0, null, y, x] };
}

async function opened(
  file: string,
  tensor: string,
): Promise<{ readonly graph: Graph; readonly target: Value }> {
  const { graph } = await imported(readFileSync(file));
  const target = graph.nodes.flatMap(({ outputs }) => outputs).find(({ name }) => name === tensor);
  if (target === undefined) throw new Error(`no tensor ${tensor}`);
  return { graph, target };
}

/** As the engine runs it: optimized. */
async function run(program: Graph) {
  const session = await createSession(exportModel(program), "a test", { threads: 1, optimization: "all" });
  const outputs = await session.run(
    Object.fromEntries(program.inputs.map(({ name, shape }) => [name, noise(shape, 5)])),
  );
  await session.release();
  return program.outputs.flatMap(({ name }) => outputs[name] ?? []);
}

async function kept(file: string, tensor: string, cell: Cell): Promise<number> {
  const { graph, target } = await opened(file, tensor);
  return workKept(graph, target, cell);
}

const networksIn = (folder: string): readonly string[] =>
  readdirSync(folder).filter((name) => existsSync(join(folder, name, "model.onnx")));

async function agrees(folder: string): Promise<void> {
  const { tensor, cell } = targetIn(folder);
  const { graph, target } = await opened(join(folder, "model.onnx"), tensor);
  expect(difference(await bothWays(graph, target, cell, run))).toBeLessThanOrEqual(1e-6);
}

const fixtures = bundled("test/fixtures/gradients");
const vgg16 = bundled("models/vgg16-sample.onnx");

describe("through the cone as without it", () => {
  it.each(networksIn(fixtures))("%s", async (name) => {
    await agrees(join(fixtures, name));
  });

  it("VGG-16, to the bit", async () => {
    const { graph, target } = await opened(vgg16, "block5_conv3");
    expect(difference(await bothWays(graph, target, [0, null, 7, 7], run))).toBe(0);
  });
});

const absent = withoutReference("the cone of a trained MobileNetV2");

describe("the share of the work that is kept", () => {
  it("VGG-16: 0.48, at a corner less", async () => {
    expect(await kept(vgg16, "block5_conv3", [0, null, 7, 7])).toBeCloseTo(0.483, 3);
    expect(await kept(vgg16, "block5_conv3", [0, null, 0, 0])).toBeLessThan(0.2);
  });

  it.skipIf(absent)("MobileNetV2: 0.82", async () => {
    const file = referencePath("models", "mobilenet_v2_1.0_224.onnx");
    expect(await kept(file, "last_conv", [0, null, 3, 3])).toBeCloseTo(0.816, 3);
  });
});
