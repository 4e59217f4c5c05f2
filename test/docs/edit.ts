import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

/** Lines of one place of a file: what is there, and what becomes of it. `before` of a new file is empty. */
interface Edit {
  readonly path: string;
  readonly before: string;
  readonly after: string;
}

/**
 * The edits of a `diff` block: after `--- path` lines that are kept ( ), removed (-) and added (+), after `+++ path` a new
 * file. There are no line numbers: what is kept and removed has to be in the file once.
 */
export function editsOf(code: string): readonly Edit[] {
  return code
    .split(/^(?=(?:---|\+\+\+) )/m)
    .filter((part) => part.trim() !== "")
    .map((part) => {
      const [head = "", ...lines] = part.trimEnd().split("\n");
      const of = (marks: string) =>
        lines.filter((line) => marks.includes(line[0] ?? " ")).map((line) => `${line.slice(1)}\n`);
      return { path: head.slice(4), before: of(" -").join(""), after: of(" +").join("") };
    });
}

/** Makes the edits in a folder. Throws where the lines of an edit are not in the file, or are there twice. */
export async function edit(folder: string, edits: readonly Edit[]): Promise<void> {
  for (const { path, before, after } of edits) {
    const file = join(folder, path);
    if (before === "") {
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, after, { flag: "wx" });
      continue;
    }
    const text = await readFile(file, "utf8");
    const places = `\n${text}`.split(`\n${before}`).length - 1;
    if (places !== 1) throw new Error(`${path} has these lines ${places} times, not once:\n${before}`);
    await writeFile(file, `\n${text}`.replace(`\n${before}`, () => `\n${after}`).slice(1));
  }
}
