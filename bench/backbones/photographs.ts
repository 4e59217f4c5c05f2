import { constants, copyFile, mkdir, rm } from "node:fs/promises";
import { basename, join } from "node:path";
import { listImages } from "../../src/input/listing.ts";
import { ErfitError } from "../../src/core/error.ts";

/** What both peers read. */
const readable = /\.(jpe?g|png|webp|tiff?)$/i;

/** Fills `folder` with `count` photographs: those of `source` in turn, copied anew for each turn, numbered in order. */
export async function repeated(source: string, count: number, folder: string): Promise<string> {
  const originals = (await listImages([source])).filter(({ path }) => readable.test(path));
  const [first] = originals;
  if (first === undefined) throw new ErfitError(`${source}: no photograph that both peers read`);
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  for (let index = 0; index < count; index++) {
    const { path } = originals[index % originals.length] ?? first;
    const name = `${String(index).padStart(5, "0")}-${basename(path)}`;
    await copyFile(path, join(folder, name), constants.COPYFILE_FICLONE);
  }
  return folder;
}
