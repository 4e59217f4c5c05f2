import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { latexCell, latexTable, latexText, scientificP } from "../../src/report/latex.ts";

it.each([
  ["a_b & 50 % #1", "a\\_b \\& 50 \\% \\#1"],
  ["\\input{x}$~^", "\\textbackslash{}input\\{x\\}\\$\\textasciitilde{}\\textasciicircum{}"],
  ["a\nb", "a b"],
  ["é中", "é{[}U+4E2D{]}"],
])("a name stands for itself: %j", (text, latex) => {
  expect(latexText(text)).toBe(latex);
});

it.each([
  ["31.76 ± 0.29", "$31.76 \\pm 0.29$"],
  ["-1.5 … 2.5", "$[-1.5, 2.5]$"],
  ["12.1 [10.0, 14.2]", "$12.1\\ [10.0, 14.2]$"],
  ["196 x 196", "$196 \\times 196$"],
  ["-0.5", "$-0.5$"],
  ["1.0e-18", "$1.0 \\times 10^{-18}$"],
  ["< 1e-307", "$< 10^{-307}$"],
  ["sigma_X px", "$\\sigma_{\\mathrm{X}}$ (px)"],
  ["layer_4", "layer\\_4"],
])("a cell is set as a paper has it: %j", (text, latex) => {
  expect(latexCell(text)).toBe(latex);
});

it("a small p is a number, one below all doubles a bound, none a dash", () => {
  expect([1.0168e-18, 0.0123, 0, NaN].map(scientificP)).toEqual(["1.0e-18", "0.0123", "< 1e-307", "-"]);
});

const hostile = "\\end{tabular} a_b [x] <y> \"q\" 'é' ² σ 中 {~^|$&#%";
const table = latexTable({
  rows: [
    ["", "sigma_X px", "R²", "warnings"],
    [hostile, "31.8 ± 2.1", "0.918", "LOW_R_SQUARED"],
    ["[b]", "< 1e-307", "-", ""],
  ],
  caption: hostile,
  notes: [hostile],
  textColumns: ["warnings"],
});

it("rules are booktabs', every row has as many cells, and notes are below", () => {
  expect(table).toContain("\\begin{tabular}{lrrl}\n\\toprule\n");
  expect(table.match(/\\(top|mid|bottom)rule/g)).toEqual(["\\toprule", "\\midrule", "\\bottomrule"]);
  const rows = table.split("\n").filter((line) => line.endsWith(" \\\\"));
  expect(rows.map((row) => row.match(/(?<!\\)&/g)?.length)).toEqual([3, 3, 3]);
  expect(table.indexOf("\\footnotesize")).toBeGreaterThan(table.indexOf("\\end{tabular}"));
});

const installed = spawnSync("pdflatex", ["--version"]).status === 0;

it.skipIf(!installed)("pdflatex compiles it (skipped where there is no pdflatex)", () => {
  const folder = mkdtempSync(join(tmpdir(), "erfit-latex-"));
  try {
    const document = `\\documentclass{article}\n\\usepackage{booktabs}\n\\begin{document}\n${table}\\end{document}\n`;
    writeFileSync(join(folder, "table.tex"), document);
    const run = spawnSync("pdflatex", ["-halt-on-error", "-interaction=nonstopmode", "table.tex"], {
      cwd: folder,
      encoding: "utf8",
    });
    expect(run.status, run.stdout).toBe(0);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
