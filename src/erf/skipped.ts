/** An image that could not be used, and why. */
export interface SkippedImage {
  readonly name: string;
  readonly reason: string;
}

/** Those of a block. All are counted, the first are kept: memory and files stay bounded whatever the photographs are like. */
export interface SkippedImages {
  readonly count: number;
  readonly first: readonly (SkippedImage & { readonly photograph: number })[];
}

/** So many are kept of each block, and of a run. */
export const mostSkipped = 100;

export const noneSkipped: SkippedImages = { count: 0, first: [] };

export const skippedToo = (
  { count, first }: SkippedImages,
  image: SkippedImages["first"][number],
): SkippedImages => ({
  count: count + 1,
  first: first.length < mostSkipped ? [...first, image] : first,
});

/** Those of a run, in the order of its list: a block keeps as many as the run, so none of the run's first is missing. */
export const skippedOf = (blocks: readonly SkippedImages[]): SkippedImages => ({
  count: blocks.reduce((sum, { count }) => sum + count, 0),
  first: blocks
    .flatMap(({ first }) => first)
    .sort((a, b) => a.photograph - b.photograph)
    .slice(0, mostSkipped),
});
