import { resolve } from "node:path";
import type { ImageSource } from "../../input/listing.ts";
import { allThere, stampOf } from "../../io/files.ts";
import { filesOf } from "./files.ts";
import { isSkipped, type JournalEntry } from "./record.ts";

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
