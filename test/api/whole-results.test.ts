import { readFileSync } from "node:fs";
import { join } from "node:path";
import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import {
  calibrate,
  exportCam,
  exportErf,
  merge,
  report,
  sample,
  writeCalibration,
  writeMap,
} from "../../src/index.ts";
import { folder, json, run } from "../cli/erfit.ts";
import { inputs, network, opened, untyped } from "./small.ts";

/** What the library does of what were commands alone: each gives what its command writes. */

const images = inputs(8);

describe("merge", () => {
  it("gives the calibration of one run", async () => {
    const out = join(folder, "shards");
    for (const shard of ["1/2", "2/2"])
      await run(["calibrate", network, ...images, "--shard", shard, "--out", out]);
    const whole = await calibrate(await opened(), images);
    const { map, calibration } = await merge(out);
    expect(map.data).toEqual(whole.map.data);
    expect(calibration.fit).toEqual(whole.calibration.fit);
  });

  it("refuses what is no folder's name", async () => {
    await expect(Promise.resolve().then(() => untyped(merge, [7]))).rejects.toThrow(
      "merge: the folders must be a path, or an array of paths",
    );
  });
});

describe("exportCam and exportErf", () => {
  it.each([
    [
      "cam",
      (options: object) => opened().then((model) => exportCam(model, options)),
      ["--method", "grad-cam"],
    ],
    ["erf", (options: object) => opened().then((model) => exportErf(model, options)), ["--raw"]],
  ] as const)("%s: the bytes that the command writes", async (what, exported, words) => {
    const out = join(folder, `${what}.onnx`);
    await json(["export", what, network, ...words, "--out", out]);
    const { onnx, signature, facts } = await exported(
      what === "cam" ? { method: "grad-cam" } : { raw: true },
    );
    expect(Buffer.compare(onnx, readFileSync(out))).toBe(0);
    expect(signature).toContain("float32 [");
    expect(facts["export"]).toBe(what);
  });
});

describe("report", () => {
  it("is the page of a calibration", async () => {
    const { map, calibration } = await calibrate(await opened(), images);
    const out = join(folder, "reported");
    await writeCalibration(join(out, "calibration.json"), calibration);
    await writeMap(join(out, "erf.npy"), map);
    const { title, html } = await report(out);
    expect(title).toContain("net.onnx");
    expect(html).toMatch(/^<!doctype html>/i);
    expect(html).toContain(calibration.model.sha256);
  });
});

describe("a model that is printed", () => {
  it("is told in some lines, the file first", async () => {
    const lines = inspect(await opened()).split("\n");
    expect(lines.length).toBeLessThan(20);
    expect(lines[1]).toContain("file: 'net.onnx'");
    expect(lines.join("\n")).toMatch(/layers: '\d+: /);
  });
});

describe("the sample", () => {
  it("is found wherever the program runs", () => {
    expect(readFileSync(sample.model).length).toBeGreaterThan(1e5);
    expect(sample.photographs).toMatch(/photos$/);
  });
});
