import { describe, expect, it } from "vitest";
import { perImageCsv, tablesCsv } from "../../src/report/evaluation/csv.ts";
import { evaluationMarkdown, type EvaluationReport } from "../../src/report/evaluation/markdown.ts";
import { isPapersSetUp, tableRows } from "../../src/report/evaluation/tables.ts";
import { column, dropping, evaluated, photographsOf, type MadeUp } from "../evaluate/made-up.ts";

const columns = [
  column("grad-cam", "bilinear"),
  column("grad-cam", "gaussian"),
  column("extended", "bilinear"),
  column("extended", "gaussian"),
  column("extended", "bilinear", "shuffled"),
  column("extended", "gaussian", "shuffled"),
];
const made = ["full.black", "relative.black"].flatMap((test) =>
  columns.map((of, k): MadeUp => ({ column: of, test, O: dropping(20 + 5 * k, 40, k) })),
);
const evaluation = evaluated(made);

const report: EvaluationReport = {
  title: "Evaluation of vgg16.onnx",
  setUp: ["40 photographs"],
  evaluation,
  columns,
  maskedTests: ["full.black", "relative.black"],
  fills: ["black"],
  curves: [],
  papers: true,
  reading: ["Under full masking: a sentence."],
  answers: [],
  figure: null,
};

describe("the paper's tables", () => {
  const keys = (table: "2" | "3" | "4") =>
    tableRows(table, evaluation, columns, "black", true).map(({ row }) => row.column);

  it("hold every method with its own upsampling, and all of them in the fourth", () => {
    const own = ["grad-cam.bilinear", "extended.gaussian", "extended-shuffled.gaussian"];
    expect(keys("2")).toEqual(own);
    expect(keys("3")).toEqual(own);
    expect(keys("4")).toEqual(columns.map(({ key }) => key));
  });

  it("take Extended-CAM bilinear where nothing is Gaussian", () => {
    const flat = columns.filter(({ column: { upsampling } }) => upsampling.by === "bilinear");
    expect(tableRows("2", evaluation, flat, "black", false).map(({ row }) => row.column)).toEqual(
      flat.map(({ key }) => key),
    );
  });

  it("have the paper's numbers beside those of the same map and masking", () => {
    const printed = (table: "2" | "3") =>
      tableRows(table, evaluation, columns, "black", true).map((row) => row.printed?.drop ?? null);
    expect(printed("2")).toEqual([46.56, 21.89, null]);
    expect(printed("3")).toEqual([47.94, 39.86, null]);
    expect(tableRows("2", evaluation, columns, "black", false).every((row) => row.printed === null)).toBe(
      true,
    );
  });

  it("are the paper's set-up for VGG-16's last feature map alone", () => {
    const setUp = {
      model: "vgg16-sample.onnx",
      layer: [1, 512, 14, 14],
      input: [1, 3, 224, 224],
      keep: 0.5,
      labeled: false,
      confidence: "probability",
    };
    expect(isPapersSetUp(setUp)).toBe(true);
    const others = [
      { model: "vgg19.onnx" },
      { layer: [1, 512, 28, 28] },
      { input: [1, 3, 256, 256] },
      { keep: 0.3 },
      { labeled: true },
      { confidence: "logit" },
    ];
    for (const other of others) expect(isPapersSetUp({ ...setUp, ...other })).toBe(false);
  });
});

describe("Markdown", () => {
  const markdown = evaluationMarkdown(report);
  const section = (heading: string) =>
    markdown
      .split(/^## /m)
      .find((part) => part.startsWith(heading))
      ?.split("\n")
      .filter((line) => line.startsWith("|")) ?? [];

  it("begins with how it was measured and what it means", () => {
    expect(markdown).toMatch(
      /^# Evaluation of vgg16\.onnx\n\n- 40 photographs\n\nUnder full masking: a sentence\.\n/,
    );
  });

  it("crosses methods and upsamplings in Table 4", () => {
    const rows = section("Table 4");
    expect(rows).toHaveLength(2 + 3);
    expect(rows[2]).toMatch(/^\| Grad-CAM \| \d+\.\d \[.+\| 47\.94 \/ 16\.39 \| .+\| 43\.64 \/ 17\.46 \|$/);
    expect(rows[4]).toMatch(/^\| Extended-CAM, cells shuffled \|/);
  });

  it("has every row, with its difference from the lowest method", () => {
    const rows = section("All rows: full masking");
    expect(rows).toHaveLength(2 + 6);
    expect(rows.filter((line) => line.endsWith("| the lowest |"))).toEqual([
      expect.stringContaining("| Grad-CAM, bilinear |"),
    ]);
    expect(rows[7]).toMatch(/ 2[45]\.\d \[.+\] \|$/);
  });

  it("has cells of one width in every table", () => {
    for (const part of markdown.split(/^## /m)) {
      const widths = part
        .split("\n")
        .filter((line) => line.startsWith("|"))
        .map((line) => line.split("|").length);
      expect(new Set(widths).size).toBeLessThanOrEqual(1);
    }
  });
});

describe("CSV", () => {
  it("has a line for each row of each table", () => {
    const [head = "", ...lines] = tablesCsv(evaluation, columns, ["black"], true).trimEnd().split("\n");
    expect(lines).toHaveLength(3 + 3 + 6);
    expect(new Set([head, ...lines].map((line) => line.split(",").length))).toEqual(
      new Set([head.split(",").length]),
    );
    expect(lines[0]).toMatch(/^2,full,black,grad-cam\.bilinear,grad-cam,bilinear,,20\.\d+,.+,46\.56,13\.42$/);
  });

  it("has a line for each photograph, map and mask, with commas and quotation marks kept", () => {
    const [first] = photographsOf(made);
    if (first === undefined) throw new Error("there are photographs");
    const csv = perImageCsv([{ ...first, image: 'a "b", c.jpg' }], columns, (index) => `class ${index}`);
    const lines = csv.trimEnd().split("\n").slice(1);
    expect(lines).toHaveLength(made.length);
    for (const line of lines) expect(line).toMatch(/^"a ""b"", c\.jpg",1,class 1,1,,/);
  });
});
