import { z } from "zod";
import { withCopies } from "../input/duplicates.ts";
import { listImages, type ImageSource } from "../input/listing.ts";
import { ErfitError } from "../core/error.ts";
import { shuffled } from "../core/random.ts";
import type { OptionChecks } from "./check.ts";

/**
 * Images to work on: a folder (searched to its depths), a glob, a list file (`.txt`, one path a line), a photograph, or a
 * ready tensor (`.npy`), or several of these. Paths are relative to the working directory.
 */
export type Images = string | readonly string[];

/** Which of the images are taken, and in which order. */
export interface ImageOptions {
  /** Only the first so many. */
  readonly limit?: number | undefined;
  /** Seed of a random order, the same for the same seed; the list's own order by default. */
  readonly shuffle?: number | undefined;
}

export const imageChecks: OptionChecks<ImageOptions> = {
  limit: z.int().min(1).optional(),
  shuffle: z.int().min(0).optional(),
};

/** The images as a list of inputs. @throws ErfitError where they are none */
export function requireImages(who: string, images: Images): readonly string[] {
  const inputs: readonly unknown[] = Array.isArray(images) ? images : [images];
  const named = inputs.filter((input) => typeof input === "string");
  if (named.length === inputs.length && named.length > 0) return named;
  throw new ErfitError(`${who}: the images must be a path, a glob or a list file, or an array of them`);
}

/** Those that are copies of others say so. @throws ErfitError for an input that does not exist, or holds no image */
export async function chosenImages(
  inputs: readonly string[],
  { limit = Infinity, shuffle }: ImageOptions,
): Promise<readonly ImageSource[]> {
  const listed = await listImages(inputs);
  return withCopies((shuffle === undefined ? listed : shuffled(listed, shuffle)).slice(0, limit));
}
