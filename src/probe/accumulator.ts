import { ErfitError } from "../math/error.ts";
import type { RealMap } from "../math/tensor.ts";
import {
  louder,
  loudnessSoFar,
  silence,
  together,
  unheard,
  type Loudness,
  type RunningLoudness,
} from "./loudness.ts";

/** Number of blocks that the photographs are dealt to. */
export const blockCount = 20;

/** A photograph of the list. All its views fall into one block, for they are not independent. */
export interface Photograph {
  readonly index: number;
  readonly name: string;
}

/** Sum over the images of one block, in the order of the list; `images` counts them. */
interface Block {
  readonly images: number;
  readonly sum: Float64Array;
  readonly loudness: RunningLoudness;
}

/**
 * Sums of per-image maps in blocks: photograph i belongs to block i mod K. A block adds its maps in order, in float64; the
 * total adds blocks in order. So any division of whole blocks over processes gives the same bits, and leaving out one
 * block at a time measures the uncertainty over images. Folders are often ordered by class: dealing spreads the classes.
 */
export interface Accumulator {
  readonly height: number;
  readonly width: number;
  readonly blocks: readonly Block[];
}

export const emptyAccumulator = (height: number, width: number, count = blockCount): Accumulator => ({
  height,
  width,
  blocks: Array.from({ length: count }, () => ({
    images: 0,
    sum: new Float64Array(height * width),
    loudness: unheard,
  })),
});

/**
 * Adds a view of a photograph, all of whose views come one after the other; `contribute` adds the view's map into the
 * block's sum, in place, and returns the map's total.
 */
export function add(
  accumulator: Accumulator,
  { index, name }: Photograph,
  contribute: (sum: Float64Array) => number,
): Accumulator {
  const owner = index % accumulator.blocks.length;
  return {
    ...accumulator,
    blocks: accumulator.blocks.map((block, k) => {
      if (k !== owner) return block;
      const mass = contribute(block.sum);
      const loudness = louder(block.loudness, { photograph: index, name, mass });
      return { images: block.images + 1, sum: block.sum, loudness };
    }),
  };
}

/** Joins two accumulators that own different blocks. */
export function merge(a: Accumulator, b: Accumulator): Accumulator {
  if (a.height !== b.height || a.width !== b.width || a.blocks.length !== b.blocks.length) {
    throw new ErfitError("the two accumulators have different sizes: they are of different runs");
  }
  const blocks = a.blocks.map((block, k) => {
    const other = b.blocks[k] ?? block;
    if (block.images > 0 && other.images > 0)
      throw new ErfitError(`block ${k} is in both accumulators: images would count twice`);
    return block.images > 0 ? block : other;
  });
  return { ...a, blocks };
}

/** The sum over all images. */
export function total({ height, width, blocks }: Accumulator): RealMap {
  const sum = new Float64Array(height * width);
  for (const block of blocks) {
    if (block.images === 0) continue;
    for (let pixel = 0; pixel < sum.length; pixel++) sum[pixel] = (sum[pixel] ?? 0) + (block.sum[pixel] ?? 0);
  }
  return { shape: [height, width], data: sum };
}

/** How unevenly the photographs contribute to the total. */
export const loudnessOf = ({ blocks }: Accumulator): Loudness =>
  blocks.map(({ loudness }) => loudnessSoFar(loudness)).reduce(together, silence);

export const imagesIn = ({ blocks }: Accumulator): number =>
  blocks.reduce((count, block) => count + block.images, 0);

/** The blocks that hold images, as maps: what the jackknife leaves out one at a time. */
export const blockMaps = ({ height, width, blocks }: Accumulator): readonly RealMap[] =>
  blocks.filter(({ images }) => images > 0).map(({ sum }) => ({ shape: [height, width], data: sum }));
