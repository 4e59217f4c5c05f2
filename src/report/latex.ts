import { visibleLines } from "../core/error.ts";
import { required } from "../core/required.ts";

const special: Readonly<Record<string, string>> = {
  "\\": "\\textbackslash{}",
  "{": "\\{",
  "}": "\\}",
  $: "\\$",
  "&": "\\&",
  "#": "\\#",
  "%": "\\%",
  _: "\\_",
  "^": "\\textasciicircum{}",
  "~": "\\textasciitilde{}",
  "<": "$<$",
  ">": "$>$",
  "|": "$|$",
  '"': "''",
  "[": "{[}",
  "]": "{]}",
  "±": "$\\pm$",
  "×": "$\\times$",
  "²": "\\textsuperscript{2}",
  σ: "$\\sigma$",
  "…": "\\ldots{}",
  "“": "``",
  "”": "''",
  "’": "'",
};

/** pdfLaTeX's own fonts have ASCII and most letters of Western Europe; of others the code point shows. */
const typeset = /[ -~À-ÖØ-öø-ÿ]/u;

/** Text that stands for itself in LaTeX, whatever a file or model is called. */
export const latexText = (text: string): string =>
  Array.from(
    visibleLines(text).normalize("NFC").replaceAll(/\s/g, " "),
    (character) =>
      special[character] ??
      (typeset.test(character) && !/[ÐÞðþ]/.test(character)
        ? character
        : `{[}U+${required(character.codePointAt(0), "code point").toString(16).toUpperCase().padStart(4, "0")}{]}`),
  ).join("");

const number = String.raw`-?\d+(?:\.\d+)?`;

/** What a cell of a table may be besides text, and how it is set as mathematics. */
const forms: readonly (readonly [RegExp, (...groups: string[]) => string])[] = [
  [
    /^(<? ?)(\d(?:\.\d+)?)e([+-]\d+)$/,
    (less, mantissa, exponent) =>
      `$${less}${mantissa === "1" ? "" : `${mantissa} \\times `}10^{${Number(exponent)}}$`,
  ],
  [new RegExp(`^(${number})$`), (value) => `$${value}$`],
  [new RegExp(`^< (${number})$`), (value) => `$< ${value}$`],
  [new RegExp(`^(${number}) ± (${number})$`), (value, margin) => `$${value} \\pm ${margin}$`],
  [new RegExp(`^(${number}) … (${number})$`), (low, high) => `$[${low}, ${high}]$`],
  [
    new RegExp(`^(${number}) \\[(${number}), (${number})\\]$`),
    (value, low, high) => `$${value}\\ [${low}, ${high}]$`,
  ],
  [new RegExp(`^(${number}) x (${number})$`), (width, height) => `$${width} \\times ${height}$`],
  [/^sigma_([XY])$/, (axis) => `$\\sigma_{\\mathrm{${axis}}}$`],
  [/^sigma_([XY]) (px|%)$/, (axis, unit) => `$\\sigma_{\\mathrm{${axis}}}$ (${unit === "%" ? "\\%" : unit})`],
  [/^R²$/, () => "$R^2$"],
  [/^([tp])$/, (symbol) => `$${symbol}$`],
  [/^p \(Holm\)$/, () => "$p$ (Holm)"],
];

/** A cell: numbers, intervals and symbols in math mode, all else as text. */
export function latexCell(text: string): string {
  for (const [form, set] of forms) {
    const found = form.exec(text);
    if (found !== null) return set(...found.slice(1));
  }
  return latexText(text);
}

/** A p-value as a paper prints it: `0.0123`, `9.1e-19`; below what a double holds, a bound. */
export function scientificP(p: number): string {
  if (Number.isNaN(p)) return "-";
  if (p === 0) return "< 1e-307";
  return p < 1e-4 ? p.toExponential(1) : p.toFixed(4);
}

interface LatexTable {
  /** The first row is the heading. */
  readonly rows: readonly (readonly string[])[];
  readonly caption: string;
  /** Below the table, a line each: warnings, and how it is to be read. */
  readonly notes?: readonly string[];
  /** Headings of columns that are text; all others but the first are right-aligned. */
  readonly textColumns?: readonly string[];
}

/** A `table` by the rules of booktabs; the document needs `\usepackage{booktabs}` alone. */
export function latexTable({ rows, caption, notes = [], textColumns = [] }: LatexTable): string {
  const [head = [], ...body] = rows;
  const columns = head.map((title, k) => (k === 0 || textColumns.includes(title) ? "l" : "r")).join("");
  const line = (cells: readonly string[]) => `${cells.map(latexCell).join(" & ")} \\\\`;
  return [
    "% needs \\usepackage{booktabs}",
    "\\begin{table}",
    "\\centering\\small\\setlength{\\tabcolsep}{4pt}",
    `\\caption{${latexText(caption)}}`,
    `\\begin{tabular}{${columns}}`,
    "\\toprule",
    line(head),
    "\\midrule",
    ...body.map(line),
    "\\bottomrule",
    "\\end{tabular}",
    ...notes.map((note) => `\\par\\smallskip{\\footnotesize ${latexText(note)}\\par}`),
    "\\end{table}",
    "",
  ].join("\n");
}
