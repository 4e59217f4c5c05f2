import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";
import { z } from "zod";
import { openExplainer, type Explainer, type ExplainerOptions } from "../../src/cam/explain.ts";
import type { CamMethodName } from "../../src/cam/methods.ts";
import { findLayer } from "../../src/runtime/layers.ts";
import type { Network } from "../../src/runtime/network.ts";
import { openModel } from "../../src/runtime/open.ts";
import { readNpy } from "../../src/core/npy.ts";
import { float32, realMap, type RealMap, type Tensor } from "../../src/core/tensor.ts";

/** Small networks and what PyTorch programs make of them; see the folder's README. */
const pathOf = (name: string): string => fileURLToPath(new URL(`../fixtures/cams/${name}`, import.meta.url));

const grid = z.array(z.array(z.number()));
const grids = z.record(z.string(), grid);

const expectedSchema = z.object({
  mixing: z.object({
    logits: z.array(z.number()),
    classIndex: z.number(),
    otherClass: z.number(),
    cases: z.record(z.string(), grids),
    maps: grids,
    smooth: z.object({ first: grid, second: grid }),
  }),
  pooled: z.object({ classIndex: z.number(), cam: grid }),
  tokens: z.object({ classIndex: z.number(), methods: grids }),
  bicubic: z.object({ grid, maps: z.array(grid) }),
});

export const expected = expectedSchema.parse(JSON.parse(readFileSync(pathOf("expected.json"), "utf8")));

export const mapOf = (rows: readonly (readonly number[])[]): RealMap =>
  realMap(rows.length, rows[0]?.length ?? 0, Float64Array.from(rows.flat()));

export function fixtureTensor(name: string): Tensor<"float32"> {
  const tensor = readNpy(readFileSync(pathOf(`${name}.npy`)), name);
  if (tensor.dtype !== "float32") throw new Error(`${name} is ${tensor.dtype}`);
  return tensor;
}

/** The images of a tensor of several, one by one. */
export function images({ shape: [count = 0, ...one], data }: Tensor<"float32">): Tensor<"float32">[] {
  const size = data.length / count;
  return Array.from({ length: count }, (_, k) =>
    float32([1, ...one], data.subarray(k * size, (k + 1) * size)),
  );
}

export const fixtureNetwork = async (name: string): Promise<Network> =>
  (await openModel(pathOf(`${name}.onnx`), { threads: 1 })).network;

export const everything: ExplainerOptions = {
  score: "logit",
  images: 1,
  requirements: new Set(["gradient"]),
  classes: "predicted",
};

export async function fixtureExplainer(
  model: string,
  layer: string,
  options: Partial<ExplainerOptions> = {},
): Promise<Explainer> {
  const network = await fixtureNetwork(model);
  const explainer = await openExplainer(network, findLayer(network, layer), { ...everything, ...options });
  onTestFinished(() => explainer.release());
  return explainer;
}

export const methodNames = (of: Readonly<Record<string, unknown>>): CamMethodName[] =>
  Object.keys(of) as CamMethodName[];
