import { dirname } from "node:path";
import type { ImageSource } from "../input/listing.ts";
import { ErfitError } from "../core/error.ts";
import type { SkippedImage } from "../erf/accumulator.ts";
import { isThere } from "../io/files.ts";

/**
 * One damaged photograph is skipped, and so are many among good ones. So many one after another are not a coincidence: a
 * disk that was removed, or a list of other files. A result over what was read before would pass for one over all.
 */
const mostConsecutive = 20;

interface Progress {
  readonly done: number;
  readonly views: number;
}

/** Photographs in a row that could not be used. */
export interface ConsecutiveFailures<Before extends Progress> {
  readonly first: SkippedImage;
  readonly last: ImageSource;
  readonly photographs: number;
  /** The run's progress before them. */
  readonly before: Before;
}

export const withFailure = <Before extends Progress>(
  failures: ConsecutiveFailures<Before> | null,
  source: ImageSource,
  failure: SkippedImage,
  before: Before,
): ConsecutiveFailures<Before> =>
  failures === null
    ? { first: failure, last: source, photographs: 1, before }
    : { ...failures, last: source, photographs: failures.photographs + (failures.last === source ? 0 : 1) };

/**
 * Ends the run, its progress before the failures saved, where there are too many or the photographs' folder is gone.
 * @param save null where the run cannot be resumed
 * @throws ErfitError
 */
export async function endIfLost<Before extends Progress>(
  failures: ConsecutiveFailures<Before>,
  save: ((before: Before) => Promise<void>) | null,
): Promise<void> {
  const { before } = failures;
  const loss = await lossOf(failures);
  if (loss === null) return;
  if (before.done === 0) throw new ErfitError(loss);
  await save?.(before);
  throw new ErfitError(`${loss}; ${before.done} of ${before.views} were done before`, {
    kind: "failure",
    ...(save !== null && { remedy: "once they can be read, the same command resumes the run" }),
  });
}

/** What is wrong with the images as a whole; null where it may be a few damaged ones. */
async function lossOf({
  first,
  last,
  photographs,
}: Omit<ConsecutiveFailures<Progress>, "before">): Promise<string | null> {
  const folder = dirname(last.path);
  if (!(await isThere(folder)))
    return `${folder}: the folder of the photographs cannot be reached any more, from ${first.name} on`;
  return photographs < mostConsecutive
    ? null
    : `${photographs} photographs in a row could not be used, from ${first.name} on: ${first.reason}`;
}
