import { copyFileSync, cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { noise } from "../onnx/small-model.ts";
import { folder, json, refusal, run } from "./erfit.ts";
import { array, imageShape, sound, written } from "./networks.ts";

const network = written("net.onnx", sound);
const inputs = Array.from({ length: 8 }, (_, k) => array(`compared-${k}.npy`, noise(imageShape, 80 + k)));
const others = Array.from({ length: 6 }, (_, k) => array(`others-${k}.npy`, noise(imageShape, 110 + k)));

const listed = z.object({
  layers: z.array(z.object({ folder: z.string(), layer: z.object({ label: z.string(), name: z.string() }) })),
  files: z.array(z.string()),
});
const compared = z.object({
  remarks: z.array(z.string()),
  calibrations: z.array(
    z.object({ label: z.string(), path: z.string(), sigmaX: z.object({ value: z.number() }) }),
  ),
  tests: z.array(
    z.object({ first: z.string(), second: z.string(), method: z.string(), p: z.number().nullable() }),
  ),
  growth: z.object({ points: z.array(z.unknown()) }).nullable(),
  files: z.array(z.string()),
});

const into = (name: string, ...args: readonly string[]) => ["--out", join(folder, name), ...args];
const calibrate = (name: string, images: readonly string[], ...args: readonly string[]) =>
  run(["calibrate", network, ...images, ...into(name, ...args)]);

describe("several layers", async () => {
  const document = listed.parse(
    await json(["calibrate", network, ...inputs, ...into("layers", "--layer", "all")]),
  );
  const names = document.layers.map(({ layer }) => layer.name);

  it("have a folder each, with the bits of a run of their own, and nothing of a run under way", async () => {
    expect(names.length).toBeGreaterThan(1);
    for (const { folder: own, layer } of document.layers) {
      await calibrate(`alone-${own}`, inputs, "--layer", layer.label);
      const [together, alone] = [join(folder, "layers", own), join(folder, `alone-${own}`)];
      expect(readdirSync(together).sort()).toEqual(readdirSync(alone).sort());
      for (const file of ["erf.npy", "erf.svg"])
        expect(readFileSync(join(together, file)).equals(readFileSync(join(alone, file))), file).toBe(true);
    }
  });

  it("are named one by one, each once, or by a module; a cell of one is none of several", async () => {
    const [first = "", second = ""] = names;
    const some = [
      "calibrate",
      network,
      ...inputs,
      ...into("some", "--layer", `${second}, ${first},${second}`),
    ];
    expect(listed.parse(await json(some)).layers.map(({ layer }) => layer.name)).toEqual([second, first]);
    expect(await refusal([...some, "--cell", "1,1"])).toMatch(/--cell: 2 layers have cells of their own/);
    expect(await refusal([...some.slice(0, -1), `${first},nothing`])).toMatch(/no layer named "nothing"/);
    expect(await refusal(["probe", network, ...inputs, "--layer", "all"])).toMatch(/expected one layer/);
  });

  it("may be divided into shards", async () => {
    for (const part of [1, 2])
      expect((await calibrate("parts", inputs, "--layer", "all", "--shard", `${part}/2`)).code).toBe(0);
    const [own = ""] = document.layers.map((layer) => layer.folder);
    await run(["merge", join(folder, "parts", own), ...into("whole")]);
    const [whole, together] = [join(folder, "whole"), join(folder, "layers", own)].map((path) =>
      readFileSync(join(path, "erf.npy")),
    );
    expect(whole?.equals(together ?? Buffer.of())).toBe(true);
  });
});

describe("erfit compare", async () => {
  await calibrate("one", inputs);
  await calibrate("two", inputs, "--layer", "active");
  await calibrate("three", others);
  await calibrate("other", inputs, "--protocol", "absolute");
  const [one, two, three, other] = ["one", "two", "three", "other"].map((name) => join(folder, name));
  const files = [
    "compare.json",
    "compare.csv",
    "tests.csv",
    "compare.md",
    "compare.tex",
    "tests.tex",
    "compare.svg",
    "compare.png",
  ];

  it("tells, tests and draws; the same photographs in pairs, others not", async () => {
    const args = [
      "compare",
      one ?? "",
      join(two ?? "", "calibration.json"),
      three ?? "",
      ...into("compared", "--labels", "three=c,one=a,two=b"),
    ];
    const { code, stdout, stderr } = await run(args);
    expect(code, stderr).toBe(0);
    expect(stderr).toMatch(/labels: \S+one = a, \S+two = b, \S+three = c$/m);
    expect(stdout).toMatch(/^a - b +sigma_X px .*paired jackknife$/m);
    expect(stdout).toMatch(/^a - c +sigma_Y px .*Welch$/m);
    expect(readdirSync(join(folder, "compared")).sort()).toEqual([...files].sort());
    const document = compared.parse(await json(args));
    expect(document.tests.map(({ method }) => method)).toEqual([
      ...Array<string>(2).fill("paired jackknife"),
      ...Array<string>(4).fill("Welch"),
    ]);
    expect(readFileSync(join(folder, "compared", "compare.md"), "utf8")).toMatch(/^\| a \| 8 \|/m);
    expect(readFileSync(join(folder, "compared", "compare.csv"), "utf8").split("\n")).toHaveLength(5);
  });

  it("refuses a file that is there twice, or a copy; other protocols; a calibration without its map", async () => {
    const twice = ["compare", one ?? "", join(one ?? "", ".", "calibration.json")];
    expect(await refusal(twice)).toMatch(/is the same file as/);
    const copy = join(folder, "copy");
    mkdirSync(copy);
    copyFileSync(join(one ?? "", "calibration.json"), join(copy, "calibration.json"));
    expect(await refusal(["compare", one ?? "", copy])).toMatch(/erf\.npy: no such file/);
    copyFileSync(join(one ?? "", "erf.npy"), join(copy, "erf.npy"));
    expect(await refusal(["compare", one ?? "", copy])).toMatch(/is a copy of/);
    expect(await refusal(["compare", one ?? "", other ?? ""])).toMatch(
      /different protocols: openerf .*; absolute/,
    );
    const loud = await run(["compare", one ?? "", other ?? "", "--any-protocol", ...into("loud")]);
    expect(loud.stdout).toMatch(/^warning: different protocols: .*DIFFERENT\s+QUANTITIES/ms);
    expect(await refusal(["compare", one ?? ""])).toMatch(/one calibration to compare/);
  });

  it("names folders by their paths, whatever their order", async () => {
    const names = async (...args: readonly string[]) =>
      compared
        .parse(await json(["compare", ...args, ...into("labeled")]))
        .calibrations.map(({ label, path }) => [label, basename(dirname(path))]);
    const labels = ["--labels", `one=First, ${three ?? ""}/=Third`];
    expect(await names(one ?? "", two ?? "", three ?? "", ...labels)).toEqual([
      ["First", "one"],
      [expect.any(String), "two"],
      ["Third", "three"],
    ]);
    expect((await names(three ?? "", one ?? "", ...labels)).map(([label]) => label)).toEqual([
      "Third",
      "First",
    ]);
  });

  it.each([
    ["one=a,four=b", /--labels: "four" is none of the folders compared: \S+one, \S+two/],
    ["one=a,two=a", /\S+one and \S+two have the same name, "a"/],
    ["one=a,./x/=b", /"\.\/x\/" is none of/],
    ["a,b", /--labels: expected folder=Name, with commas between: .*; found 'a,b'/],
    ["one=a,one=b", /expected folder=Name/],
    ["one=", /expected folder=Name/],
  ])("refuses the labels %s", async (labels, message) => {
    expect(await refusal(["compare", one ?? "", two ?? "", "--labels", labels])).toMatch(message);
  });

  it("refuses a label that fits several folders, or a folder with two", async () => {
    const [near, far] = [join(folder, "inner", "one"), join(folder, "inner", "deep", "one")];
    for (const [from, to] of [
      [one ?? "", near],
      [three ?? "", far],
    ] as const)
      cpSync(from, to, { recursive: true });
    const args = ["compare", near, far, "--labels"];
    expect(await refusal([...args, "one=a"])).toMatch(/"one" is ambiguous: \S+one, \S+deep.one end in it/);
    expect(await refusal([...args, `deep/one=a,${far}=b`])).toMatch(/deep.one has two names, "a" and "b"/);
    expect((await run([...args, `deep/one=a,${near}=b`, ...into("apart")])).stdout).toMatch(/^b - a /m);
  });

  it("refuses a calibration without a fit", async () => {
    const unfitted = join(folder, "unfitted");
    mkdirSync(unfitted);
    const record = z
      .looseObject({})
      .parse(JSON.parse(readFileSync(join(one ?? "", "calibration.json"), "utf8")));
    writeFileSync(join(unfitted, "calibration.json"), JSON.stringify({ ...record, fit: null }));
    expect(await refusal(["compare", two ?? "", unfitted])).toMatch(
      /unfitted.* holds no Gaussian to compare/,
    );
  });
});
