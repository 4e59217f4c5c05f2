import { execFile } from "node:child_process";
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { info, model, node, noise } from "../onnx/small-model.ts";
import { edit, editsOf } from "./edit.ts";
import { pages } from "./markdown.ts";
import { standInOnnx } from "./stand-in-network.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const { resolve } = createRequire(import.meta.url);
const tsc = resolve("typescript/bin/tsc");
const vitest = join(resolve("vitest/package.json"), "../vitest.mjs");

const page = pages.find(({ path }) => path === "docs/extending.md");
const diffs = page?.blocks.filter(({ language }) => language === "diff") ?? [];
const commands = page?.blocks.filter(({ language }) => language === "sh") ?? [];

interface Outcome {
  readonly code: number;
  readonly printed: string;
}

/** A copy of what is compiled and tested, with the packages and pictures of the checkout. */
async function copy(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "erfit-extended-"));
  afterAll(() => rm(folder, { recursive: true }));
  for (const part of ["bin", "schema", "src", "test", "package.json", "vitest.config.ts"])
    await cp(join(root, part), join(folder, part), { recursive: true });
  for (const part of ["tsconfig.json", "tsconfig.build.json"]) await cp(join(root, part), join(folder, part));
  for (const part of ["docs", "models", "node_modules", "photos"])
    await symlink(join(root, part), join(folder, part));
  return folder;
}

const inside = (folder: string, script: string, args: readonly string[]): Promise<Outcome> =>
  new Promise((done) => {
    const env = Object.fromEntries(
      Object.entries(process.env).filter(([name]) => !name.startsWith("VITEST")),
    );
    execFile(process.execPath, [script, ...args], { cwd: folder, env }, (error, stdout, stderr) => {
      done({ code: error === null ? 0 : Number(error.code ?? 1), printed: `${stdout}\n${stderr}` });
    });
  });

/** A network with a node that erfit cannot differentiate as it is. */
const withAtan = model({
  inputs: [info("image", [1, 3, 24, 24])],
  outputs: ["logits"],
  nodes: [
    node("Conv", ["image", "w"], ["conv"], { pads: [1, 1, 1, 1] }),
    node("Atan", ["conv"], ["bent"]),
    node("Conv", ["bent", "v"], ["last"], { pads: [1, 1, 1, 1] }),
    node("GlobalAveragePool", ["last"], ["mean"]),
    node("Flatten", ["mean"], ["logits"]),
  ],
  initializers: { w: noise([4, 3, 3, 3], 1), v: noise([4, 4, 3, 3], 2) },
});

/** The new option in the library's type: it compiles where a number is expected, and nothing else. */
const typedUse = `
import type { CamOptions } from "./index.ts";
export const right: CamOptions = { every: 2 };
// @ts-expect-error: the option is a number
export const wrong: CamOptions = { every: "2" };
`;

/** A program that gives the option a value, a wrong value, and a wrong name. */
const program = `
import { cam, openModel } from "./dist/index.js";
const model = await openModel("net.onnx");
const images = [];
for await (const { image } of cam(model, "photos", { every: 3 })) images.push(image);
const refused = (options) => {
  try {
    cam(model, "photos", options);
  } catch ({ message, remedy = "" }) {
    return message + " " + remedy;
  }
};
console.log(JSON.stringify({ images, value: refused({ every: 0 }), name: refused({ evry: 2 }) }));
`;

describe("the edits of docs/extending.md", () => {
  let folder: string;
  const erfit = (...args: readonly string[]) => inside(folder, "bin/erfit.js", args);
  const original = (...args: readonly string[]) => inside(folder, join(root, "bin/erfit.js"), args);

  beforeAll(async () => {
    folder = await copy();
    await writeFile(join(folder, "atan.onnx"), withAtan);
    await writeFile(join(folder, "net.onnx"), standInOnnx());
  });

  it("without its rules an operator does not compile, and the compiler names the tables", async () => {
    const path = "src/graph/operators.ts";
    const untouched = await readFile(join(folder, path), "utf8");
    await edit(folder, editsOf(diffs[0]?.code ?? "").slice(0, 1));
    const tables = [
      ...["autodiff/cone/table", "autodiff/pullbacks/table", "autodiff/receptive-field/dependence"],
      ...["graph/axes/axes", "onnx/exporters/table"],
    ];
    const project = {
      extends: "./tsconfig.json",
      files: tables.map((table) => `src/${table}.ts`),
      include: [],
    };
    await writeFile(join(folder, "tsconfig.tables.json"), JSON.stringify(project));
    const { printed } = await inside(folder, tsc, ["-p", "tsconfig.tables.json"]);
    for (const table of tables)
      expect(printed).toMatch(new RegExp(`^src/${table}\\.ts.*Property 'Atan' is missing`, "m"));
    expect(printed).toMatch(/^src\/graph\/operators\.ts.*\n +Property 'Atan' is missing/m);
    await writeFile(join(folder, path), untouched);
  });

  it("compile, all together", async () => {
    expect(diffs.length).toBe(4);
    for (const { code } of diffs) await edit(folder, editsOf(code));
    await writeFile(join(folder, "src/uses-option.ts"), typedUse);
    const { code: status, printed } = await inside(folder, tsc, ["-p", "tsconfig.build.json"]);
    expect(status, printed).toBe(0);
  });

  it.each(commands)("pass the page's test of line $line", async ({ code }) => {
    const [, , ...args] = code.trim().split(" ");
    const { code: status, printed } = await inside(folder, vitest, args);
    expect(printed).toMatch(/Tests .*\d+ passed/);
    expect(status, printed).toBe(0);
  });

  it("the operator has a gradient, which it did not have", async () => {
    const args = ["calibrate", "atan.onnx", "photos", "--layer", "last"];
    const before = await original(...args);
    expect(before.code).toBe(2);
    expect(before.printed).toContain("Atan");
    expect(await erfit(...args)).toMatchObject({ code: 0 });
  });

  it("the protocol is one that erfit takes", async () => {
    const args = ["calibrate", "net.onnx", "photos", "--protocol", "greatest"];
    expect(await original(...args)).toMatchObject({ code: 2 });
    const { printed } = await erfit(...args);
    expect(printed).toContain("sigma_X");
  });

  it("the method is one that erfit draws", async () => {
    const args = ["cam", "net.onnx", "photos/cat.jpg", "-m", "attention"];
    expect(await original(...args)).toMatchObject({ code: 2 });
    expect(await erfit(...args)).toMatchObject({ code: 0 });
  });

  it("the option is one that erfit takes, checks and explains", async () => {
    const args = ["cam", "net.onnx", "photos", "--write", "none", "--json", "--out", "every"];
    expect(await original(...args, "--every", "3")).toMatchObject({ code: 2 });
    const { code: status, printed } = await erfit(...args, "--every", "3");
    expect(status, printed).toBe(0);
    expect(printed.match(/"image": /g)?.length).toBe(3); // of seven photographs
    const wrong = await erfit(...args, "--every", "0");
    expect(wrong).toMatchObject({ code: 2 });
    expect(wrong.printed).toContain("--every: expected a whole number, 1 or more; found 0");
    const help = await erfit("cam", "--help");
    expect(help.printed).toMatch(
      /Input:[^:]*--every +use only one of so many images +\[number\] \[default: 1\]/,
    );
  });

  it("and so does the library, with the same messages", async () => {
    await writeFile(join(folder, "program.mjs"), program);
    const { printed } = await inside(folder, "program.mjs", []);
    const { images, value, name } = JSON.parse(printed) as Record<string, unknown>;
    expect(images).toHaveLength(3);
    expect(value).toContain("cam: option every: expected a whole number, 1 or more; found 0");
    expect(name).toMatch(/cam: no option is called "evry" did you mean every\? There are: .*\bevery\b/);
  });
});

describe("an edit", () => {
  const one = editsOf("--- a.txt\n kept\n-removed\n+added\n+++ b/new.txt\n+whole\n");

  it("is read from a block", () => {
    expect(one).toEqual([
      { path: "a.txt", before: "kept\nremoved\n", after: "kept\nadded\n" },
      { path: "b/new.txt", before: "", after: "whole\n" },
    ]);
  });

  it("is made where its lines are, once", async () => {
    const folder = await mkdtemp(join(tmpdir(), "erfit-edit-"));
    afterAll(() => rm(folder, { recursive: true }));
    await writeFile(join(folder, "a.txt"), "first\nkept\nremoved\nlast\n");
    await edit(folder, one);
    expect(await readFile(join(folder, "a.txt"), "utf8")).toBe("first\nkept\nadded\nlast\n");
    expect(await readFile(join(folder, "b/new.txt"), "utf8")).toBe("whole\n");
    await expect(edit(folder, one.slice(0, 1))).rejects.toThrow("a.txt has these lines 0 times");
    await expect(edit(folder, one.slice(1))).rejects.toThrow("EEXIST");
  });
});
