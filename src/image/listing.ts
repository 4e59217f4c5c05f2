import { readFile, stat } from "node:fs/promises";
import { dirname, extname, isAbsolute, join, resolve, sep } from "node:path";
import { glob, isDynamicPattern } from "tinyglobby";
import { ErfitError } from "../math/error.ts";

export interface ImageSource {
  /** Unique in its list, and short: the base name, or as much of the path as tells it from another. */
  readonly name: string;
  readonly path: string;
  /** A photograph goes through preprocessing; a tensor (.npy) is a ready input. */
  readonly kind: "photograph" | "tensor";
}

const photographExtensions = [".jpg", ".jpeg", ".png", ".webp", ".gif", ".tif", ".tiff", ".avif"] as const;
const tensorExtension = ".npy";
const extensions: readonly string[] = [...photographExtensions, tensorExtension];
const extensionWords = extensions.join(", ");

/**
 * The images that the inputs name, in the inputs' order, each once. An input is a folder (searched to its depths,
 * sorted as Python's `sorted` sorts the paths), a glob, a list file (.txt: one path a line, relative to the list;
 * blank lines and # comments do not count), one photograph or one .npy.
 * @throws ErfitError for an input that does not exist, holds no image, or is none
 */
export async function listImages(inputs: readonly string[]): Promise<readonly ImageSource[]> {
  const paths: string[] = [];
  for (const input of inputs) paths.push(...(await pathsOf(input)));
  const byFile = new Map(paths.map((path) => [resolve(path), path]));
  const names = named([...byFile.values()]);
  return [...byFile.values()].map((path) => ({
    name: names.get(path) ?? path,
    path,
    kind: hasExtension(path, tensorExtension) ? "tensor" : "photograph",
  }));
}

async function pathsOf(input: string): Promise<readonly string[]> {
  const found = await kindOf(input);
  if (found === "folder") return imagesIn(input);
  if (found === "file")
    return hasExtension(input, ".txt") ? pathsInList(input) : [checkedImage(input, input)];
  if (isDynamicPattern(input)) return imagesMatching(input);
  throw new ErfitError(`${input}: no such file or folder`);
}

async function imagesIn(folder: string): Promise<readonly string[]> {
  const found = await glob("**/*", { cwd: folder, expandDirectories: false });
  const images = found.filter(isImage).sort(byCodePoint);
  if (images.length === 0)
    throw new ErfitError(`${folder}: no image in this folder`, {
      remedy: `Images end in ${extensionWords}.`,
    });
  return images.map((path) => join(folder, path));
}

async function imagesMatching(pattern: string): Promise<readonly string[]> {
  const found = await glob(pattern, { expandDirectories: false, absolute: isAbsolute(pattern) });
  const images = found.filter(isImage).sort(byCodePoint);
  if (images.length === 0)
    throw new ErfitError(`${pattern}: matches no image`, { remedy: `Images end in ${extensionWords}.` });
  return images;
}

async function pathsInList(list: string): Promise<readonly string[]> {
  const paths: string[] = [];
  for (const [index, line] of (await readFile(list, "utf8"))
    .replace(/^\uFEFF/, "")
    .split(/\r?\n/)
    .entries()) {
    const entry = line.trim();
    if (entry === "" || entry.startsWith("#")) continue;
    const path = isAbsolute(entry) ? entry : join(dirname(list), entry);
    const where = `${list}, line ${index + 1}: ${entry}`;
    if ((await kindOf(path)) !== "file") throw new ErfitError(`${where}: no such file`);
    paths.push(checkedImage(path, where));
  }
  if (paths.length === 0)
    throw new ErfitError(`${list}: lists no image`, { remedy: "Write one path a line." });
  return paths;
}

async function kindOf(path: string): Promise<"file" | "folder" | undefined> {
  try {
    return (await stat(path)).isDirectory() ? "folder" : "file";
  } catch {
    return undefined;
  }
}

function checkedImage(path: string, where: string): string {
  if (!isImage(path))
    throw new ErfitError(`${where}: not an image`, { remedy: `Images end in ${extensionWords}.` });
  return path;
}

const hasExtension = (path: string, extension: string): boolean => extname(path).toLowerCase() === extension;
const isImage = (path: string): boolean => extensions.includes(extname(path).toLowerCase());

/** UTF-8 bytes sort as code points do; JavaScript's own order is by UTF-16 unit, and differs beyond U+FFFF. */
const byCodePoint = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));

/** Names each path by as many of its last parts as tell it from all others. */
function named(paths: readonly string[], parts = 1): ReadonlyMap<string, string> {
  const ending = (path: string): string => resolve(path).split(sep).slice(-parts).join("/");
  const uses = new Map<string, number>();
  for (const path of paths) uses.set(ending(path), (uses.get(ending(path)) ?? 0) + 1);
  const alike = paths.filter((path) => uses.get(ending(path)) !== 1);
  const names = paths.map((path) => [path, ending(path)] as const);
  return new Map([...names, ...(alike.length === 0 ? [] : named(alike, parts + 1))]);
}
