import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { filePath, textOf } from "../../io/path-bytes.ts";
import { ErfitError } from "../../core/error.ts";
import { entryAt, type Entry } from "./entries.ts";
import { withHome } from "./list-file.ts";

/** Node reads arguments as UTF-8, and puts this character for each byte that is not. */
const replacement = "\ufffd";

/** The file or folder that a user's path names: as it is written, from the home folder, or by a name that is not UTF-8. */
export async function entryNamed(path: string): Promise<Entry | undefined> {
  const found = (await entryAt(path)) ?? (await entryAt(withHome(path)));
  if (found !== undefined || !path.includes(replacement)) return found;
  const [start = "", ...parts] = path.split("/");
  let here = start.includes(replacement) ? await childLike(".", start) : start;
  for (const part of parts) {
    if (here === undefined) return undefined;
    here = part.includes(replacement) ? await childLike(`${here}/`, part) : `${here}/${part}`;
  }
  return here === undefined ? undefined : entryAt(here);
}

/** The one child that reads like this with the replacement character. @throws ErfitError where there are several */
async function childLike(folder: string, name: string): Promise<string | undefined> {
  const children = await readdir(filePath(folder), { encoding: "buffer" }).catch(() => []);
  const [child, another] = children.filter((bytes) => bytes.toString("utf8") === name);
  if (another !== undefined)
    throw new ErfitError(`${join(folder, name)}: several files there have such a name, which is not UTF-8`, {
      remedy: "Name the folder that they are in, or rename them in UTF-8.",
    });
  return child === undefined ? undefined : join(folder, textOf(child));
}
