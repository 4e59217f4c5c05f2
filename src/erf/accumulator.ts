import { ErfitError } from "../core/error.ts";
import { at } from "../core/required.ts";
import type { RealMap } from "../core/tensor.ts";
import {
  withView,
  contributionsSoFar,
  noContributions,
  addContributions,
  noViews,
  type Contributions,
  type RunningContributions,
} from "./contribution.ts";

/** An image that could not be used, and why. */
export interface SkippedImage {
  readonly name: string;
  readonly reason: string;
}

/** Those of a block. All are counted, the first are kept: memory and files stay bounded however many are skipped. */
interface SkippedImages {
  readonly count: number;
  readonly first: readonly (SkippedImage & { readonly photograph: number })[];
}

/** The number kept of each block, and of a run. */
export const mostSkipped = 100;

export const noneSkipped: SkippedImages = { count: 0, first: [] };

const addSkipped = (
  { count, first }: SkippedImages,
  image: SkippedImages["first"][number],
): SkippedImages => ({
  count: count + 1,
  first: first.length < mostSkipped ? [...first, image] : first,
});

/** Those of a run, in the order of its list: a block keeps as many as the run, so none of the run's first is missing. */
const mergeSkipped = (blocks: readonly SkippedImages[]): SkippedImages => ({
  count: blocks.reduce((sum, { count }) => sum + count, 0),
  first: blocks
    .flatMap(({ first }) => first)
    .sort((a, b) => a.photograph - b.photograph)
    .slice(0, mostSkipped),
});

/** Number of blocks that the photographs are dealt to, in turn. */
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
  readonly contribution: RunningContributions;
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
  /** null: a block of another part of the run. */
  readonly blocks: readonly (Block | null)[];
}

const emptyBlock = (pixels: number): Block => ({
  images: 0,
  photographs: 0,
  sum: new Float64Array(pixels),
  contribution: noViews,
  skipped: noneSkipped,
});

/** @param owned numbers of the blocks that it holds; all by default */
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
      photographs: block.photographs + (block.contribution.last?.photograph === index ? 0 : 1),
      contribution: withView(block.contribution, { photograph: index, name, mass }),
    };
  });

/** Records a view of photograph `index` that could not be used. */
export const skip = (accumulator: Accumulator, index: number, image: SkippedImage): Accumulator =>
  withBlock(accumulator, index, (block) => ({
    ...block,
    skipped: addSkipped(block.skipped, { photograph: index, ...image }),
  }));

/** Joins two accumulators that own different blocks. */
export function merge(a: Accumulator, b: Accumulator): Accumulator {
  if (a.height !== b.height || a.width !== b.width || a.blocks.length !== b.blocks.length) {
    throw new ErfitError("the two accumulators have different sizes: they are of different runs");
  }
  const blocks = a.blocks.map((block, k) => {
    const other = at(b.blocks, k, "block");
    if (block !== null && other !== null)
      throw new ErfitError(`block ${k} is in both accumulators: images would count twice`);
    return block ?? other;
  });
  return { ...a, blocks };
}

/** A copy of the sums that further images leave as they are, without what was skipped. */
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
    // Hot loop: indices are in range by construction.
    for (let pixel = 0; pixel < sum.length; pixel++) sum[pixel] = (sum[pixel] ?? 0) + (block.sum[pixel] ?? 0);
  }
  return { shape: [height, width], data: sum };
}

/** How unevenly the photographs contribute to the total. */
export const contributionsOf = (accumulator: Accumulator): Contributions =>
  held(accumulator)
    .map(({ contribution }) => contributionsSoFar(contribution))
    .reduce(addContributions, noContributions);

export const imagesIn = (accumulator: Accumulator): number =>
  held(accumulator).reduce((count, { images }) => count + images, 0);

/** Photographs of which at least one view was used. */
export const photographsIn = (accumulator: Accumulator): number =>
  held(accumulator).reduce((count, { photographs }) => count + photographs, 0);

export const skippedIn = (accumulator: Accumulator): SkippedImages =>
  mergeSkipped(held(accumulator).map(({ skipped }) => skipped));

/** The blocks that hold images, as maps: what the jackknife leaves out one at a time. */
export const blockMaps = (accumulator: Accumulator): readonly RealMap[] =>
  held(accumulator)
    .filter(({ images }) => images > 0)
    .map(({ sum }) => ({ shape: [accumulator.height, accumulator.width], data: sum }));
