import { required } from "../core/required.ts";
import { createHash } from "node:crypto";
import { stat } from "node:fs/promises";
import { filePath, readIfRegular, readPart } from "../io/read.ts";
import type { ImageSource } from "./listing.ts";

/** Bytes from the middle of a file that tell most photographs of one size apart. */
const sample = 4096;

const sizeOf = async ({ path }: ImageSource): Promise<string | undefined> =>
  stat(filePath(path)).then(
    // Empty files are no photographs.
    ({ size }) => (size === 0 ? undefined : String(size)),
    () => undefined,
  );

const middleOf = async ({ path }: ImageSource): Promise<string | undefined> =>
  stat(filePath(path))
    .then(async ({ size }) =>
      (await readPart(path, Math.max(0, Math.floor((size - sample) / 2)), sample)).toString("latin1"),
    )
    .catch(() => undefined);

const contentOf = async ({ path }: ImageSource): Promise<string | undefined> => {
  const file = await readIfRegular(path);
  return file === undefined ? undefined : createHash("sha256").update(file).digest("hex");
};

/** Each tells apart what the one before it did not, and reads more of fewer files. */
const keys = [sizeOf, middleOf, contentOf];

/** Files that are read at once. */
const atOnce = 64;

/** Sources that share the key, group by group; a file that cannot be read is in none. */
async function groupsBy(
  sources: readonly ImageSource[],
  keyOf: (typeof keys)[number],
): Promise<readonly (readonly ImageSource[])[]> {
  const groups = new Map<string, ImageSource[]>();
  for (let start = 0; start < sources.length; start += atOnce) {
    const some = sources.slice(start, start + atOnce);
    const found = await Promise.all(some.map(keyOf));
    for (const [index, source] of some.entries()) {
      const key = found[index];
      if (key !== undefined) groups.set(key, [...(groups.get(key) ?? []), source]);
    }
  }
  return [...groups.values()].filter(({ length }) => length > 1);
}

/**
 * The sources, and of each whose bytes are those of an earlier one the name of that one: intervals over photographs take each for
 * another photograph, and become too narrow.
 */
export async function withCopies(sources: readonly ImageSource[]): Promise<readonly ImageSource[]> {
  let groups: readonly (readonly ImageSource[])[] = [sources];
  for (const keyOf of keys) {
    const parts: (readonly ImageSource[])[] = [];
    for (const group of groups) parts.push(...(await groupsBy(group, keyOf)));
    groups = parts;
  }
  const firsts = new Map(
    groups.flatMap(([first, ...copies]) =>
      first === undefined ? [] : copies.map((copy) => [copy, first.name] as const),
    ),
  );
  return sources.map((source) => {
    const copyOf = firsts.get(source);
    return copyOf === undefined ? source : { ...source, copyOf };
  });
}

/** Copies in a list, and one of them as text: "b.jpg is a.jpg". */
export interface Copies {
  readonly count: number;
  readonly example: string;
}

export function copiesIn(sources: readonly ImageSource[]): Copies {
  const copies = sources.filter(({ copyOf }) => copyOf !== undefined);
  const [first] = copies;
  return {
    count: copies.length,
    example: first === undefined ? "" : `${first.name} is ${required(first.copyOf, "the original")}`,
  };
}

/** What copies mean for intervals over photographs. */
export const copiesText = ({ count, example }: Copies): string =>
  count === 1
    ? `1 photograph has the bytes of another one: ${example}. It counts twice, and makes intervals too narrow. Leave it out.`
    : `${count} photographs have the bytes of others, such as: ${example}. They count again, and make intervals too narrow. ` +
      "Leave them out.";
