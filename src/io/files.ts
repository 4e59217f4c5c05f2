import { createHash } from "node:crypto";
import { access, constants, mkdir, open, readdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname, isAbsolute, join, relative, resolve } from "node:path";
import { meantPath, readRegular } from "./read.ts";
import { sweep, temporaryFor } from "./temporary.ts";
import { ErfitError, messageOf, optionText } from "../core/error.ts";

/** The only file, but for the journal, that writes files; and the .npy files that a command names are read here. */

const noSuchFile = "no such file";

const unread: Readonly<Record<string, string>> = {
  ENOENT: noSuchFile,
  ENOTDIR: noSuchFile,
  EISDIR: "this is a folder",
  EACCES: "permission denied",
};

/** The code of a system's error, "ENOENT"; "" of any other. */
export const codeOf = (thrown: unknown): string =>
  thrown instanceof Error && "code" in thrown ? String(thrown.code) : "";

/**
 * The bytes of a file that the user named.
 * @param expected what it should be, with its article: "a map as a .npy file"
 */
export const readNamed = (path: string, expected: string): Promise<Uint8Array> =>
  readRegular(path, Infinity).catch(async (thrown: unknown) => {
    const reason = unread[codeOf(thrown)] ?? `it cannot be read (${messageOf(thrown)})`;
    const remedy = reason === noSuchFile ? await meantPath(path) : undefined;
    throw new ErfitError(`${path}: ${reason}; expected ${expected}`, { cause: thrown, remedy });
  });

/** The bytes of a file, or undefined where there is none. */
export const readIfThere = (path: string, expected: string): Promise<Uint8Array | undefined> =>
  readNamed(path, expected).catch((thrown: unknown) => {
    const { cause } = thrown instanceof Error ? thrown : {};
    if (unread[codeOf(cause)] === noSuchFile) return undefined;
    throw thrown;
  });

/** Whether there is a file or folder at the path that can be reached. */
export const isThere = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

/** Whether all these files of a folder are there. */
export const allThere = async (folder: string, names: readonly string[]): Promise<boolean> =>
  (await Promise.all(names.map((name) => isThere(join(folder, name))))).every(Boolean);

/** Size and time of a file: whether it is still the one that was read. */
export interface FileStamp {
  readonly bytes: number;
  readonly modified: number;
}

/** @throws the system's error */
export async function stampOf(path: string): Promise<FileStamp> {
  const { size, mtimeMs } = await stat(path);
  return { bytes: size, modified: mtimeMs };
}

/**
 * The path of a file that a record names; a record is anyone's, and names files of its own folder alone.
 * @throws ErfitError where the name leaves the folder
 */
export function within(folder: string, name: string, record: string): string {
  const path = join(folder, name);
  const away = relative(folder, path);
  if (!isAbsolute(name) && !/^\.\.([/\\]|$)/.test(away) && !isAbsolute(away)) return path;
  throw new ErfitError(`${record} names "${name}", which lies outside its folder`, {
    remedy: "name the folder that holds the results as erfit wrote them",
  });
}

/** Names of the files in a folder, sorted. @throws ErfitError naming what is no folder */
export const namesIn = async (folder: string): Promise<readonly string[]> =>
  (
    await readdir(folder).catch((thrown: unknown) => {
      const reason =
        codeOf(thrown) === "ENOTDIR" ? "no folder" : (unread[codeOf(thrown)] ?? messageOf(thrown));
      throw new ErfitError(`${folder}: ${reason}; expected a folder`, { cause: thrown });
    })
  ).sort();

const unwritten: Readonly<Record<string, string>> = {
  ENOENT: "no folder can be made there",
  EACCES: "permission denied",
  EROFS: "the file system is read-only",
  ENOTDIR: "a part of the path is a file, not a folder",
  EEXIST: "a file stands where the folder should be",
  EISDIR: "a folder stands in its place",
};

/** What a run meets on its way: the folder was the right one. */
const full: Readonly<Record<string, string>> = {
  ENOSPC: "no space is left on the device",
  EDQUOT: "the disk quota is used up",
  EFBIG: "the file would be larger than this process may write",
  EIO: "the device fails",
};

/** Why a file cannot be written, and what to do. */
export function unwritable(path: string, thrown: unknown): ErfitError {
  const code = codeOf(thrown);
  const failure = full[code];
  if (failure !== undefined)
    return new ErfitError(`${path}: cannot be written: ${failure}; what was there before is as it was`, {
      kind: "failure",
      remedy: `make room and give the command again, or choose another folder with ${optionText("out")}`,
      cause: thrown,
    });
  return new ErfitError(`${path}: cannot be written: ${unwritten[code] ?? messageOf(thrown)}`, {
    remedy: `choose another folder with ${optionText("out")}`,
    cause: thrown,
  });
}

export const isFolder = (path: string): Promise<boolean> =>
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
 * Makes a folder that files can be written to, and returns it: commands call it before their work. What a killed
 * process left half written there is removed.
 * @throws ErfitError naming the folder
 */
export async function writableFolder(folder: string): Promise<string> {
  try {
    await makeFolder(resolve(folder));
    await access(folder, constants.W_OK);
    await sweep(folder);
    return folder;
  } catch (thrown) {
    throw unwritable(folder, thrown);
  }
}

/** Writes a temporary file beside `path`; it is on the disk, not only in its cache, when this returns. */
async function staged(path: string, content: Uint8Array | string): Promise<string> {
  const temporary = temporaryFor(path);
  try {
    await makeFolder(resolve(dirname(path)));
    await writeFile(temporary, content, { flush: true });
    return temporary;
  } catch (thrown) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw unwritable(path, thrown);
  }
}

/** A new name survives a power cut once its folder is on the disk. Windows opens no folder, and needs none of this. */
async function flushFolder(folder: string): Promise<void> {
  const handle = await open(folder).catch(() => undefined);
  await handle?.sync().catch(() => undefined);
  await handle?.close();
}

/** Writes files of one folder, each whole or not at all; none replaces what is there before all are written beside it. */
async function replaceAll(folder: string, files: readonly (readonly [string, Uint8Array | string])[]) {
  const temporaries: { readonly path: string; readonly temporary: string }[] = [];
  try {
    for (const [path, content] of files) temporaries.push({ path, temporary: await staged(path, content) });
    for (const { path, temporary } of temporaries)
      await rename(temporary, path).catch((thrown: unknown) => {
        throw unwritable(path, thrown);
      });
  } finally {
    for (const { temporary } of temporaries) await rm(temporary, { force: true }).catch(() => undefined);
  }
  await flushFolder(folder);
}

/** Writes a file whole or not at all. */
export const writeWhole = (path: string, content: Uint8Array | string): Promise<void> =>
  replaceAll(dirname(path), [[path, content]]);

/** Writes several files of one folder, all or (but for a power failure at that moment) none; returns their paths. */
export async function writeAll(
  folder: string,
  files: Readonly<Record<string, Uint8Array | string>>,
): Promise<readonly string[]> {
  const written = Object.entries(files).map(([name, content]) => [join(folder, name), content] as const);
  await replaceAll(folder, written);
  return written.map(([path]) => path);
}

export async function removeFile(path: string): Promise<void> {
  await rm(path, { force: true }).catch((thrown: unknown) => {
    throw unwritable(path, thrown);
  });
  await flushFolder(dirname(path));
}

/** A name from a model or photograph as a file name: no separators, controls, or what some file system forbids. */
export const fileName = (name: string): string =>
  name.replace(/[\p{C}/\\<>:"|?*]+/gu, "_").replace(/^\.+/, "_") || "_";

/** SHA-256 of texts in their order, hexadecimal. */
export const digestOf = (texts: readonly string[]): string =>
  createHash("sha256").update(texts.join("\n")).digest("hex");
