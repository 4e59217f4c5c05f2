import { readdir, stat } from "node:fs/promises";
import { homedir } from "node:os";
import { join, sep } from "node:path";
import picomatch from "picomatch";
import { ErfitError } from "../../core/error.ts";
import { filePath, textOf } from "../../io/read.ts";

/** A file or folder that exists, whatever characters its path has. */
interface Entry {
  readonly path: string;
  readonly kind: "file" | "folder";
  /** Device and inode: the same for a file and the links to it. */
  readonly identity: string;
}

/** What is at a path, links followed; undefined where there is nothing. */
export async function entryAt(path: string): Promise<Entry | undefined> {
  try {
    const found = await stat(filePath(path), { bigint: true });
    // A file system without inodes counts none.
    const identity = found.ino === 0n ? path : `${found.dev}:${found.ino}`;
    return { path, kind: found.isDirectory() ? "folder" : "file", identity };
  } catch {
    return undefined;
  }
}

interface Child {
  readonly path: string;
  readonly link: boolean;
  readonly depth: number;
}

interface Name {
  readonly name: string;
  readonly link: boolean;
}

/** Names in a folder; their bytes are looked at only where some are not UTF-8 (Deno hands out no bytes). */
async function namesIn(folder: string | Buffer): Promise<readonly Name[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  if (!entries.some(({ name }) => name.includes("\ufffd")))
    return entries.map((entry) => ({ name: entry.name, link: entry.isSymbolicLink() }));
  const bytes = await readdir(folder, { withFileTypes: true, encoding: "buffer" });
  return bytes.map((entry) => ({ name: textOf(entry.name), link: entry.isSymbolicLink() }));
}

/** Names in a folder but for hidden ones, as Python's `sorted` sorts them. */
async function childrenOf(folder: string, path: string, depth: number): Promise<readonly Child[]> {
  const names = await namesIn(filePath(join(folder, path)));
  return names
    .filter(({ name }) => !name.startsWith("."))
    .map(({ name, link }) => ({ path: path === "" ? name : `${path}/${name}`, link, depth }));
}

/**
 * The files in a folder and its subfolders, by their paths within the folder, each file once: links are followed after the rest,
 * and lead to nothing that is already there. So a link to a folder above ends.
 * @param depth how many levels are searched
 */
export async function filesIn(folder: string, depth = Infinity): Promise<readonly string[]> {
  const root = await entryAt(folder);
  const seen = new Set(root === undefined ? [] : [root.identity]);
  const files: string[] = [];
  const links: Child[] = [];

  const visit = async (children: readonly Child[]): Promise<void> => {
    const found = await Promise.all(children.map((child) => entryAt(join(folder, child.path))));
    for (const [index, child] of children.entries()) {
      const entry = found[index];
      if (entry !== undefined && seen.has(entry.identity)) continue;
      if (entry !== undefined) seen.add(entry.identity);
      // A link to nothing is listed as a file, and cannot be read as one.
      if (entry?.kind !== "folder") files.push(child.path);
      else if (child.depth < depth) await descend(child.path, child.depth + 1);
    }
  };
  const descend = async (path: string, level: number): Promise<void> => {
    const children = await childrenOf(folder, path, level);
    links.push(...children.filter(({ link }) => link));
    await visit(children.filter(({ link }) => !link));
  };

  await descend("", 1);
  for (let link = links.shift(); link !== undefined; link = links.shift()) await visit([link]);
  return files;
}

/** Whether a path that does not exist can be a glob. */
export const isPattern = (path: string): boolean => picomatch.scan(path).isGlob || /[*?]/.test(path);

/** The folder that the pattern starts with, where such a one exists, and the pattern within it. */
async function startOf(pattern: string): Promise<{ readonly folder: string; readonly rest: string }> {
  const parts = (sep === "\\" ? pattern.replaceAll("\\", "/") : pattern).split("/");
  for (let count = parts.length - 1; count > 0; count--) {
    const folder = parts.slice(0, count).join("/") || "/";
    if ((await entryAt(folder))?.kind === "folder") return { folder, rest: parts.slice(count).join("/") };
  }
  return { folder: "", rest: parts.join("/") };
}

/** Only * and ? as wildcards: parentheses, brackets and braces are often a part of a name. */
const withPlainBrackets = (pattern: string): string => pattern.replaceAll(/[\\()[\]{}!+@|^$]/g, "\\$&");

/**
 * The files that a glob matches. A folder at its start that exists is that folder, whatever characters it has; where the glob
 * matches nothing, its brackets stand for themselves.
 */
export async function filesMatching(pattern: string): Promise<readonly string[]> {
  const { folder, rest } = await startOf(pattern);
  const depth = rest.includes("**") ? Infinity : rest.split("/").length;
  const files = await filesIn(folder === "" ? "." : folder, depth);
  for (const glob of [rest, withPlainBrackets(rest)]) {
    const matches = picomatch(glob);
    const found = files.filter((file) => matches(file));
    if (found.length > 0) return found.map((file) => (folder === "" ? file : join(folder, file)));
  }
  return [];
}

/** A path with ~ for the home folder. */
export const withHome = (path: string): string =>
  path === "~" || /^~[/\\]/.test(path) ? join(homedir(), path.slice(1)) : path;

/** Node reads arguments as UTF-8, and puts this character for each byte that is not. */
const replacement = "\ufffd";

/** The file or folder that a user's path names: as it is written, from the home folder, or by a name that is not UTF-8. */
export async function entryNamed(path: string): Promise<Entry | undefined> {
  const found = (await entryAt(path)) ?? (await entryAt(withHome(path)));
  if (found !== undefined || !path.includes(replacement)) return found;
  const [start = "", ...parts] = path.split("/");
  let here = start.includes(replacement) ? await childLike(".", start) : start;
  for (const part of parts) {
    if (here === undefined) return undefined;
    here = part.includes(replacement) ? await childLike(`${here}/`, part) : `${here}/${part}`;
  }
  return here === undefined ? undefined : entryAt(here);
}

/** The one child that reads like this with the replacement character. @throws ErfitError where there are several */
async function childLike(folder: string, name: string): Promise<string | undefined> {
  const children = await readdir(filePath(folder), { encoding: "buffer" }).catch(() => []);
  const [child, another] = children.filter((bytes) => bytes.toString("utf8") === name);
  if (another !== undefined)
    throw new ErfitError(`${join(folder, name)}: several files there have such a name, which is not UTF-8`, {
      remedy: "Name the folder that they are in, or rename them in UTF-8.",
    });
  return child === undefined ? undefined : join(folder, textOf(child));
}
