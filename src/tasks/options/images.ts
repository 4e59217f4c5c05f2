import type { LoadedModel } from "../../calibration/loaded-model.ts";
import { optionText } from "../../core/error.ts";
import { shuffled } from "../../core/random.ts";
import { withCopies } from "../../input/duplicates.ts";
import { listImages, type ImageSource } from "../../input/listing.ts";
import type { Preprocessing } from "../../input/preprocessing.ts";
import { isAssumed } from "../../input/resolve.ts";
import type { Context } from "../context.ts";
import { option, wholeNumber, type CheckedOptions } from "../option.ts";

/** Which of the images are taken, and in which order. */
export const imageOptions = {
  limit: option(wholeNumber(1), { group: "input", describe: "use only the first N photographs" }),
  shuffle: option(wholeNumber(0), {
    group: "input",
    describe: "take the photographs in a random order, the same for the same seed",
  }),
} as const;

/**
 * The images that inputs name, in the order that is asked for; copies of others are marked.
 * @throws ErfitError for an input that does not exist, or holds no image
 */
export async function chosenImages(
  inputs: readonly string[],
  { limit = Infinity, shuffle }: CheckedOptions<typeof imageOptions>,
): Promise<readonly ImageSource[]> {
  const listed = await listImages(inputs);
  return withCopies((shuffle === undefined ? listed : shuffled(listed, shuffle)).slice(0, limit));
}

/** Remarks on preprocessing that nobody stated. */
export function remarkPreprocessing(preprocessing: Preprocessing, { info }: Context): void {
  if (isAssumed(preprocessing)) info(`preprocessing is ${preprocessing.source}`);
}

/** The same, with what it can do to a measurement. */
export function remarkMeasured(preprocessing: Preprocessing, { info }: Context): void {
  info(
    isAssumed(preprocessing)
      ? `preprocessing is ${preprocessing.source}: no sidecar beside the model says otherwise. Wrong preprocessing changes the result; ${optionText("preprocessing")} and its options set it.`
      : `preprocessing: ${preprocessing.source}`,
  );
}

/** Remarks of the network's importer: element types that were widened, and their like. */
export const remarkImport = ({ network }: LoadedModel, { info }: Context): void => {
  network.remarks.forEach(info);
};
