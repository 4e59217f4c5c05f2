import { access } from "node:fs/promises";
import { dirname } from "node:path";
import type { View } from "../input/crops.ts";
import type { ImageSource } from "../input/listing.ts";
import { ErfitError } from "../core/error.ts";
import type { SkippedImage } from "../erf/accumulator.ts";
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

/** What is wrong with the images themselves, in words; null where it may be a few damaged ones. */
async function lossOf(
  { first, photographs }: Pick<Streak, "first" | "photographs">,
  { path }: ImageSource,
): Promise<string | null> {
  const folder = dirname(path);
  if (!(await isThere(folder)))
    return `${folder}: the folder of the images cannot be reached any more, from ${first.name} on`;
  return photographs < longestStreak
    ? null
    : `${photographs} images in a row could not be used, from ${first.name} on: ${first.reason}`;
}

/**
 * Ends the run, its state before the streak saved, where the streak is too long, or its photographs' folder is gone.
 * @throws ErfitError
 */
export async function refuseStreak(
  streak: Streak,
  source: ImageSource,
  keeper: Keeper | undefined,
): Promise<void> {
  const { before } = streak;
  const loss = await lossOf(streak, source);
  if (loss === null) return;
  if (before.done > 0) await keeper?.save(before);
  throw endedBy(loss, before.done, before.views, keeper !== undefined);
}

function endedBy(loss: string, done: number, of: number, kept: boolean): ErfitError {
  if (done === 0) return new ErfitError(loss);
  return new ErfitError(`${loss}; ${done} of ${of} images were done before`, {
    kind: "failure",
    ...(kept && { remedy: "once they can be read, the same command goes on from there" }),
  });
}

/**
 * The same for a run that keeps what it has done image by image.
 * @returns to be told of every image in its turn, `reason` being why it could not be read; null where it could
 */
export function refusingStreaks(
  of: number,
): (source: ImageSource, reason: string | null, done: number) => Promise<void> {
  let row: { readonly first: SkippedImage; readonly photographs: number } | null = null;
  return async (source, reason, done) => {
    if (reason === null) {
      row = null;
      return;
    }
    row = { first: row?.first ?? { name: source.name, reason }, photographs: (row?.photographs ?? 0) + 1 };
    const loss = await lossOf(row, source);
    if (loss !== null) throw endedBy(loss, done, of, true);
  };
}
