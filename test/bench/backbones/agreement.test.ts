import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { agreement } from "../../../bench/backbones/agreement.ts";
import { peers, type Task } from "../../../bench/backbones/peers.ts";
import { writeMap } from "../../../src/core/npy.ts";
import { realMap } from "../../../src/core/tensor.ts";

/** A task whose maps lie in a new folder: one Gaussian each, at these columns. */
async function maps(erfit: number, openerf: number): Promise<Task> {
  const out = await mkdtemp(join(tmpdir(), "erfit-agreement-"));
  onTestFinished(() => rm(out, { recursive: true }));
  const task: Task = {
    backbone: { name: "resnet50", onnx: "", weights: "" },
    photographs: "",
    images: 1,
    threads: 1,
    out,
  };
  const gaussian = (column: number) =>
    realMap(
      32,
      32,
      Float64Array.from({ length: 1024 }, (_, p) =>
        Math.exp(-(((p % 32) - column) ** 2 + (Math.floor(p / 32) - 16) ** 2) / 50),
      ),
    );
  await writeFile(peers.erfit.map(task), writeMap(gaussian(erfit)));
  await writeFile(peers.openerf.map(task), writeMap(gaussian(openerf)));
  return task;
}

describe("whether the peers measured the same thing", () => {
  it("accepts maps that are alike", async () => {
    expect(await agreement(await maps(16, 16.05))).toBeGreaterThan(0.9999);
  });

  it("refuses maps of neighboring cells", async () => {
    await expect(agreement(await maps(16, 18))).rejects.toThrow(/resnet50: the maps .* correlate by 0\.9/);
  });
});
