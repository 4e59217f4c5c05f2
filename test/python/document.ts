import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const text = readFileSync(fileURLToPath(new URL("../../docs/python.md", import.meta.url)), "utf8");

/** The document's Python code, block by block. */
const blocks: readonly string[] = [...text.matchAll(/^```python\n(.*?)^```$/gms)].map(
  ([, code = ""]) => code,
);

/** The block that contains a phrase. */
export function blockWith(phrase: string): string {
  const [block, ...others] = blocks.filter((code) => code.includes(phrase));
  if (block === undefined || others.length > 0)
    throw new Error(
      `docs/python.md has ${others.length + (block ? 1 : 0)} blocks with "${phrase}"; expected one`,
    );
  return block;
}

/** Every field that the document reads of a calibration: `calibration["fit"]["sigmaX"]["value"]` as its keys. */
export const fieldsRead: readonly (readonly string[])[] = [
  ...text.matchAll(/calibration((?:\["\w+"\])+)/g),
].map(([, keys = ""]) => [...keys.matchAll(/"(\w+)"/g)].map(([, key = ""]) => key));

/** Every key that the document reads of an exported file's notes. */
export const notesRead: readonly string[] = [...text.matchAll(/notes\[["'](.+?)["']\]/g)].map(
  ([, key = ""]) => key,
);
