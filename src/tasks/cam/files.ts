import { resolve } from "node:path";
import type { DrawnCam } from "../../cam/cam.ts";
import { columnKey, type CamColumn, columnTitle } from "../../cam/columns.ts";
import { isEven } from "../../cam/feature-map.ts";
import { ErfitError, optionText } from "../../core/error.ts";
import { writeMap } from "../../core/npy.ts";
import { encodePng } from "../../input/decode.ts";
import type { ImageSource } from "../../input/listing.ts";
import type { Input } from "../../input/load.ts";
import { fileName, writeAll, allThere, stampOf } from "../../io/files.ts";
import type { ColorScaleName } from "../../report/color.ts";
import { figureFiles, type FigureOutput } from "../../report/figure-files.ts";
import { overlay } from "../../report/overlay.ts";
import type { SheetRow } from "../../report/sheet/sheet.ts";
import type { ExplainedClass, ExplainedImage } from "./explain-all.ts";
import { type ClassRecord, type ImageRecord, isSkipped, type JournalEntry } from "./record.ts";

/** Image names without their extension; where two would be alike the extension stays, and then a number is added. */
export function stemsOf(names: readonly string[]): readonly string[] {
  const bare = (name: string) => fileName(name.replace(/\.[^./\\]+$/, ""));
  const uses = new Map<string, number>();
  for (const name of names) uses.set(bare(name), (uses.get(bare(name)) ?? 0) + 1);
  const taken = new Set<string>();
  return names.map((name, k) => {
    const choices = [...(uses.get(bare(name)) === 1 ? [bare(name)] : []), fileName(name)];
    const stem = choices.find((choice) => !taken.has(choice)) ?? `${fileName(name)}-${k + 1}`;
    taken.add(stem);
    return stem;
  });
}

/** The kinds of files that a map can be written to. */
export const writings = {
  maps: { what: "maps at input size, .npy" },
  grids: { what: "signed maps at the layer's resolution, before any ReLU, .npy" },
  overlays: { what: "maps in color over the photographs, .png" },
} as const;

export type WritingName = keyof typeof writings;

/** What each kind of file of a column is called, after the image's name: the grid is the same by every upsampling. */
const endings: Readonly<Record<WritingName, (column: CamColumn) => string>> = {
  maps: (column) => `${columnKey(column)}.npy`,
  grids: (column) => `${columnKey(column).replace(/\.[^.]*$/, "")}.grid.npy`,
  overlays: (column) => `${columnKey(column)}.png`,
};

/** What the files of an image begin with: its class is part of it only where several are explained. */
const baseOf = (stem: string, classIndex: number, several: boolean): string =>
  several ? `${stem}.class-${classIndex}` : stem;

/** The kinds of files to write. @throws ErfitError for "none" beside others */
export function writingsFrom(given: readonly (WritingName | "none")[]): readonly WritingName[] {
  const kinds = given.flatMap((kind) => (kind === "none" ? [] : [kind]));
  if (kinds.length > 0 && kinds.length < given.length)
    throw new ErfitError(`${optionText("write", given.join(" "))}: none stands alone`);
  return [...new Set(kinds)];
}

/** A file's content; null where there is nothing to write: a ready tensor has no photograph to lay a map over. */
const contents: Readonly<
  Record<WritingName, (cam: DrawnCam, input: Input) => Uint8Array | null | Promise<Uint8Array | null>>
> = {
  maps: ({ map }) => writeMap(map),
  grids: ({ grid }) => writeMap(grid),
  overlays({ map }, { rgb, height, width }) {
    if (rgb === null) return null;
    return encodePng(overlay({ data: rgb, height, width }, map).data, width, height);
  },
};

/** Writes what is asked of an image, and says what it was. */
export async function writeImage(
  folder: string,
  stem: string,
  { source, input, classes }: ExplainedImage,
  kinds: readonly WritingName[],
  several: boolean,
): Promise<ImageRecord> {
  const records: ClassRecord[] = [];
  for (const one of classes)
    records.push(
      await writeClass(folder, baseOf(stem, one.explanation.classIndex, several), one, input, kinds),
    );
  const photograph = kinds.includes("grids") ? await writePhotograph(folder, stem, input) : null;
  return { image: source.name, photograph, classes: records };
}

/** What the network saw, for `erfit report` to draw grids over; a ready tensor has none. */
async function writePhotograph(
  folder: string,
  stem: string,
  { rgb, height, width }: Input,
): Promise<string | null> {
  if (rgb === null) return null;
  const name = `${stem}.input.png`;
  await writeAll(folder, { [name]: await encodePng(rgb, width, height) });
  return name;
}

async function writeClass(
  folder: string,
  base: string,
  { explanation, className, cams }: ExplainedClass,
  input: Input,
  kinds: readonly WritingName[],
): Promise<ClassRecord> {
  const { classIndex, logits, probability, gradient } = explanation;
  const extended = cams.some(({ column }) => column.method === "extended");
  const maps: ClassRecord["maps"] = [];
  const written = new Set<string>();
  for (const cam of cams) {
    const { column, removedShare, empty } = cam;
    const files: Partial<Record<WritingName, string>> = {};
    for (const kind of kinds) {
      const name = `${base}.${endings[kind](column)}`;
      const content = written.has(name) ? undefined : await contents[kind](cam, input);
      if (content === null) continue;
      if (content !== undefined) await writeAll(folder, { [name]: content });
      written.add(name);
      files[kind] = name;
    }
    maps.push({ column: columnKey(column), removedShare, empty, files });
  }
  return {
    classIndex,
    class: className,
    score: logits[classIndex] ?? NaN,
    probability,
    evenGradient: gradient === null || !extended ? null : isEven(gradient),
    maps,
  };
}

/** Names of all files of an image. */
export const filesOf = ({ photograph, classes }: ImageRecord): readonly string[] => [
  ...(photograph === null ? [] : [photograph]),
  ...classes.flatMap(({ maps }) =>
    maps.flatMap(({ files }) => Object.values(files).filter((name) => name !== undefined)),
  ),
];

/** An image is identified by its path: names depend on which others are in the list. */
export const keyOf = ({ path }: ImageSource): string => resolve(path);

/**
 * What an earlier run made of an image, where that still holds: the image is the same file, its results would have the same
 * names, and they are still in the folder.
 */
export async function kept(
  source: ImageSource,
  stem: string,
  folder: string,
  done: ReadonlyMap<string, JournalEntry>,
): Promise<JournalEntry["outcome"] | null> {
  const entry = done.get(keyOf(source));
  if (entry?.stem !== stem) return null;
  const { outcome, bytes, modified } = entry;
  const now = await stampOf(source.path).catch(() => null);
  if (now?.bytes !== bytes || now.modified !== modified) return null;
  return isSkipped(outcome) || (await allThere(folder, filesOf(outcome))) ? outcome : null;
}

/** A row for each class of a photograph; a ready tensor has no photograph. */
export function sheetRows({
  source,
  input: { rgb, height, width },
  classes,
}: ExplainedImage): readonly SheetRow[] {
  if (rgb === null) return [];
  return classes.map(({ className, explanation: { classIndex, logits, probability }, cams }) => ({
    caption: `${source.name}: ${className}, ${probability === null ? "" : `probability ${probability.toFixed(3)}, `}score ${(logits[classIndex] ?? NaN).toFixed(2)}`,
    photograph: { height, width, data: rgb },
    maps: cams.map(({ map }) => map),
  }));
}

/** Rows of images, columns of methods; returns the paths. */
export async function writeSheet(
  folder: string,
  title: string,
  columns: readonly CamColumn[],
  rows: readonly SheetRow[],
  scale: ColorScaleName,
  output: FigureOutput,
): Promise<readonly string[]> {
  // Loaded where a sheet is asked for: the drawing libraries take longer to load than a map takes to make.
  const { sheetFigure } = await import("../../report/sheet/sheet.ts");
  const { svg } = await sheetFigure({ title, methods: columns.map(columnTitle), rows, scale }, output.style);
  return writeAll(folder, await figureFiles("sheet", svg, output, 2));
}
