import { ErfitError } from "../core/error.ts";
import type { RealMap } from "../core/tensor.ts";
import {
  louder,
  loudnessSoFar,
  silence,
  together,
  unheard,
  type Loudness,
  type RunningLoudness,
} from "./loudness.ts";
import { noneSkipped, skippedOf, skippedToo, type SkippedImage, type SkippedImages } from "./skipped.ts";

/** Number of blocks that the photographs are dealt to. */
export const blockCount = 20;

/** A photograph of the list. All its views fall into one block, for they are not independent. */
export interface Photograph {
  readonly index: number;
  readonly name: string;
}

/** The images of one block, added in the order of the list. */
export interface Block {
  /** Views that entered the sum. */
  readonly images: number;
  /** Photographs that they are of. */
  readonly photographs: number;
  readonly sum: Float64Array;
  readonly loudness: RunningLoudness;
  readonly skipped: SkippedImages;
}

/**
 * Sums of per-image maps in blocks: photograph i belongs to block i mod K. A block adds its maps in order, in float64; the
 * total adds blocks in order. So any division of whole blocks over processes gives the same bits, and leaving out one
 * block at a time measures the uncertainty over images. Folders are often ordered by class: dealing spreads the classes.
 */
export interface Accumulator {
  readonly height: number;
  readonly width: number;
  /** null: a block that another part of the run owns. */
  readonly blocks: readonly (Block | null)[];
}

const emptyBlock = (pixels: number): Block => ({
  images: 0,
  photographs: 0,
  sum: new Float64Array(pixels),
  loudness: unheard,
  skipped: noneSkipped,
});

/** @param owned numbers of the blocks that it will hold; all by default */
export const emptyAccumulator = (
  height: number,
  width: number,
  { count = blockCount, owned }: { readonly count?: number; readonly owned?: readonly number[] } = {},
): Accumulator => ({
  height,
  width,
  blocks: Array.from({ length: count }, (_, block) =>
    owned === undefined || owned.includes(block) ? emptyBlock(height * width) : null,
  ),
});

/** The accumulator with the block of a photograph replaced. */
const withBlock = (accumulator: Accumulator, index: number, change: (block: Block) => Block): Accumulator => {
  const owner = index % accumulator.blocks.length;
  return {
    ...accumulator,
    blocks: accumulator.blocks.map((block, k) => {
      if (k !== owner) return block;
      if (block === null) throw new Error(`photograph ${index} is of block ${k}, which another part owns`);
      return change(block);
    }),
  };
};

/**
 * Adds a view of a photograph, all of whose views come one after the other; `contribute` adds the view's map into the
 * block's sum, in place, and returns the map's total.
 */
export const add = (
  accumulator: Accumulator,
  { index, name }: Photograph,
  contribute: (sum: Float64Array) => number,
): Accumulator =>
  withBlock(accumulator, index, (block) => {
    const mass = contribute(block.sum);
    return {
      ...block,
      images: block.images + 1,
      photographs: block.photographs + (block.loudness.last?.photograph === index ? 0 : 1),
      loudness: louder(block.loudness, { photograph: index, name, mass }),
    };
  });

/** Notes a view of photograph `index` that could not be used. */
export const skip = (accumulator: Accumulator, index: number, image: SkippedImage): Accumulator =>
  withBlock(accumulator, index, (block) => ({
    ...block,
    skipped: skippedToo(block.skipped, { photograph: index, ...image }),
  }));

/** Joins two accumulators that own different blocks. */
export function merge(a: Accumulator, b: Accumulator): Accumulator {
  if (a.height !== b.height || a.width !== b.width || a.blocks.length !== b.blocks.length) {
    throw new ErfitError("the two accumulators have different sizes: they are of different runs");
  }
  const blocks = a.blocks.map((block, k) => {
    const other = b.blocks[k] ?? null;
    if (block !== null && other !== null)
      throw new ErfitError(`block ${k} is in both accumulators: images would count twice`);
    return block ?? other;
  });
  return { ...a, blocks };
}

/** A copy of the sums that further images leave as they are; what was skipped is not asked of it. */
export const snapshotOf = (accumulator: Accumulator): Accumulator => ({
  ...accumulator,
  blocks: accumulator.blocks.map(
    (block) => block && { ...block, sum: block.sum.slice(), skipped: noneSkipped },
  ),
});

const held = ({ blocks }: Accumulator): readonly Block[] => blocks.filter((block) => block !== null);

/** The sum over all images. */
export function total(accumulator: Accumulator): RealMap {
  const { height, width } = accumulator;
  const sum = new Float64Array(height * width);
  for (const block of held(accumulator)) {
    if (block.images === 0) continue;
    for (let pixel = 0; pixel < sum.length; pixel++) sum[pixel] = (sum[pixel] ?? 0) + (block.sum[pixel] ?? 0);
  }
  return { shape: [height, width], data: sum };
}

/** How unevenly the photographs contribute to the total. */
export const loudnessOf = (accumulator: Accumulator): Loudness =>
  held(accumulator)
    .map(({ loudness }) => loudnessSoFar(loudness))
    .reduce(together, silence);

export const imagesIn = (accumulator: Accumulator): number =>
  held(accumulator).reduce((count, { images }) => count + images, 0);

/** Photographs of which at least one view was used. */
export const photographsIn = (accumulator: Accumulator): number =>
  held(accumulator).reduce((count, { photographs }) => count + photographs, 0);

export const skippedIn = (accumulator: Accumulator): SkippedImages =>
  skippedOf(held(accumulator).map(({ skipped }) => skipped));

/** The blocks that hold images, as maps: what the jackknife leaves out one at a time. */
export const blockMaps = (accumulator: Accumulator): readonly RealMap[] =>
  held(accumulator)
    .filter(({ images }) => images > 0)
    .map(({ sum }) => ({ shape: [accumulator.height, accumulator.width], data: sum }));
