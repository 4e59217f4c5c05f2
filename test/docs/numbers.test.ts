import { describe, expect, it } from "vitest";
import { blocksOf, pages } from "./markdown.ts";
import { measured } from "./measured.ts";
import { firstWrong, outputsOf, says } from "./output.ts";
import { scratchWithSample, type Scratch } from "./scratch.ts";
import { shell } from "./shell.ts";

const withOutputs = pages
  .map(({ path, text, blocks }) => ({ path, page: text, outputs: outputsOf(blocks) }))
  .filter(({ outputs }) => outputs.length > 0);

/** The four protocols take a minute and a half of an idle machine. */
const timeout = 600_000;

/** The bundled sample itself, over the bundled photographs; a page's commands share a folder. */
describe.each(withOutputs)("$path says what its commands print", ({ path, page, outputs }) => {
  let place: Promise<Scratch> | undefined;

  it.each(outputs)(
    "line $line",
    async ({ command, text, line }) => {
      const printed = await shell(command, await (place ??= scratchWithSample()));
      expect(
        firstWrong(text, printed),
        `${path}:${line} has this line, the command printed\n${printed}`,
      ).toBe(null);
    },
    timeout,
  );

  it.runIf(path in measured)("and what their files hold", async () => {
    const { folder } = await (place ??= scratchWithSample());
    const sentences = (await measured[path]?.(folder)) ?? [];
    expect(sentences.filter((sentence) => !says(page, sentence))).toEqual([]);
  });
});

it("what is measured is of pages that are run", () => {
  expect(withOutputs.map(({ path }) => path)).toEqual(expect.arrayContaining(Object.keys(measured)));
});

it("pages have outputs", () => {
  expect(withOutputs.map(({ path, outputs }) => `${path}: ${outputs.length}`)).toMatchInlineSnapshot(`
    [
      "README.md: 1",
      "docs/calibrate-a-backbone.md: 1",
      "docs/compare.md: 1",
      "docs/protocols.md: 1",
      "docs/what-is-an-erf.md: 2",
    ]
  `);
});

describe("an output that is wrong is found", () => {
  const printed = "net.onnx: 56 views of 7\nsigma_X  31.83 ± 2.1 px\n\nR²       0.9181\n-> outputs/net\n";
  const other = (a: string, b: string) => firstWrong(printed.replace(a, b), printed);

  it("the same is right, in columns of any width, and within a unit and a thousandth", () => {
    expect(firstWrong(printed, printed)).toBe(null);
    expect(other("sigma_X  31", "sigma_X      31")).toBe(null);
    expect(other("31.83", "31.86")).toBe(null);
    expect(other("0.9181", "0.9171")).toBe(null);
    expect(other("2.1", "2.2")).toBe(null);
  });

  it.each([
    ["a number", "31.83", "31.90"],
    ["its sign", "31.83", "-31.83"],
    ["a small number", "2.1", "2.3"],
    ["a share", "0.9181", "0.9160"],
    ["fewer decimals", "31.83", "31.8"],
    ["a count", "56 views", "57 views"],
    ["a word", "views", "crops"],
    ["a missing number", "± 2.1 ", ""],
    ["a line too few", "R²       0.9181\n", ""],
    ["a line too many", "R² ", "chi  1.0\nR² "],
    ["no last line", "-> outputs/net\n", ""],
  ])("%s", (_, a, b) => {
    expect(other(a, b)).not.toBe(null);
  });

  it("… leaves lines out, and only where it is", () => {
    expect(firstWrong("…\nR² 0.9181\n…\n", printed)).toBe(null);
    expect(firstWrong("…\nR² 0.8181\n…\n", printed)).toBe("R² 0.8181");
    expect(firstWrong("…\nR² 0.9181\n", printed)).toContain("-> outputs/net");
    expect(firstWrong("R² 0.9181\n…\n", printed)).toBe("R² 0.9181");
    expect(firstWrong("…\n-> outputs/net\n…\nR² 0.9181\n…\n", printed)).toBe("R² 0.9181");
  });

  it("a sentence may be broken anywhere, and has the numbers", () => {
    const page = "of all, half is within\n38 px, and R² is 0.92 (seen).\n| `one` |   1.5 px | 2 |\n";
    expect(says(page, "half is within 38 px, and R² is 0.92 (seen).")).toBe(true);
    expect(says(page, "half is within 39 px")).toBe(false);
    expect(says(page, "R² is 0.94")).toBe(false);
    expect(says(page, "| `one` | 1.6 px | 2 |")).toBe(true);
    expect(says(page, "| `one` | 1.8 px | 2 |")).toBe(false);
    expect(says(page, "| `two` | 1.5 px | 2 |")).toBe(false);
  });

  it("of the block before it, or of the command that it names", () => {
    const output = (kind: string) => `\`\`\`text ${kind}\n1\n\`\`\`\n`;
    const sh = "```sh\necho 1\n```\n";
    expect(outputsOf(blocksOf(sh + output("output")))).toMatchObject([{ command: "echo 1\n", text: "1\n" }]);
    expect(outputsOf(blocksOf(sh + output("output of echo 2")))).toMatchObject([{ command: "echo 2" }]);
    expect(() => outputsOf(blocksOf(output("output")))).toThrow("line 1: no sh block before this output");
  });
});
