import { access, constants, mkdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { ErfitError, messageOf } from "../math/error.ts";

/** The only file, but for the journal, that writes files; and the .npy files that a command names are read here. */

const unread: Readonly<Record<string, string>> = {
  ENOENT: "no such file",
  ENOTDIR: "no such file",
  EISDIR: "this is a folder",
  EACCES: "permission denied",
};

const codeOf = (thrown: unknown): string =>
  thrown instanceof Error && "code" in thrown ? String(thrown.code) : "";

/**
 * The bytes of a file that the user named.
 * @param expected what it should be, with its article: "a map as a .npy file"
 */
export const readNamed = (path: string, expected: string): Promise<Uint8Array> =>
  readFile(path).catch((thrown: unknown) => {
    const reason = unread[codeOf(thrown)] ?? `it cannot be read (${messageOf(thrown)})`;
    throw new ErfitError(`${path}: ${reason}; expected ${expected}`, { cause: thrown });
  });

const unwritten: Readonly<Record<string, string>> = {
  ENOENT: "no folder can be made there",
  EACCES: "permission denied",
  EROFS: "the file system is read-only",
  ENOSPC: "no space is left on the device",
  ENOTDIR: "a part of the path is a file, not a folder",
  EEXIST: "a file stands where the folder should be",
  EISDIR: "a folder stands in its place",
};

function unwritable(path: string, thrown: unknown): ErfitError {
  return new ErfitError(`${path}: cannot be written: ${unwritten[codeOf(thrown)] ?? messageOf(thrown)}`, {
    remedy: "choose another folder with --out",
    cause: thrown,
  });
}

const isFolder = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );

/** One folder after another: Node's recursive mkdir never returns where a parent exists but takes no folder (/proc). */
async function makeFolder(path: string): Promise<void> {
  if (await isFolder(path)) return;
  if (dirname(path) !== path) await makeFolder(dirname(path));
  await mkdir(path).catch(async (thrown: unknown) => {
    if (!(await isFolder(path))) throw thrown; // another process may have made it meanwhile
  });
}

/**
 * Makes a folder that files can be written to, and returns it: a command asks for it before its work, not after.
 * @throws ErfitError naming the folder
 */
export async function writableFolder(folder: string): Promise<string> {
  try {
    await makeFolder(resolve(folder));
    await access(folder, constants.W_OK);
    return folder;
  } catch (thrown) {
    throw unwritable(folder, thrown);
  }
}

/** Writes a file whole or not at all: to a temporary name beside it, then renamed over it. */
export async function writeWhole(path: string, content: Uint8Array | string): Promise<void> {
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    await makeFolder(resolve(dirname(path)));
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

/** A name from a model or photograph as a file name: no separators, controls, or what some file system forbids. */
export const fileName = (name: string): string =>
  name.replace(/[\p{C}/\\<>:"|?*]+/gu, "_").replace(/^\.+/, "_") || "_";
