import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import type { Cell } from "../../src/autodiff/objective.ts";
import { cellAt, featureGrid } from "../../src/runtime/feature-grid.ts";
import type { DifferentiationRequest } from "../../src/runtime/network.ts";
import { openModel } from "../../src/runtime/open.ts";
import { readNpy } from "../../src/core/npy.ts";
import { float32, type Tensor } from "../../src/core/tensor.ts";
import { relativeL2 } from "../relative-l2.ts";
import { bundled, readJson, reference, referencePath, withoutReference } from "../reference.ts";

const manifestSchema = z.object({
  target: z.object({
    tensor: z.string(),
    centre: z.object({ y: z.number().optional(), x: z.number().optional(), token: z.number().optional() }),
  }),
  logits: z.object({ tensor: z.string() }),
  tolerance: z.object({ suggested_rel_l2_vs_f64: z.number() }),
  cases: z.array(z.object({ argmax: z.number() })),
});

const npy = (folder: string, file: string): Tensor => readNpy(readFileSync(join(folder, file)), file);

/** Networks in a folder, one to a folder of its own. */
const networksIn = (folder: string | undefined): readonly (readonly [name: string, folder: string])[] =>
  folder === undefined
    ? []
    : readdirSync(folder)
        .filter((name) => !name.includes("."))
        .map((name) => [name, join(folder, name)]);

/** Both gradients of every case whose arrays are there. */
async function agreesWithPyTorch(folder: string): Promise<void> {
  const manifest = manifestSchema.parse(readJson(join(folder, "manifest.json")));
  const { network } = await openModel(join(folder, "model.onnx"), { threads: 1 });
  const { tensor, centre } = manifest.target;
  const target = network.tensors.find((candidate) => candidate.name === tensor);
  const grid = featureGrid(target?.shape ?? [], network.input);
  if (grid === null) throw new Error(`${tensor} is no feature map`);
  const cell: Cell =
    centre.token === undefined ? cellAt(grid, centre.y ?? 0, centre.x ?? 0) : [0, centre.token, null];
  const toLogit = (index: number): DifferentiationRequest => ({
    target: manifest.logits.tensor,
    objective: { kind: "element", index },
    withRespectTo: tensor,
  });

  const cases = manifest.cases.filter((_, k) => existsSync(join(folder, `input_${k}.npy`)));
  expect(cases.length).toBeGreaterThan(0);
  for (const [k, { argmax }] of cases.entries()) {
    const input = npy(folder, `input_${k}.npy`);
    if (input.dtype !== "float32") throw new Error("inputs are float32");
    const image = float32(network.input.shape, input.data);
    const error = async (request: DifferentiationRequest, golden: string) => {
      const program = await network.differentiate(request);
      const { gradient } = await program.run({ image });
      await program.release();
      const expected = npy(folder, golden);
      if (expected.dtype !== "float64") throw new Error("the reference is float64");
      return relativeL2(gradient.data, expected.data);
    };
    const tolerance = manifest.tolerance.suggested_rel_l2_vs_f64;
    const ofCell = { target: tensor, objective: { kind: "channel-mean", cell } } as const;
    expect(await error(ofCell, `grad_input_f64_${k}.npy`)).toBeLessThan(tolerance);
    expect(await error(toLogit(argmax), `grad_target_f64_${k}.npy`)).toBeLessThan(tolerance);
  }
}

describe("gradients of bundled networks are PyTorch's", () => {
  it.each(networksIn(bundled("test/fixtures/gradients")))("%s", async (_, folder) => {
    await agreesWithPyTorch(folder);
  });
});

const absent = withoutReference("two more inputs of each of the 13 networks");

describe.skipIf(absent)("gradients of every input of the reference are PyTorch's", () => {
  it.each(networksIn(reference && referencePath("gradients")))("%s", async (_, folder) => {
    await agreesWithPyTorch(folder);
  });
});
