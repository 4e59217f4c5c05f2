import { extname, join, resolve, sep } from "node:path";
import { meantPath, readPart } from "../io/read.ts";
import { ErfitError } from "../core/error.ts";
import { signatureOf } from "./formats/signatures.ts";
import { entryAt, filesIn, entryNamed, filesMatching, isPattern } from "./listing/entries.ts";
import { pathsInList } from "./listing/list-file.ts";

export interface ImageSource {
  /** Unique in its list, and short: the base name, or as much of the path as tells it from another. */
  readonly name: string;
  readonly path: string;
  /** A photograph goes through preprocessing; a tensor (.npy) is a ready input. */
  readonly kind: "photograph" | "tensor";
  /** The name of an earlier image in its list with the same bytes, where that was looked for. */
  readonly copyOf?: string;
}

const photographExtensions = [
  ...[".jpg", ".jpeg", ".png", ".webp", ".gif", ".tif", ".tiff", ".avif"],
  ...[".jfif", ".jpe", ".bmp", ".ppm", ".pgm", ".pbm", ".pnm"],
];
const tensorExtension = ".npy";
const extensions: readonly string[] = [...photographExtensions, tensorExtension];
const extensionWords = extensions.join(", ");
const listExtensions: readonly string[] = [".txt", ".csv", ".tsv", ".lst", ".list"];

/** Formats that phones, cameras and archives keep photographs in, and that erfit does not read. */
const otherExtensions: readonly string[] = [
  ".heic",
  ".heif",
  ".jp2",
  ".jxl",
  ".dng",
  ".cr2",
  ".nef",
  ".arw",
  ".psd",
];

/**
 * The images that the inputs name, in the inputs' order, each file once, whatever links lead to it. An input is a folder
 * (searched to its depths, sorted as Python's `sorted` sorts the paths), a list (.txt, .csv, .tsv: one path a line, relative to
 * the list), one photograph or one .npy; or a glob, where no file or folder has that name.
 * @throws ErfitError for an input that does not exist, holds no image, or is none
 */
export async function listImages(inputs: readonly string[]): Promise<readonly ImageSource[]> {
  const paths: string[] = [];
  for (const input of inputs) paths.push(...(await pathsOf(input)));
  const images = await eachOnce(paths);
  const names = named(images);
  return images.map((path) => ({
    name: names.get(path) ?? path,
    path,
    kind: extensionOf(path) === tensorExtension ? "tensor" : "photograph",
  }));
}

/** The first of the paths to each file. */
async function eachOnce(paths: readonly string[]): Promise<readonly string[]> {
  const entries = await Promise.all(paths.map(entryAt));
  const byFile = new Map<string, string>();
  for (const [index, path] of paths.entries()) {
    const file = entries[index]?.identity ?? resolve(path);
    if (!byFile.has(file)) byFile.set(file, path);
  }
  return [...byFile.values()];
}

async function pathsOf(input: string): Promise<readonly string[]> {
  const entry = await entryNamed(input);
  if (entry?.kind === "folder") return imagesIn(entry.path);
  if (entry?.kind === "file") {
    if (!listExtensions.includes(extensionOf(entry.path))) return [await checkedImage(entry.path, input)];
    const images: string[] = [];
    for (const { path, where } of await pathsInList(entry.path)) images.push(await checkedImage(path, where));
    return images;
  }
  if (isPattern(input)) return imagesMatching(input);
  throw new ErfitError(`${input}: no such file or folder`, { remedy: await meantPath(input) });
}

async function imagesIn(folder: string): Promise<readonly string[]> {
  const found = (await filesIn(folder)).toSorted(byCodePoint).map((path) => join(folder, path));
  const images = await imagesAmong(found);
  if (images.length === 0) throw withoutImages(`${folder}: no image in this folder`, found);
  return images;
}

async function imagesMatching(pattern: string): Promise<readonly string[]> {
  const found = (await filesMatching(pattern)).toSorted(byCodePoint);
  const images = await imagesAmong(found);
  if (images.length === 0)
    throw withoutImages(
      `${pattern}: matches no image`,
      found,
      " In a pattern, a backslash takes the next character as it is; a path that exists is no pattern.",
    );
  return images;
}

function withoutImages(message: string, found: readonly string[], hint = ""): ErfitError {
  const others = found.filter((path) => otherExtensions.includes(extensionOf(path)));
  const kinds = [...new Set(others.map(extensionOf))].join(", ");
  return new ErfitError(
    others.length === 0 ? message : `${message} that erfit reads, but ${others.length} of ${kinds}`,
    {
      remedy: `${others.length === 0 ? "" : "Convert them to JPEG or PNG. "}Images end in ${extensionWords}.${hint}`,
    },
  );
}

/** Files with an image extension; without an extension the first bytes decide. */
async function imagesAmong(paths: readonly string[]): Promise<readonly string[]> {
  const are = await Promise.all(
    paths.map(async (path) => isImage(path) || (extname(path) === "" && (await holdsPhotograph(path)))),
  );
  return paths.filter((_, index) => are[index]);
}

/** A file that is named itself may have any name. */
async function checkedImage(path: string, where: string): Promise<string> {
  if (isImage(path) || (await holdsPhotograph(path))) return path;
  throw new ErfitError(`${where}: not an image`, {
    remedy: `${otherExtensions.includes(extensionOf(path)) ? "Convert it to JPEG or PNG. " : ""}Images end in ${extensionWords}.`,
  });
}

const extensionOf = (path: string): string => extname(path).toLowerCase();
const isImage = (path: string): boolean => extensions.includes(extensionOf(path));

/** Whether a file's first bytes are those of a photograph in a format that erfit reads. */
async function holdsPhotograph(path: string): Promise<boolean> {
  const start = await readPart(path, 0, 256).catch(() => undefined);
  return start !== undefined && signatureOf(start)?.decoder != null;
}

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
