import type { ImageSource } from "../input/listing.ts";
import { loadInput, type Input } from "../input/load.ts";
import type { Preprocessing } from "../input/preprocessing.ts";
import type { ImageLayout } from "../runtime/network.ts";
import { ErfitError, optionText } from "../core/error.ts";
import { shuffled } from "../core/random.ts";

/**
 * For each item another one, and no two the same: the items in a random order, the same for the same seed, each with the
 * one before it (a derangement of one cycle). A single item has no partner.
 */
export function partnersOf<T>(items: readonly T[], seed: number): ReadonlyMap<T, T> {
  const circle = shuffled(items, seed);
  const pairs = circle.flatMap((item, k) => {
    const partner = circle.at(k - 1);
    return partner === undefined || items.length < 2 ? [] : [[item, partner] as const];
  });
  return new Map(pairs);
}

/** What an image that borrows another's map is given. */
interface Partner {
  readonly source: ImageSource;
  readonly input: Input;
}

/**
 * The image's partner, or the next one along the circle that can be read.
 * @throws ErfitError where none can
 */
export async function partnerOf(
  source: ImageSource,
  partners: ReadonlyMap<ImageSource, ImageSource>,
  preprocessing: Preprocessing,
  layout: ImageLayout,
): Promise<Partner> {
  for (
    let partner = partners.get(source);
    partner !== undefined && partner !== source;
    partner = partners.get(partner)
  ) {
    const input = await loadInput(partner, preprocessing, layout).catch((thrown: unknown) => {
      if (thrown instanceof ErfitError) return null;
      throw thrown;
    });
    if (input !== null) return { source: partner, input };
  }
  throw new ErfitError(
    `${source.name}: there is no other photograph that can be read, to borrow a map from`,
    {
      remedy: `give two photographs or more, or leave out ${optionText("control", "other-image")}`,
    },
  );
}

/** An image's own seed of its random controls, whatever its name and its place in the list. */
export const seedOf = ({ sha256 }: Input, seed: number): number =>
  (Number.parseInt(sha256.slice(0, 8), 16) + seed) | 0;
