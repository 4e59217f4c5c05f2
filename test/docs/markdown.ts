import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { globSync } from "tinyglobby";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** A fenced block of code. */
export interface Block {
  readonly language: string;
  /** What follows the language: ```` ```json sidecar ````. */
  readonly kind: string;
  readonly code: string;
  /** Line of the fence, from 1. */
  readonly line: number;
  /** Why it is not run: the comment `<!-- not run: why -->` above it. */
  readonly notRun: string | null;
}

/** A page of documentation. */
export interface Page {
  readonly path: string;
  readonly text: string;
  readonly blocks: readonly Block[];
}

const comment = /^<!-- not run: (.+) -->$/;

/** All fenced blocks of a text. */
export function blocksOf(text: string): readonly Block[] {
  const lines = text.split("\n");
  const found: Block[] = [];
  for (let at = 0; at < lines.length; at++) {
    const [, indent = "", fence, language = "", kind = ""] =
      /^( *)(`{3,})(\S*) ?(.*)$/.exec(lines[at] ?? "") ?? [];
    if (fence === undefined) continue;
    const end = lines.indexOf(indent + fence, at + 1);
    if (end < 0) throw new Error(`line ${at + 1}: this block has no end`);
    const above = lines.slice(0, at).findLast((line) => line.trim() !== "") ?? "";
    const code = lines.slice(at + 1, end).map((line) => `${line.slice(indent.length)}\n`);
    const notRun = comment.exec(above.trim())?.[1] ?? null;
    found.push({ language, kind, code: code.join(""), line: at + 1, notRun });
    at = end;
  }
  return found;
}

/** README and the pages in docs/; the reference of the library in docs/api has tests of its own. */
export const pages: readonly Page[] = globSync(["README.md", "docs/**/*.md"], {
  cwd: root,
  ignore: ["docs/api/**"],
})
  .sort()
  .map((path) => {
    const text = readFileSync(`${root}/${path}`, "utf8");
    return { path, text, blocks: blocksOf(text) };
  });
