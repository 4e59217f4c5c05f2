import type { Comparison } from "./record.ts";
import { growthWords, sigmaRows, testRows, testWords } from "./tables.ts";
import { markdownDocument, markdownTable } from "../markdown.ts";

/** The comparison as Markdown, its pictures beside it. */
export const comparisonMarkdown = (comparison: Comparison): string =>
  markdownDocument([
    "# Effective receptive fields compared",
    ...comparison.remarks.map((remark) => `> **${remark}**`),
    "![the maps on one scale, and their profiles](compare.svg)",
    markdownTable(sigmaRows(comparison.compared)),
    "± and intervals: 95 % over photographs, by jackknife over blocks of them.",
    markdownTable(testRows(comparison.tests)),
    testWords(comparison)
      .map((line) => `- ${line}`)
      .join("\n"),
    ...(comparison.growth === null
      ? []
      : [
          "## Growth with depth",
          "![sigma against the theoretical field](growth.svg)",
          ...growthWords(comparison),
        ]),
  ]);
