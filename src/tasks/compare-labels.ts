import { dirname, normalize, resolve, sep } from "node:path";
import { z } from "zod";
import { ErfitError, listed, optionText } from "../core/error.ts";

/** What calibrations are called: a name by the folder of each. */
export type FolderLabels = Readonly<Record<string, string>>;

const example = "resnet50=ResNet-50,convnext=ConvNeXt-T";

export const folderLabelsSchema: z.ZodType<FolderLabels> = z
  .record(z.string(), z.string(`expected a name for each folder: ${example}`).min(1, "expected a name"), {
    error: `expected folder=Name, with commas between: ${example}`,
  })
  .readonly();

/** `a=A,b=B` as a mapping; a text of another form stays as it is, for the check to show it. */
export function folderLabelsFromText(text: string): unknown {
  const pairs = text.split(",").map((pair) => {
    const [folder = "", ...name] = pair.split("=");
    return [folder.trim(), name.join("=").trim()] as const;
  });
  const keys = new Set(pairs.map(([folder]) => folder));
  const complete = pairs.every(([folder, name]) => folder !== "" && name !== "");
  return complete && keys.size === pairs.length ? Object.fromEntries(pairs) : text;
}

/**
 * The folders that a label's key names: the one at that path, else all whose path ends in it, by whole names.
 * @param folders as they were given
 */
function foldersNamed(key: string, folders: readonly string[]): readonly string[] {
  const named = normalize(key.endsWith(".json") ? dirname(key) : key);
  const exact = folders.filter((folder) => resolve(folder) === resolve(named));
  if (exact.length > 0) return exact;
  const end = sep + named.split(/[/\\]/).filter(Boolean).join(sep);
  return folders.filter((folder) => resolve(folder).endsWith(end));
}

/**
 * The name of each folder that has one, by the folder.
 * @throws ErfitError for a key that names none of the folders or several of them, and for a folder or a name that is there twice
 */
export function namedFolders(labels: FolderLabels, folders: readonly string[]): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  const compared = `the folders compared: ${listed(folders, 12)}`;
  for (const [key, name] of Object.entries(labels)) {
    const found = foldersNamed(key, folders);
    const given = optionText("labels");
    const [folder] = found;
    if (folder === undefined)
      throw new ErfitError(`${given}: "${key}" is none of ${compared}`, {
        remedy: "name a folder by its path, or by the end of it",
      });
    if (found.length > 1)
      throw new ErfitError(
        `${given}: "${key}" is ambiguous: ${listed(found, 12)} end in it; name more of the path`,
      );
    const earlier = names.get(folder);
    if (earlier !== undefined)
      throw new ErfitError(`${given}: ${folder} has two names, "${earlier}" and "${name}"`);
    const [other] = Array.from(names).find(([, taken]) => taken === name) ?? [];
    if (other !== undefined)
      throw new ErfitError(`${given}: ${other} and ${folder} have the same name, "${name}"`);
    names.set(folder, name);
  }
  return names;
}
