import { access } from "node:fs/promises";
import { dirname } from "node:path";
import type { View } from "../image/crops.ts";
import type { ImageSource } from "../image/listing.ts";
import { ErfitError } from "../math/error.ts";
import type { SkippedImage } from "../probe/skipped.ts";
import type { Keeper } from "./keeper.ts";
import type { RunState } from "./run-state.ts";

/**
 * One damaged photograph is skipped, and so are many among good ones. So many one after another are no chance: a disk that
 * was taken away, or a list of other files. A calibration over what was read before would pass for one over all.
 */
const longestStreak = 20;

/** Photographs in a row that could not be used. */
export interface Streak {
  readonly first: SkippedImage;
  readonly last: ImageSource;
  readonly photographs: number;
  /** How the run stood before them. */
  readonly before: RunState;
}

export const lengthened = (
  streak: Streak | null,
  { name, source }: View,
  reason: string,
  before: RunState,
): Streak =>
  streak === null
    ? { first: { name, reason }, last: source, photographs: 1, before }
    : { ...streak, last: source, photographs: streak.photographs + (streak.last === source ? 0 : 1) };

const isThere = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

/**
 * Ends the run, its state before the streak saved, where the streak is too long, or its photographs' folder is gone.
 * @throws ErfitError
 */
export async function refuseStreak(
  { first, photographs, before }: Streak,
  { path }: ImageSource,
  keeper: Keeper | undefined,
): Promise<void> {
  const folder = dirname(path);
  const gone = !(await isThere(folder));
  if (!gone && photographs < longestStreak) return;
  const message = gone
    ? `${folder}: the folder of the images cannot be reached any more, from ${first.name} on`
    : `${photographs} images in a row could not be used, from ${first.name} on: ${first.reason}`;
  if (before.done === 0) throw new ErfitError(message);
  await keeper?.save(before);
  throw new ErfitError(`${message}; ${before.done} of ${before.views} images were done before`, {
    kind: "failure",
    ...(keeper && { remedy: "once they can be read, the same command goes on from there" }),
  });
}
