import { arrays, realMapOf, type Algebra } from "../core/algebra.ts";
import { at } from "../core/required.ts";
import { sizeOf, type RealMap, type Shape } from "../core/tensor.ts";
import {
  bicubic,
  bilinear,
  bilinearAlignCorners,
  gaussian,
  nearest,
  type AxisSpread,
  type AxisWeights,
  type CellAnchor,
  type CellPositionName,
} from "./axis-weights.ts";

/** What Eq. 4 needs of a calibration, in pixels of the map to be drawn. */
export interface GaussianSpread {
  readonly sigmaX: number;
  readonly sigmaY: number;
  readonly position: CellPositionName;
  /** Divide by the kernel sum at each pixel. Eq. 4 does not: its sum falls off towards the borders, a center prior. */
  readonly normalize: boolean;
  /** The calibrated cell, read only by the position `calibrated`. */
  readonly anchor: { readonly x: CellAnchor; readonly y: CellAnchor };
}

interface NamedWeights {
  readonly title: string;
  readonly needsCalibration: boolean;
  readonly weights: AxisWeights;
}

export const upsamplers = {
  nearest: { title: "nearest cell", needsCalibration: false, weights: nearest },
  bilinear: { title: "bilinear, half-pixel centers", needsCalibration: false, weights: bilinear },
  "bilinear-align-corners": {
    title: "bilinear, corner cells on corner pixels",
    needsCalibration: false,
    weights: bilinearAlignCorners,
  },
  bicubic: { title: "bicubic, half-pixel centers", needsCalibration: false, weights: bicubic },
  gaussian: {
    title: "Gaussian of the effective receptive field (Kim et al. 2021, Eq. 4)",
    needsCalibration: true,
    weights: gaussian,
  },
} as const satisfies Record<string, NamedWeights>;

export type UpsamplerName = keyof typeof upsamplers;

/** An upsampler with its arguments; only the Gaussian has any. */
export type Upsampling = { readonly by: Exclude<UpsamplerName, "gaussian"> } | Gaussian;

export type Gaussian = { readonly by: "gaussian" } & GaussianSpread;

/** The Gaussian of each axis, the last of them x; undefined where there is none. */
function spreadsOf(upsampling: Upsampling): readonly AxisSpread[] | undefined {
  if (upsampling.by !== "gaussian") return undefined;
  const { sigmaX, sigmaY, anchor, position, normalize } = upsampling;
  return [
    { sigma: sigmaY, anchor: anchor.y, position, normalize },
    { sigma: sigmaX, anchor: anchor.x, position, normalize },
  ];
}

/** The matrices of a separable upsampling, `[pixels, cells]`, one an axis. */
export function upsamplingMatrices(cells: Shape, pixels: Shape, upsampling: Upsampling): readonly RealMap[] {
  const { weights }: NamedWeights = upsamplers[upsampling.by];
  const spreads = spreadsOf(upsampling);
  return cells.map((count, axis) => weights(count, at(pixels, axis), spreads && at(spreads, axis)));
}

/**
 * A grid upsampled by one matrix an axis, the last axis first: `Wy · (grid · Wxᵀ)`. Exact, also for the double sum of Eq. 4,
 * whose kernel is a product.
 */
export function upsampled<T extends { readonly shape: Shape }>(
  g: Algebra<T>,
  grid: T,
  matrices: readonly T[],
): T {
  return matrices.reduceRight((map, matrix, axis) => {
    const [before, after] = [map.shape.slice(0, axis), map.shape.slice(axis + 1)];
    const cells = at(map.shape, axis);
    const stack = before.length === 0 ? [] : [sizeOf(before)];
    const product =
      after.length === 0
        ? g.matmul(g.reshape(map, [sizeOf(before), cells]), g.matrixTranspose(matrix))
        : g.matmul(matrix, g.reshape(map, [...stack, cells, sizeOf(after)]));
    return g.reshape(product, [...before, at(matrix.shape, 0), ...after]);
  }, grid);
}

/** A grid of one size to a map of one size. */
export type Upsampler = (grid: RealMap) => RealMap;

/** An upsampler for many grids of one size: its matrices are made once. */
export function upsamplerFor(cells: Shape, pixels: Shape, upsampling: Upsampling): Upsampler {
  const matrices = upsamplingMatrices(cells, pixels, upsampling);
  return (grid) => realMapOf(upsampled(arrays, grid, matrices));
}

/** One grid at `[height, width]` pixels. */
export const upsample = (grid: RealMap, size: Shape, upsampling: Upsampling): RealMap =>
  upsamplerFor(grid.shape, size, upsampling)(grid);
