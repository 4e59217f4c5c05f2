import { columnKey, type CamColumn } from "../../cam/columns.ts";
import { ErfitError } from "../../core/error.ts";
import { optionText } from "../../core/error.ts";
import { fileName } from "../../io/files.ts";

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
export const endings: Readonly<Record<WritingName, (column: CamColumn) => string>> = {
  maps: (column) => `${columnKey(column)}.npy`,
  grids: (column) => `${columnKey(column).replace(/\.[^.]*$/, "")}.grid.npy`,
  overlays: (column) => `${columnKey(column)}.png`,
};

/** What the files of an image begin with: its class is part of it only where several are explained. */
export const baseOf = (stem: string, classIndex: number, several: boolean): string =>
  several ? `${stem}.class-${classIndex}` : stem;

/** The kinds of files to write. @throws ErfitError for "none" beside others */
export function writingsFrom(given: readonly (WritingName | "none")[]): readonly WritingName[] {
  const kinds = given.flatMap((kind) => (kind === "none" ? [] : [kind]));
  if (kinds.length > 0 && kinds.length < given.length)
    throw new ErfitError(`${optionText("write", given.join(" "))}: none stands alone`);
  return [...new Set(kinds)];
}
