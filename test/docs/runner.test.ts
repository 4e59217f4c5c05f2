import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, it } from "vitest";
import { blocksOf, pages } from "./markdown.ts";
import { runner } from "./run-block.ts";
import { scratch, type Scratch } from "./scratch.ts";

const fence = "```";
const block = (language: string, code: string, above = ""): string =>
  `${above}\n\n${fence}${language}\n${code}\n${fence}\n`;

describe("blocks of a page", () => {
  it("are found with their language, kind, line and reason", () => {
    const text = `# A page\n${block("sh", "erfit layers net.onnx")}${block("json sidecar", "{}", "<!-- not run: why -->")}`;
    expect(blocksOf(text)).toEqual([
      { language: "sh", kind: "", code: "erfit layers net.onnx\n", line: 4, notRun: null },
      { language: "json", kind: "sidecar", code: "{}\n", line: 9, notRun: "why" },
    ]);
  });

  it("are all found: as many as there are pairs of fences", () => {
    for (const { path, text, blocks } of pages)
      expect(2 * blocks.length, path).toBe(text.match(/^ *`{3,}/gm)?.length ?? 0);
    expect(pages.length).toBeGreaterThan(10);
  });

  it("have to end", () => {
    expect(() => blocksOf(`${fence}sh\nls\n`)).toThrow("line 1: this block has no end");
  });
});

describe("a block that is wrong fails", () => {
  let place: Scratch;
  beforeAll(async () => {
    place = await scratch();
  });
  const verdict = async (text: string): Promise<string> => {
    const blocks = blocksOf(text);
    const run = runner("a page", place);
    try {
      for (const one of blocks) await run(one);
      return "passed";
    } catch (error) {
      return String(error);
    }
  };

  it.each<readonly [what: string, language: string, code: string, message: string]>([
    ["an option that erfit does not have", "sh", "erfit layers net.onnx --frobnicate", "frobnicate"],
    ["a command that erfit does not have", "sh", "erfit calibrated net.onnx", "no such command"],
    ["a file that is not there", "sh", "erfit layers other.onnx", "other.onnx"],
    ["a layer that is not there", "sh", "erfit calibrate net.onnx photos/ --layer layer9", "layer9"],
    ["a failure before the last line", "sh", "erfit layers other.onnx\nls", "other.onnx"],
    ["a program that is not installed", "sh", "frobnicate", "frobnicate"],
    ["a script that package.json does not have", "sh", "npm run frobnicate", "no script"],
    ["a test that is not there", "sh", "npx vitest run test/frobnicate", "no test file"],
    ["a project of tests that is not there", "sh", "npx vitest run --project frobnicate", "no project"],
    ["a benchmark that is not there", "sh", "node bench/run.js bench/frobnicate.ts", "not there"],
    [
      "an import that erfit does not have",
      "ts",
      'import { frobnicate } from "erfit";\nfrobnicate();',
      "frobnicate",
    ],
    [
      "an argument of the wrong type",
      "ts",
      'import { openModel } from "erfit";\nawait openModel("net.onnx", { threads: "two" });',
      "'string' is not assignable",
    ],
    ["a program that throws", "ts", 'throw new Error("thrown at run time");', "thrown at run time"],
    ["JSON that is none", "json", "{ a: 1 }", "JSON"],
    ["a sidecar with a wrong field", "json sidecar", '{ "preprocess": { "scale": "0-2" } }', "preprocess"],
    ["a calibration with missing fields", "json calibration", "{}", "provenance"],
    ["a language that nothing runs", "rust", "fn main() {}", "nothing runs rust"],
    ["a block without a language", "", "sigma 31.8", "nothing runs a block without a language"],
  ])("%s", async (_, language, code, message) => {
    expect(await verdict(block(language, code))).toContain(message);
  });

  it("also where it is not run but can be read", async () => {
    expect(await verdict(block("sh", "if true; then", "<!-- not run: why -->"))).toContain("syntax error");
    expect(await verdict(block("sh", "sbatch job.sh", "<!-- not run: why -->"))).toBe("passed");
  });

  it("and the next block sees what the one before it wrote", async () => {
    const made = block("sh", "erfit layers net.onnx > layers.txt");
    const read = block(
      "ts",
      'import { existsSync, readdirSync, readFileSync } from "node:fs";\nreadFileSync("layers.txt");',
    );
    expect(await verdict(made + read)).toBe("passed");
    expect(await verdict(read.replace("layers", "others"))).toContain("others.txt");
  });
});

/** GitHub's anchors of the headings of a page, and those that it sets itself. */
const anchorsOf = (text: string): readonly string[] => [
  ...Array.from(text.matchAll(/^#+ (.+)$/gm), ([, heading = ""]) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, "")
      .replaceAll(" ", "-"),
  ),
  ...Array.from(text.matchAll(/<a id="([^"]+)">/g), ([, id = ""]) => id),
];

describe("links and commands in the text", () => {
  const root = fileURLToPath(new URL("../..", import.meta.url));

  it.each(pages)("$path: every local link leads somewhere", ({ path, text }) => {
    const targets = Array.from(text.matchAll(/(?:\]\(|src=")([^)"\s]+)/g), ([, target = ""]) => target);
    for (const target of targets.filter((one) => !/^https?:/.test(one))) {
      const { pathname, hash } = new URL(target, `file://${root}/${path}`);
      const file = decodeURIComponent(pathname);
      expect(existsSync(file), `${path}: ${target}`).toBe(true);
      if (hash !== "")
        expect(anchorsOf(readFileSync(file, "utf8")), `${path}: ${target}`).toContain(
          decodeURIComponent(hash.slice(1)),
        );
    }
  });

  it.each(pages)("$path: every npm script that it names is there", ({ text }) => {
    const { scripts } = JSON.parse(readFileSync(`${root}/package.json`, "utf8")) as { scripts: object };
    for (const [, name = ""] of text.matchAll(/npm run ([\w:-]+)/g))
      expect(Object.keys(scripts)).toContain(name);
  });

  it("docs/architecture.md has every folder of src, and docs/README.md every page", () => {
    const textOf = (path: string) => pages.find((page) => page.path === path)?.text ?? "";
    const folders = readdirSync(`${root}/src`, { withFileTypes: true }).filter((entry) =>
      entry.isDirectory(),
    );
    for (const { name } of folders)
      expect(textOf("docs/architecture.md")).toContain(`| [src/${name}](../src/${name})`);
    const others = pages.map(({ path }) => path.replace("docs/", "")).filter((path) => path !== "README.md");
    for (const path of others) expect(textOf("docs/README.md")).toContain(`](${path})`);
  });
});
