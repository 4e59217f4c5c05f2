import type { Cell } from "../autodiff/objective.ts";
import type { Shape } from "../core/tensor.ts";
import type { ImageInput } from "./network.ts";

/**
 * How a feature map's axes are ordered: convolutional (NCHW), channels last (NHWC: Swin, TF.js), tokens (NTC), or tokens
 * behind their channels (NCT: mixing over positions).
 */
export type FeatureLayout = "NCHW" | "NHWC" | "NTC" | "NCT";

/** A feature map read as a grid of cells over the image. */
export interface FeatureGrid {
  readonly layout: FeatureLayout;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  /** Class, distillation and register tokens in front of the grid's (NTC and NCT only, else 0). */
  readonly prefixTokens: number;
}

type Extents = Pick<ImageInput, "height" | "width">;

/** How far a grid's aspect ratio is from the image's, as a ratio's logarithm. */
const distortion = (height: number, width: number, image: Extents): number =>
  Math.abs(Math.log(height / width / (image.height / image.width)));

/**
 * Whether cells could tile an image of that aspect: grids are rounded, and lose borders where nothing is padded. 61 x 53
 * pixels can become 7 x 4 cells, a large grid keeps the image's aspect; 64 heads of 49 positions are no 64 x 49 cells.
 */
export function tiles({ height, width }: Extents, image: Extents): boolean {
  const cellsOff = Math.abs(height * image.width - width * image.height) / (image.height + image.width);
  return cellsOff <= 2 || distortion(height, width, image) <= Math.log(1.2);
}

/** The same, and no cell is smaller than a pixel. */
export const plausible = (grid: Extents, image: Extents): boolean =>
  tiles(grid, image) && grid.height <= image.height && grid.width <= image.width;

/** Most networks put one to five tokens in front: class, distillation, up to four registers, and a little room. */
const mostPrefixTokens = 9;

/** Whether there are numbers greater than both lower bounds and less than both upper ones. */
const overlap = (a: readonly [number, number], b: readonly [number, number]): boolean =>
  Math.max(a[0], b[0]) < Math.min(a[1], b[1]);

/** Whether one stride gives both sides, a rest of a cell dropped on both or filled up on both. */
const rounded = (rows: number, columns: number, { height, width }: ImageInput): boolean =>
  overlap([height / (rows + 1), height / rows], [width / (columns + 1), width / columns]) ||
  overlap([height / rows, height / (rows - 1)], [width / columns, width / (columns - 1)]);

const sameAspect = (rows: number, columns: number, image: ImageInput): boolean =>
  distortion(rows, columns, image) < 0.01;

/** The first number of prefix tokens that leaves a grid of the image's aspect ratio: exactly, else but for rounding. */
function tokenGrid([, tokens = 0, channels = 0]: Shape, image: ImageInput): FeatureGrid | null {
  for (const fits of [sameAspect, rounded]) {
    for (let prefixTokens = 0; prefixTokens <= Math.min(mostPrefixTokens, tokens - 4); prefixTokens++) {
      const cells = tokens - prefixTokens;
      const nearest = Math.round(Math.sqrt((cells * image.height) / image.width));
      for (const height of [nearest, nearest - 1, nearest + 1]) {
        const width = cells / height;
        if (height >= 2 && width >= 2 && Number.isInteger(width) && fits(height, width, image))
          return { layout: "NTC", height, width, channels, prefixTokens };
      }
    }
  }
  return null;
}

/**
 * Reads a tensor's shape as a grid of cells, judging by the image's aspect ratio; null where it cannot be one.
 * Grids of a single cell count: they are feature maps, if hardly interesting ones.
 */
export function featureGrid(shape: Shape, image: ImageInput): FeatureGrid | null {
  const [batch, a = 0, b = 0, c = 0] = shape;
  if (batch !== 1) return null;
  if (shape.length === 3) return tokenGrid(shape, image);
  if (shape.length !== 4) return null;
  const first: FeatureGrid = { layout: "NCHW", height: b, width: c, channels: a, prefixTokens: 0 };
  const last: FeatureGrid = { layout: "NHWC", height: a, width: b, channels: c, prefixTokens: 0 };
  const candidates = image.layout === "NCHW" ? [first, last] : [last, first];
  return (
    candidates
      .filter((grid) => plausible(grid, image))
      .map((grid) => ({ grid, off: distortion(grid.height, grid.width, image) }))
      .sort((a, b) => a.off - b.off)[0]?.grid ?? null
  );
}

/** The cell at a row and column of the grid, as indices on the tensor's axes. */
export function cellAt({ layout, width, prefixTokens }: FeatureGrid, row: number, column: number): Cell {
  switch (layout) {
    case "NCHW":
      return [0, null, row, column];
    case "NHWC":
      return [0, row, column, null];
    case "NTC":
      return [0, prefixTokens + row * width + column, null];
    case "NCT":
      return [0, null, prefixTokens + row * width + column];
  }
}

/**
 * The central cell as OpenERF counts it: [H/2, W/2] rounded down for the maps of convolutional networks; the upper left
 * of the four central cells on an even grid for patch-embedding networks (tokens, and channels-last maps in a network
 * whose image is channels-first: Swin and kin). 14 x 14 tokens give index 90, 7 x 7 give 24.
 */
export function centralCell(
  { layout, height, width }: FeatureGrid,
  image: ImageInput,
): readonly [row: number, column: number] {
  const patchEmbedding = layout !== image.layout;
  const center = (extent: number) => (patchEmbedding ? Math.floor((extent - 1) / 2) : Math.floor(extent / 2));
  return [center(height), center(width)];
}
