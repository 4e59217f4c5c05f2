import { basename, dirname, resolve, sep } from "node:path";
import { classIndexOf } from "../../cam/class-choice.ts";
import type { ImageSource } from "../../input/listing.ts";
import { withHome } from "../../input/listing/entries.ts";
import { listText, unquoted } from "../../input/listing/list-file.ts";
import { ErfitError, optionText, listed } from "../../core/error.ts";
import { readNamed } from "../../io/files.ts";

/**
 * The class, by index or label, of each image: a file of lines `image,class`, the word `folders` where the class is the name of
 * the folder, or the classes themselves by the images' names or paths.
 */
export type Labels = string | Readonly<Record<string, number | string>>;

/** The class of every image by its name. @throws ErfitError where an image has none */
export async function readLabels(
  labels: Labels,
  sources: readonly ImageSource[],
  classNames: readonly string[] | undefined,
  classes: number,
): Promise<ReadonlyMap<string, number>> {
  const labelOf = await labelingBy(labels, sources, classNames, classes);
  const given = typeof labels === "string" ? optionText("labels", labels) : optionText("labels");
  const found = sources.map(({ name, path }) => [name, labelOf({ name, path })] as const);
  const without = found.filter(([, label]) => label === undefined).map(([name]) => name);
  if (without.length > 0)
    throw new ErfitError(
      `${given}: ${without.length} of ${sources.length} photographs have no class: ${listed(without)}`,
      {
        remedy: "every photograph needs a line `image,class`; the photograph by its name or path",
      },
    );
  const beyond = found.find(([, label = 0]) => label >= classes);
  if (beyond !== undefined)
    throw new ErfitError(
      `${given}: ${beyond[0]} has class ${beyond[1] ?? ""}, but the model has ${classes} classes, 0 to ${classes - 1}`,
    );
  return new Map(found.flatMap(([name, label]) => (label === undefined ? [] : [[name, label] as const])));
}

type Labeling = (image: Pick<ImageSource, "name" | "path">) => number | undefined;

async function labelingBy(
  labels: Labels,
  sources: readonly ImageSource[],
  classNames: readonly string[] | undefined,
  classes: number,
): Promise<Labeling> {
  if (labels === "folders") return byFolder(sources, classNames, classes);
  if (typeof labels === "string")
    return byLine(listText(await readNamed(labels, "lines of image,class")), labels, classNames);
  return byName(
    new Map(Object.entries(labels).map(([image, label]) => [image, classIndexOf(String(label), classNames)])),
  );
}

/** Labels of images by their names or paths; a path may leave out folders at its start. */
const byName =
  (labels: ReadonlyMap<string, number>): Labeling =>
  ({ name, path }) =>
    labels.get(name) ??
    labels.get(path) ??
    endingsOf(resolve(path))
      .map((ending) => labels.get(ending))
      .find((label) => label !== undefined);

/** The path, and what is left of it without the first folder, the first two, and so on. */
function endingsOf(path: string): readonly string[] {
  const parts = path.split(sep);
  return [path, ...parts.slice(1).map((_, index) => parts.slice(index + 1).join("/"))];
}

/** A name in a file of labels as a path here has it. */
const pathIn = (name: string): string =>
  withHome(unquoted(name))
    .replaceAll("\\", "/")
    .replace(/^(\.\/)+/, "");

/**
 * Lines `image,class`; the last comma or tab parts them, for names may hold commas, and without one the last space. A first line
 * `image,class` is a heading.
 */
function byLine(text: string, file: string, classNames: readonly string[] | undefined): Labeling {
  const labels = new Map<string, number>();
  for (const [k, line] of text.split(/\r\n|\n|\r/).entries()) {
    if (line.trim() === "" || line.startsWith("#") || (k === 0 && /^"?image"?,/i.test(line))) continue;
    const [, image, label] =
      /^(.+?)\s*[,;\t]\s*("(?:[^"]|"")*"|[^,;\t]+?)\s*$/.exec(line) ??
      /^\s*(.+)\s+(\S+?)\s*$/.exec(line) ??
      [];
    if (image === undefined || label === undefined)
      throw new ErfitError(`${file}, line ${k + 1}: "${line}" is not image,class`);
    labels.set(pathIn(image), classIndexOf(unquoted(label), classNames));
  }
  return byName(labels);
}

/**
 * The folder's name is a class, by index or label; else, where there are as many folders as classes, its place among their
 * sorted names, as torchvision's ImageFolder counts (and as ImageNet's folders n01440764, n01443537, … lie).
 */
function byFolder(
  sources: readonly ImageSource[],
  classNames: readonly string[] | undefined,
  classes: number,
): Labeling {
  const folderOf = (path: string) => basename(dirname(resolve(path)));
  const folders = [...new Set(sources.map(({ path }) => folderOf(path)))].sort();
  const isClass = (folder: string): boolean =>
    /^\d+$/.test(folder)
      ? Number(folder) < classes
      : classNames?.some((name) => name.toLowerCase() === folder.toLowerCase()) === true;
  if (folders.length === classes && !folders.every(isClass))
    return ({ path }) => folders.indexOf(folderOf(path));
  return ({ path }) => classIndexOf(folderOf(path), classNames);
}
