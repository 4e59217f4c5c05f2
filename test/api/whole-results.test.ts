import { readFileSync } from "node:fs";
import { join } from "node:path";
import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import {
  calibrate,
  compare,
  exportCam,
  exportErf,
  merge,
  openModel,
  report,
  sample,
  writeCalibration,
  writeMap,
  type ComparisonRecord,
} from "../../src/index.ts";
import { folder, json, run, samplePhotograph } from "../cli/erfit.ts";
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

describe("compare", () => {
  it("tests what calibrate gave as the command tests the folders", async () => {
    const model = await openModel(sample.model, { threads: 1 });
    const photographs = ["cat.jpg", "coffee.jpg", "rocket.jpg", "astronaut.jpg"].map(samplePhotograph);
    const [early, middle, late] = [
      await calibrate(model, photographs, { layer: "block2_conv2" }),
      await calibrate(model, photographs, { layer: "block3_conv1" }),
      await calibrate(model, photographs, { layer: "block3_conv3" }),
    ];
    await model.close();
    const folders = await Promise.all(
      Object.entries({ early, middle, late }).map(async ([name, { map, calibration }]) => {
        const path = join(folder, "compared", name);
        await writeCalibration(join(path, "calibration.json"), calibration);
        await writeMap(join(path, "erf.npy"), map);
        return path;
      }),
    );
    const labels = `${folders[0] ?? ""}=early,${folders[1] ?? ""}=middle,${folders[2] ?? ""}=late`;
    const { tests, growth } = (await json(["compare", ...folders, "--labels", labels])) as ComparisonRecord;
    const held = await compare([
      { ...early, label: "early" },
      { ...middle, label: "middle" },
      { ...late, label: "late" },
    ]);
    expect(JSON.parse(JSON.stringify(held.tests))).toEqual(tests);
    expect(JSON.parse(JSON.stringify(held.growth))).toEqual(growth);
    expect((await compare(folders)).calibrations.map(({ sigmaX }) => sigmaX)).toEqual(
      held.calibrations.map(({ sigmaX }) => sigmaX),
    );
    expect((await held.figure()).svg).toContain("early");
    expect((await held.growthFigure())?.svg).toMatch(/^<svg/);
  });

  it("tells two of one layer apart that have no labels", async () => {
    const model = await openModel(sample.model, { threads: 1 });
    const [one, two] = await Promise.all(
      [
        ["cat.jpg", "coffee.jpg"],
        ["rocket.jpg", "astronaut.jpg"],
      ].map((names) => calibrate(model, names.map(samplePhotograph), { layer: "block3_conv3" })),
    );
    await model.close();
    const { calibrations } = await compare([one, two].filter((given) => given !== undefined));
    expect(calibrations.map(({ label }) => label)).toEqual(["calibration 1", "calibration 2"]);
  });

  it("refuses what is no calibration", async () => {
    await expect(Promise.resolve().then(() => untyped(compare, [[{}]]))).rejects.toThrow(
      "calibration 0 must be a folder, or what calibrate gave",
    );
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
