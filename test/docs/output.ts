import type { Block } from "./markdown.ts";

/** Whether a block shows what a command prints. */
export const isOutput = ({ language, kind }: Block): boolean => language === "text" && outputKind.test(kind);

const outputKind = /^output(?: of (.+))?$/;

/** What a page says that a command prints. */
export interface Output {
  /** The lines of a shell that print it. */
  readonly command: string;
  readonly text: string;
  /** Line of the page on which it begins, from 1. */
  readonly line: number;
}

/**
 * The outputs of a page: ```` ```text output ```` of the `sh` block before it, ```` ```text output of COMMAND ```` of that
 * command. Throws where there is no such block.
 */
export function outputsOf(blocks: readonly Block[]): readonly Output[] {
  return blocks.flatMap((block, k) => {
    const { kind, code, line } = block;
    if (!isOutput(block)) return [];
    const [, command] = outputKind.exec(kind) ?? [];
    const before = blocks
      .slice(0, k)
      .findLast(({ language, notRun }) => language === "sh" && notRun === null);
    const printsIt = command ?? before?.code;
    if (printsIt === undefined) throw new Error(`line ${line}: no sh block before this output`);
    return [{ command: printsIt, text: code, line }];
  });
}

/** A line of a page that stands for any number of printed lines. */
const leftOut = "…";

/** Numbers with decimals are measured and may differ a little; whole numbers (counts, cells, sizes, exponents) are words. */
const decimal = /[-−+]?\d+\.\d+/g;

/** Machines differ by this much: as a share of a number, besides one unit of its last digit. */
const tolerance = 1e-3;

const agree = (said: string, printed: string): boolean => {
  const decimals = said.length - said.indexOf(".") - 1;
  const value = (number: string) => Number(number.replace("−", "-"));
  return (
    printed.length - printed.indexOf(".") - 1 === decimals &&
    Math.abs(value(said) - value(printed)) <=
      (10 ** -decimals + tolerance * Math.abs(value(said))) * (1 + 1e-9)
  );
};

/** The words of a line, without the width of its columns. */
const wordsOf = (line: string): string => line.trim().replaceAll(/\s+/g, " ").replaceAll(decimal, "#");

function linesAgree(said: string, printed: string): boolean {
  const numbers = printed.match(decimal) ?? [];
  return (
    wordsOf(said) === wordsOf(printed) &&
    (said.match(decimal) ?? []).every((number, k) => agree(number, numbers[k] ?? ""))
  );
}

const linesOf = (text: string): readonly string[] => text.split("\n").filter((line) => line.trim() !== "");

/**
 * The first line of a page's output that a command did not print there; null where it printed all. Lines have to follow one
 * another as they were printed, from the first to the last, except where a line of `…` leaves some out. Empty lines and
 * the width of columns are nothing. Words and whole numbers have to be the same; numbers with decimals have as many of
 * them, and are within one unit of the last and a thousandth of their value.
 */
export function firstWrong(text: string, printed: string): string | null {
  const from = linesOf(printed);
  let at = 0;
  let skipping = false;
  for (const line of linesOf(text)) {
    if (line.trim() === leftOut) {
      skipping = true;
      continue;
    }
    const found = skipping
      ? from.findIndex((other, k) => k >= at && linesAgree(line, other))
      : linesAgree(line, from[at] ?? "")
        ? at
        : -1;
    if (found < 0) return line;
    at = found + 1;
    skipping = false;
  }
  return skipping || at === from.length ? null : `(the end), where it goes on: ${from[at] ?? ""}`;
}

const literal = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");

/** Whether a page has a sentence or a row of a table, broken anywhere, with numbers that agree as those of outputs do. */
export function says(page: string, sentence: string): boolean {
  const words = sentence
    .split(decimal)
    .map((part) => part.split(/\s+/).map(literal).join("\\s+"))
    .join("([-−+]?\\d+\\.\\d+)");
  const measured = sentence.match(decimal) ?? [];
  return [...page.matchAll(new RegExp(words, "g"))].some(([, ...said]) =>
    said.every((number, k) => agree(number, measured[k] ?? "")),
  );
}
