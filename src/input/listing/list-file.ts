import { dirname, isAbsolute, join } from "node:path";
import { ErfitError } from "../../core/error.ts";
import { entryAt, withHome } from "./entries.ts";
import { textOf, inLatin1, readRegular } from "../../io/read.ts";

/** How often one of the two bytes of a unit is zero in text of Latin letters in UTF-16. */
const zeroShare = 0.4;

/** Which byte of the units of UTF-16 is mostly zero: the second in little-endian order. */
function zerosAt(bytes: Buffer): 0 | 1 | undefined {
  const start = bytes.subarray(0, 1024);
  const units = Math.floor(start.length / 2);
  for (const offset of [1, 0] as const) {
    let zeros = 0;
    for (let unit = 0; unit < units; unit++) if (start[2 * unit + offset] === 0) zeros++;
    if (units > 0 && zeros / units > zeroShare) return offset;
  }
  return undefined;
}

/**
 * The text of a list: UTF-8, or UTF-16 as Windows PowerShell writes it, with or without a byte order mark. Bytes of another
 * encoding are kept as those of a file's name.
 */
export function listText(file: Uint8Array): string {
  const bytes = Buffer.from(file.buffer, file.byteOffset, file.byteLength);
  const mark = bytes.subarray(0, 2).toString("hex");
  const zeros = zerosAt(bytes);
  if (mark === "fffe" || (mark !== "feff" && zeros === 1))
    return unmarked(new TextDecoder("utf-16le").decode(bytes));
  if (mark === "feff" || zeros === 0) return unmarked(new TextDecoder("utf-16be").decode(bytes));
  return unmarked(textOf(bytes));
}

const unmarked = (text: string): string => text.replace(/^\ufeff/, "");

/** A field without the quotes around it; two quotes inside stand for one. */
export const unquoted = (text: string): string =>
  /^"(?:[^"]|"")*"$/.test(text) ? text.slice(1, -1).replaceAll('""', '"') : text.replace(/^'(.*)'$/, "$1");

/** Column names in the first line of a table. */
const heading =
  /\b(images?|paths?|files?|filenames?|filepaths?|names?|labels?|class(es)?|ids?)\b|_(path|file|name|id)\b/i;
const isHeading = (line: string): boolean => !/[./\\]/.test(line) && heading.test(line);

/**
 * What of a line may be the path, the likeliest first: all of it, as much as stands before a label, and single columns of a
 * table.
 */
function candidatesIn(line: string): readonly string[] {
  const ends = [...line.matchAll(/[\s,;|]/g)].map(({ index }) => index).reverse();
  const columns = line.match(/"(?:[^"]|"")*"|[^,;\t]+/g) ?? [];
  const texts = [line, ...ends.map((end) => line.slice(0, end)), ...columns].map((text) =>
    unquoted(text.trim()),
  );
  return [...new Set(texts)].filter((text) => text !== "");
}

/** How else a path may be written: from home, with the separators of Windows, in Latin-1. */
const rewritings: readonly ((path: string) => string)[] = [
  (path) => path,
  withHome,
  (path) => path.replaceAll("\\", "/"),
  inLatin1,
];

/** The path in every form, the likeliest first. */
const formsOf = (path: string): readonly string[] =>
  rewritings.reduce<readonly string[]>(
    (forms, rewrite) => [...new Set([...forms, ...forms.map(rewrite)])],
    [path],
  );

/** The file that a line names, relative to the list. */
async function fileIn(line: string, folder: string): Promise<string | undefined> {
  for (const candidate of candidatesIn(line))
    for (const form of formsOf(candidate)) {
      const path = isAbsolute(form) ? form : join(folder, form);
      if ((await entryAt(path))?.kind === "file") return path;
    }
  return undefined;
}

/** A path that a list names, and where. */
interface ListedPath {
  readonly path: string;
  /** "list.txt, line 3: cat.jpg". */
  readonly where: string;
}

/**
 * The paths in a list: one a line, relative to the list. After the path, or in other columns, a line may have labels; blank lines,
 * # comments and a heading do not count.
 * @throws ErfitError naming the line that names no file
 */
export async function pathsInList(list: string): Promise<readonly ListedPath[]> {
  const folder = dirname(list);
  const paths: ListedPath[] = [];
  for (const [index, raw] of listText(await readRegular(list))
    .split(/\r\n|\n|\r/)
    .entries()) {
    const line = raw.trim();
    if (line === "") continue;
    const where = `${list}, line ${index + 1}: ${line}`;
    const path = await fileIn(line, folder);
    if (path !== undefined) paths.push({ path, where });
    else if (!line.startsWith("#") && !(index === 0 && isHeading(line)))
      throw await missing(line, folder, where);
  }
  if (paths.length === 0)
    throw new ErfitError(`${list}: lists no image`, {
      remedy: "Write one path a line, relative to the list.",
    });
  return paths;
}

async function missing(line: string, folder: string, where: string): Promise<ErfitError> {
  const form = withHome(line);
  const entry = await entryAt(isAbsolute(form) ? form : join(folder, form));
  if (entry?.kind === "folder")
    return new ErfitError(`${where}: this is a folder; a list names files`, {
      remedy: "Give the folder itself as an input.",
    });
  return new ErfitError(`${where}: no such file`, {
    remedy: /^[a-z]+:\/\//i.test(line)
      ? "Download it: a list names files."
      : "Write one path a line, relative to the list; a label may follow.",
  });
}
