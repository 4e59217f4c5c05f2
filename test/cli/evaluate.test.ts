import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { noise } from "../onnx/small-model.ts";
import { folder, json, refusal, run, sampleModel, samplePhotograph } from "./erfit.ts";
import { array, imageShape, sound, written } from "./networks.ts";

const estimate = z.object({ value: z.number(), interval: z.tuple([z.number(), z.number()]) });
const row = z.object({
  column: z.string(),
  test: z.string(),
  measures: z.record(z.string(), estimate),
  kept: z.number().nullable(),
});
const result = z.object({
  photographs: z.int(),
  target: z.string(),
  skipped: z.array(z.object({ image: z.string(), skipped: z.string() })),
  columns: z.array(z.looseObject({ key: z.string(), title: z.string() })),
  reading: z.array(z.string()),
  tables: z.array(
    z.object({ table: z.string(), title: z.string(), fill: z.string(), rows: z.array(row.loose()) }),
  ),
  rows: z.array(row),
  differences: z.array(z.looseObject({ a: z.string(), b: z.string(), separated: z.boolean() })),
  sigmaSweep: z
    .looseObject({
      points: z.array(z.looseObject({ sigmaX: z.number(), calibrated: z.boolean() })),
      answers: z.array(z.looseObject({ claim: z.string(), verdict: z.string() })),
    })
    .nullable(),
  files: z.array(z.string()),
});

const network = written("net.onnx", sound);
const tensors = Array.from({ length: 6 }, (_, k) => array(`x${k}.npy`, noise(imageShape, 70 + k)));
const sigma = ["--sigma", "3,2.5"];

const evaluate = async (...args: readonly string[]) => result.parse(await json(["evaluate", ...args]));
const linesOf = (path: string): readonly string[] => readFileSync(path, "utf8").trimEnd().split("\n");

describe.concurrent("erfit evaluate", () => {
  it("runs the paper's methods beside the controls, and writes tables, rows and what they mean", async () => {
    const out = join(folder, "default");
    const found = await evaluate(network, ...tensors, ...sigma, "--out", out);
    const names = ["evaluation.md", "evaluation.json", "tables.csv", "differences.csv", "per-image.csv"];
    expect(readdirSync(out).sort()).toEqual([...names].sort());
    expect(found.files).toEqual(names.map((name) => join(out, name)));
    expect(found).toMatchObject({ photographs: 6, target: "predicted", skipped: [], sigmaSweep: null });
    expect(found.columns.map(({ key }) => key)).toEqual([
      ...["grad-cam", "grad-cam++", "extended"].flatMap((name) => [`${name}.bilinear`, `${name}.gaussian`]),
      ...["random", "extended-shuffled", "extended-other-image"].flatMap((name) => [
        `${name}.bilinear`,
        `${name}.gaussian`,
      ]),
    ]);
    expect(found.rows).toHaveLength(24);
    expect(found.tables.map(({ table, rows }) => [table, rows.length])).toEqual([
      ["2", 6],
      ["3", 6],
      ["4", 12],
    ]);
    for (const { measures } of found.rows)
      expect(Object.keys(measures)).toEqual(["drop", "increase", "gain"]);
    expect(found.reading.at(-1)).toMatch(/^With 6 photographs/);

    const [head = "", ...lines] = linesOf(join(out, "per-image.csv"));
    expect(head.split(",").slice(0, 3)).toEqual(["image", "class_index", "class"]);
    expect(lines).toHaveLength(6 * 24);
    const markdown = readFileSync(join(out, "evaluation.md"), "utf8");
    for (const words of ["## Table 2: ", "## Table 3: ", "## Table 4: ", ...found.reading])
      expect(markdown).toContain(words);
    expect(markdown).not.toContain("paper: Drop / Increase");
  });

  it("measures a photograph the same whoever computes it, and by itself and its partner alone", async () => {
    const run = async (threads: string, ...images: readonly string[]) => {
      const out = join(folder, `threads-${threads}-${images.length}`);
      await evaluate(network, ...images, ...sigma, "--threads", threads, "--out", out);
      return linesOf(join(out, "per-image.csv"));
    };
    const [one, two] = await Promise.all([run("1", ...tensors), run("2", ...tensors)]);
    expect(two).toEqual(one);
    const [five] = await Promise.all([run("2", ...tensors.slice(1).reverse())]);
    const own = (lines: readonly string[]) =>
      lines.filter((line) => line.startsWith("x3.npy") && !line.includes("other-image"));
    expect(own(five)).toEqual(own(one));
    expect(own(five)).toHaveLength(20);
  });

  it("takes the labeled class, from a file or from folders", async () => {
    const labels = join(folder, "labels.csv");
    writeFileSync(labels, ["image,class", ...tensors.map((_, k) => `x${k}.npy,${k % 3}`)].join("\n"));
    const out = join(folder, "labeled");
    const few = ["-m", "extended", "-u", "bilinear", "--control", "shuffled"];
    const found = await evaluate(network, ...tensors, ...few, "--labels", labels, "--out", out);
    expect(found.target).toBe("labeled");
    const classes = linesOf(join(out, "per-image.csv"))
      .slice(1)
      .map((line) => line.split(",").slice(0, 2));
    for (const [image = "", index] of classes) expect(Number(index)).toBe(Number(image.charAt(1)) % 3);

    for (const name of ["ant", "bee", "cow"]) mkdirSync(join(folder, "classes", name), { recursive: true });
    const inFolders = ["ant", "bee", "cow"].map((name, k) =>
      array(`classes/${name}/p.npy`, noise(imageShape, k)),
    );
    const sorted = await evaluate(
      network,
      ...inFolders,
      ...few,
      "--labels",
      "folders",
      "--out",
      join(folder, "by-folder"),
    );
    expect(sorted.photographs).toBe(3);
    const found2 = linesOf(join(folder, "by-folder", "per-image.csv"))
      .slice(1)
      .map((line) => line.split(",")[1]);
    expect([...new Set(found2)]).toEqual(["0", "1", "2"]);

    writeFileSync(labels, "x0.npy,1\n");
    const line = await refusal(["evaluate", network, ...tensors, ...few, "--labels", labels, "--out", out]);
    expect(line).toMatch(/5 of 6 photographs have no class: x1\.npy/);
    writeFileSync(labels, tensors.map((_, k) => `x${k}.npy,3`).join("\n"));
    expect(await refusal(["evaluate", network, ...tensors, ...few, "--labels", labels])).toMatch(
      /x0\.npy has class 3, but the model has 3 classes/,
    );
  });

  it("adds fills, curves and logits on request", async () => {
    const out = join(folder, "more");
    const more = ["--fill", "black", "mean", "blur", "--curve", "deletion", "insertion", "--steps", "4"];
    const few = ["-m", "extended", "--control", "random", "--confidence", "logit", "--masking", "relative"];
    const found = await evaluate(network, ...tensors, ...sigma, ...more, ...few, "--out", out);
    const tests = [...new Set(found.rows.map(({ test }) => test))];
    expect(tests.sort()).toEqual([
      "deletion",
      "insertion",
      "relative.black",
      "relative.blur",
      "relative.mean",
    ]);
    expect(found.rows.every(({ measures }) => measures["gain"] === undefined)).toBe(true);
    expect(readFileSync(join(out, "evaluation.md"), "utf8")).toContain("## Deletion and insertion");
  });

  it("sweeps sigma, with the calibrated one and 20 px, and answers the paper's two claims", async () => {
    const out = join(folder, "sweep");
    const few = ["-m", "extended", "--control", "shuffled"];
    const found = await evaluate(
      network,
      ...tensors,
      ...sigma,
      ...few,
      "--sigma-sweep",
      "0.5x:2x:0.5x",
      "--out",
      out,
    );
    expect(found.sigmaSweep?.points.map(({ sigmaX, calibrated }) => [sigmaX, calibrated])).toEqual([
      [1.5, false],
      [3, true],
      [4.5, false],
      [6, false],
      [20, false],
    ]);
    const claims = found.sigmaSweep?.answers.map(({ claim }) => claim) ?? [];
    expect(new Set(claims).size).toBe(2);
    expect(found.columns).toHaveLength(4);
    expect(existsSync(join(out, "sigma-sweep.png"))).toBe(true);
    expect(readFileSync(join(out, "evaluation.md"), "utf8")).toContain("## What sigma does");
    expect(await refusal(["evaluate", network, ...tensors, "--sigma-sweep", "10"])).toMatch(/--sigma/);
    expect(await refusal(["evaluate", network, ...tensors, ...sigma, "--sigma-sweep", "10:5:1"])).toMatch(
      /--sigma-sweep 10:5:1: expected a list/,
    );
  });

  it("goes on where it was stopped, with the same settings only", async () => {
    const out = join(folder, "stopped");
    const args = [
      "evaluate",
      network,
      ...tensors,
      ...sigma,
      "-m",
      "extended",
      "--control",
      "shuffled",
      "--out",
      out,
    ];
    mkdirSync(join(out, "evaluation.md"), { recursive: true }); // nothing can be written there: the run stops at its end
    expect((await run(args)).code).toBe(2);
    expect(readdirSync(out).sort()).toEqual(["evaluation.journal", "evaluation.md"]);
    expect(await refusal([...args, "--keep", "40"])).toMatch(/left by another run: design: .+--restart/);
    rmdirSync(join(out, "evaluation.md"));
    const { stdout, code } = await run(args);
    expect(code).toBe(0);
    expect(stdout).toContain("6 photographs of these were measured before");
    expect(existsSync(join(out, "evaluation.journal"))).toBe(false);
    expect(linesOf(join(out, "per-image.csv"))).toHaveLength(1 + 6 * 8);
  });

  it("skips what cannot be read, and says so", async () => {
    const cut = join(folder, "cut.jpg");
    writeFileSync(cut, readFileSync(samplePhotograph("cat.jpg")).subarray(0, 9000));
    const found = await evaluate(
      network,
      ...tensors,
      cut,
      ...sigma,
      "-m",
      "extended",
      "--out",
      join(folder, "cut"),
    );
    expect(found.photographs).toBe(6);
    expect(found.skipped.map(({ image }) => image)).toEqual(["cut.jpg"]);
  });

  it("says what is wrong with what it is given", async () => {
    const refused = (...args: readonly string[]) => refusal(["evaluate", network, ...tensors, ...args]);
    expect(await refused("--keep", "100")).toMatch(
      /--keep: expected a percentage between 0 and 100; found 100/,
    );
    expect(await refused("--sigma", "0")).toMatch(
      /--sigma: expected sigma_X and sigma_Y, or one number for both, in pixels above 0/,
    );
    expect(await refused("-u", "gaussian")).toMatch(/gaussian needs a calibration/);
    expect(await refused(...sigma, "--position", "calibrated")).toMatch(
      /--position calibrated needs a calibration/,
    );
    const alone = await refusal(["evaluate", network, tensors[0] ?? "", "--out", join(folder, "alone")]);
    expect(alone).toMatch(/no other photograph that can be read/);
  });
});

it("erfit evaluate of the bundled sample", async () => {
  const out = join(folder, "sample");
  const few = ["--limit", "3", "-m", "extended", "--control", "shuffled"];
  const found = await evaluate(
    sampleModel,
    samplePhotograph(""),
    "--sigma",
    "31.7797,33.3606",
    ...few,
    "--out",
    out,
  );
  expect(found.photographs).toBe(3);
  for (const { measures, test, kept } of found.rows) {
    expect(measures["drop"]?.value).toBeGreaterThanOrEqual(0);
    expect(measures["drop"]?.value).toBeLessThanOrEqual(100);
    if (test === "relative.black") expect(kept).toBeCloseTo(0.5, 9);
  }
  const lines = linesOf(join(out, "per-image.csv")).slice(1);
  expect(lines).toHaveLength(3 * 8);
  expect(lines[0]).toMatch(/^astronaut\.jpg,9,clothing,9,,extended\.bilinear,extended,bilinear,,full,black,/);
  // The set-up is the paper's: its numbers stand beside.
  expect(readFileSync(join(out, "evaluation.md"), "utf8")).toContain("21.89 / 28.72");
});
