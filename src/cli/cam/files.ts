import { columnKey } from "../../cam/columns.ts";
import { isEven } from "../../cam/feature-map.ts";
import { encodePng } from "../../input/decode.ts";
import type { Input } from "../../input/load.ts";
import { writeMap } from "../../core/npy.ts";
import { overlay } from "../../report/overlay.ts";
import type { DrawnCam } from "../../cam/cam.ts";
import { baseOf, endings, type WritingName } from "./names.ts";
import type { ClassRecord, ImageRecord } from "./record.ts";
import type { ExplainedClass, ExplainedImage } from "../../tasks/cam/explain-all.ts";
import { writeAll } from "../../io/files.ts";

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
