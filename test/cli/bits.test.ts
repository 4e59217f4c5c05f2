import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { afterAll, describe, expect, it, vi } from "vitest";
import { z } from "zod";
import { bundled, readJson } from "../reference.ts";
import { folder, json } from "./erfit.ts";

/**
 * The bits of erf.npy and of the fit. Whatever the number of threads, shards and interruptions they are the same; and from one
 * version of erfit to the next they are those of `test/fixtures/bits.json`, for the processors that it knows: ONNX Runtime picks
 * its kernels by what the processor can do, and each adds in another order.
 */
const require = createRequire(import.meta.url);
const versionOf = (name: string): string =>
  z.object({ version: z.string() }).parse(require(`${name}/package.json`)).version;

/** Extensions by which ONNX Runtime's float32 kernels differ. */
const extensions = ["avx2", "fma", "avx512f", "avx512bw", "avx512vl", "avx512_bf16", "amx_tile"];

function machine(): string {
  const flags = existsSync("/proc/cpuinfo") ? /^flags.*$/m.exec(readFileSync("/proc/cpuinfo", "utf8")) : null;
  const present = new Set(flags?.[0].split(/\s+/));
  const has = extensions.filter((extension) => present.has(extension)).join(" ");
  return `${process.platform} ${process.arch} ${has || "unknown"}, onnxruntime-node ${versionOf("onnxruntime-node")}`;
}

const recorded = z
  .record(z.string(), z.record(z.string(), z.string()))
  .parse(readJson(bundled("test/fixtures/bits.json")))[machine()];

/** What this machine gave, where nothing is recorded of it: to be added to the file. */
const unrecorded: Record<string, string> = {};
afterAll(() => {
  if (recorded !== undefined) return;
  const bits = JSON.stringify({ [machine()]: unrecorded }, null, 2);
  console.warn(`runs are compared with each other alone: test/fixtures/bits.json lacks ${bits}`);
});

const estimate = z.object({ value: z.number() });
const calibration = z.object({
  fit: z.object({
    amplitude: estimate,
    centerX: estimate,
    centerY: estimate,
    sigmaX: estimate,
    sigmaY: estimate,
    rSquared: z.number(),
  }),
});

/** A digest of the map's bytes and of the fit's float64 numbers. */
function bitsOf(out: string): string {
  const { fit } = calibration.parse(readJson(join(folder, out, "calibration.json")));
  const { amplitude, centerX, centerY, sigmaX, sigmaY, rSquared } = fit;
  const numbers = [amplitude, centerX, centerY, sigmaX, sigmaY].map(({ value }) => value);
  return createHash("sha256")
    .update(readFileSync(join(folder, out, "erf.npy")))
    .update(Float64Array.of(...numbers, rSquared))
    .digest("hex");
}

const photographs = bundled("photos");
const sample = bundled("models/vgg16-sample.onnx");

async function calibrated(out: string, network: string, ...more: readonly string[]): Promise<string> {
  await json(["calibrate", network, photographs, "--out", out, ...more]);
  return bitsOf(out);
}

function expectRecorded(name: string, bits: string): void {
  if (recorded === undefined) unrecorded[name] = bits;
  else expect(bits).toBe(recorded[name]);
}

describe("the bits of a calibration", () => {
  it.each(["resnet_tiny", "swin_tiny_legacy", "convnext_tiny_legacy"])(
    "of %s, with one thread and two",
    async (name) => {
      const network = bundled(`test/fixtures/gradients/${name}/model.onnx`);
      const bits = await calibrated(`${name}.1`, network, "--threads", "1");
      expect(await calibrated(`${name}.2`, network, "--threads", "2")).toBe(bits);
      expectRecorded(name, bits);
    },
  );

  it("of the sample, with one thread and two, in three shards, and killed on its way", async () => {
    const bits = await calibrated("sample.1", sample, "--threads", "1");
    expect(await calibrated("sample.2", sample, "--threads", "2")).toBe(bits);

    const shards = ["1/3", "2/3", "3/3"];
    for (const shard of shards)
      await json(["calibrate", sample, photographs, "--shard", shard, "--out", "sample.shards"]);
    await json(["merge", "sample.shards", "--out", "sample.merged"]);
    expect(bitsOf("sample.merged")).toBe(bits);

    const args = ["calibrate", sample, photographs, "--threads", "1", "--out", "sample.killed"];
    const child = spawn(process.execPath, [bundled("bin/erfit.js"), ...args], {
      cwd: folder,
      stdio: "ignore",
    });
    const ended = new Promise((resolve) =>
      child.on("exit", (_, signal) => {
        resolve(signal);
      }),
    );
    const state = join(folder, "sample.killed", "probe.state");
    await vi.waitUntil(() => existsSync(state) || child.exitCode !== null, { timeout: 60_000, interval: 10 });
    child.kill("SIGKILL");
    expect(await ended).toBe("SIGKILL");
    await json(args);
    expect(bitsOf("sample.killed")).toBe(bits);
    expectRecorded("sample", bits);
  });
});
