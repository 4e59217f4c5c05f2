import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { ErfitError, messageOf } from "../math/error.ts";

/** The only file that writes files. */

const reasons: Readonly<Record<string, string>> = {
  EACCES: "permission denied",
  EROFS: "the file system is read-only",
  ENOSPC: "no space is left on the device",
  ENOTDIR: "a part of the path is a file, not a folder",
  EEXIST: "a file stands where the folder should be",
  EISDIR: "a folder stands in its place",
};

function unwritable(path: string, thrown: unknown): ErfitError {
  const code = thrown instanceof Error && "code" in thrown ? String(thrown.code) : "";
  return new ErfitError(`${path}: cannot be written: ${reasons[code] ?? messageOf(thrown)}`, {
    remedy: "choose another folder with --out",
    cause: thrown,
  });
}

/** Writes a file whole or not at all: to a temporary name beside it, then renamed over it. */
export async function writeWhole(path: string, content: Uint8Array | string): Promise<void> {
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(temporary, content, { flush: true });
    await rename(temporary, path);
  } catch (thrown) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw unwritable(path, thrown);
  }
}

/** Writes several files of one folder; returns their paths. */
export async function writeAll(
  folder: string,
  files: Readonly<Record<string, Uint8Array | string>>,
): Promise<readonly string[]> {
  const paths: string[] = [];
  for (const [name, content] of Object.entries(files)) {
    const path = join(folder, name);
    await writeWhole(path, content);
    paths.push(path);
  }
  return paths;
}

/** A name from a model or photograph as a file name: no separators, nothing a shell or a browser minds. */
export const fileName = (name: string): string =>
  name.replace(/[^\p{L}\p{N}._-]+/gu, "_").replace(/^\.+/, "_") || "_";
