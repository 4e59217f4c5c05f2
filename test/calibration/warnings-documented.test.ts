import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { fitChoices } from "../../src/fit/result.ts";

const checkout = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const page = readFileSync(checkout("docs/fit.md"), "utf8");

/** Codes as the sources give them: of a gate or a warning, or of a table of sentences. */
const given = /(?:\bcode:|\w+Code =) "([A-Z_]+)"|^ {2}([A-Z_]+): \(/gm;

const sources = (folder: string): readonly string[] =>
  readdirSync(checkout(folder), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => readFileSync(checkout(`${folder}/${name}`), "utf8"));

const codes = ["src/fit", "src/calibration", "src/cam"]
  .flatMap(sources)
  .flatMap((source) => Array.from(source.matchAll(given), ([, gate, sentence]) => gate ?? sentence ?? ""));

it("the page on fits has every warning of a calibration, or of maps drawn with one, and no other", () => {
  const documented = Array.from(page.matchAll(/^\| `([A-Z_]+)` +\| /gm), ([, code = ""]) => code);
  expect(codes.length).toBeGreaterThan(25);
  expect(documented.toSorted()).toEqual([...new Set(codes)].sort());
});

it("it has every fit model", () => {
  const documented = Array.from(
    page.matchAll(/^\| `([a-z-]+)`(?: \(default\))? +\| /gm),
    ([, model = ""]) => model,
  );
  expect(documented).toEqual(expect.arrayContaining(Object.keys(fitChoices)));
});
