import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { filePath, textOf } from "../../io/path-bytes.ts";

/** A file or folder that exists, whatever characters its path has. */
export interface Entry {
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
