import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { InferenceSession } from "onnxruntime-node";
import { expect, test } from "vitest";
import { gradientOf } from "../gradient.ts";
import { relativeDifference } from "../run.ts";
import { imported, noise } from "../small-model.ts";

const fixtures = new URL("../../fixtures/", import.meta.url).pathname;

/** The model as ONNX Runtime saves it at an optimization level. */
async function savedAt(level: "basic" | "extended" | "all", path: string): Promise<Uint8Array> {
  const folder = await mkdtemp(join(tmpdir(), "erfit-optimized-"));
  const optimizedModelFilePath = join(folder, "model.onnx");
  const options = { graphOptimizationLevel: level, optimizedModelFilePath, logSeverityLevel: 4 } as const;
  const session = await InferenceSession.create(path, options);
  await session.release();
  const bytes = await readFile(optimizedModelFilePath);
  await rm(folder, { recursive: true });
  return new Uint8Array(bytes);
}

const networks = ["pools_net", "resnet_tiny", "shuffle_se_legacy"];
const levels = ["basic", "extended"] as const;

test.each(networks.flatMap((name) => levels.map((level) => [name, level] as const)))(
  "%s as ONNX Runtime saves it at level %s has the same gradient",
  async (name, level) => {
    const path = join(fixtures, "gradients", name, "model.onnx");
    const before = await imported(new Uint8Array(await readFile(path)));
    const after = await imported(await savedAt(level, path));
    const [x, v] = [noise(before.input.shape), noise(before.graph.outputs[0]?.shape ?? [], 2)];
    const expected = await gradientOf(before.graph, x, v);
    expect(relativeDifference(expected, await gradientOf(after.graph, x, v))).toBeLessThan(1e-5);
  },
);

test("at level all it is tied to one processor, and refused", async () => {
  const path = join(fixtures, "gradients", "resnet_tiny", "model.onnx");
  await expect(imported(await savedAt("all", path))).rejects.toThrow(
    'was saved by ONNX Runtime at optimization level "all"',
  );
});
