import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { cellAt, featureGrid } from "../../src/engine/feature-grid.ts";
import type { DifferentiationRequest } from "../../src/engine/network.ts";
import { openModel } from "../../src/engine/open.ts";
import { readNpy } from "../../src/math/npy.ts";
import { float32, type Tensor } from "../../src/math/tensor.ts";
import { readJson, reference, referencePath, withoutReference } from "../reference.ts";

const manifestSchema = z.object({
  target: z.object({
    tensor: z.string(),
    centre: z.object({ y: z.number().optional(), x: z.number().optional(), token: z.number().optional() }),
  }),
  logits: z.object({ tensor: z.string() }),
  tolerance: z.object({ suggested_rel_l2_vs_f64: z.number() }),
  cases: z.array(z.object({ argmax: z.number() })),
});

const absent = withoutReference("gradients of 13 networks against PyTorch in float64");
const networks =
  reference === undefined
    ? []
    : readdirSync(referencePath("gradients")).filter((name) => !name.includes("."));

const npy = (name: string, file: string): Tensor =>
  readNpy(readFileSync(referencePath("gradients", name, file)), file);

/** ||a - b|| / ||b||. */
export function relativeL2(a: Float32Array, b: Float64Array): number {
  let [difference, norm] = [0, 0];
  b.forEach((value, i) => {
    difference += ((a[i] ?? 0) - value) ** 2;
    norm += value ** 2;
  });
  return Math.sqrt(difference / norm);
}

describe.skipIf(absent)("gradients of reference networks", () => {
  it.each(networks)("%s", async (name) => {
    const manifest = manifestSchema.parse(readJson(referencePath("gradients", name, "manifest.json")));
    const { network } = await openModel(referencePath("gradients", name, "model.onnx"), { threads: 1 });
    const { tensor, centre } = manifest.target;
    const target = network.tensors.find((candidate) => candidate.name === tensor);
    const grid = featureGrid(target?.shape ?? [], network.input);
    if (grid === null) throw new Error(`${tensor} is no feature map`);
    const cell =
      centre.token === undefined
        ? cellAt(grid, centre.y ?? 0, centre.x ?? 0)
        : ([0, centre.token, null] as const);

    for (const [k, { argmax }] of manifest.cases.entries()) {
      const input = npy(name, `input_${k}.npy`);
      if (input.dtype !== "float32") throw new Error("inputs are float32");
      const image = float32(network.input.shape, input.data);
      const error = async (request: DifferentiationRequest, golden: string) => {
        const program = await network.differentiate(request);
        const { gradient } = await program.run({ image });
        await program.release();
        const expected = npy(name, golden);
        if (expected.dtype !== "float64") throw new Error("the reference is float64");
        return relativeL2(gradient.data, expected.data);
      };
      const ofCell = await error(
        { target: tensor, objective: { kind: "channel-mean", cell } },
        `grad_input_f64_${k}.npy`,
      );
      expect(ofCell).toBeLessThan(manifest.tolerance.suggested_rel_l2_vs_f64);
      const ofLogit = await error(
        {
          target: manifest.logits.tensor,
          objective: { kind: "element", index: argmax },
          withRespectTo: tensor,
        },
        `grad_target_f64_${k}.npy`,
      );
      expect(ofLogit).toBeLessThan(manifest.tolerance.suggested_rel_l2_vs_f64);
    }
  });
});
