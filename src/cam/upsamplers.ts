import { realMap, type RealMap } from "../core/tensor.ts";
import {
  bicubic,
  bilinear,
  bilinearAlignCorners,
  gaussian,
  nearest,
  type AxisSpread,
  type AxisWeights,
} from "./axis-weights.ts";
import type { CellAnchor, CellPositionName } from "./positions.ts";

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

type Size = readonly [height: number, width: number];

/** A grid of one size to a map of one size. */
export type Upsampler = (grid: RealMap) => RealMap;

function spreads(upsampling: Upsampling): { x: AxisSpread | undefined; y: AxisSpread | undefined } {
  if (upsampling.by !== "gaussian") return { x: undefined, y: undefined };
  const { sigmaX, sigmaY, anchor, position, normalize } = upsampling;
  const axis = (sigma: number, cell: CellAnchor): AxisSpread => ({
    sigma,
    position,
    normalize,
    anchor: cell,
  });
  return { x: axis(sigmaX, anchor.x), y: axis(sigmaY, anchor.y) };
}

/**
 * The two matrices of a separable upsampling, `map = Wy · grid · Wxᵀ`: `Wy` is `[height, rows]`, `Wx` is `[width, columns]`.
 * Exact, also for the double sum of Eq. 4, whose kernel is a product.
 */
export function upsamplingMatrices(
  [rows, columns]: Size,
  [height, width]: Size,
  upsampling: Upsampling,
): { readonly y: RealMap; readonly x: RealMap } {
  const { weights }: NamedWeights = upsamplers[upsampling.by];
  const { x, y } = spreads(upsampling);
  return { y: weights(rows, height, y), x: weights(columns, width, x) };
}

/** `A · B`, row by row; zeros of A, which is most of an interpolation, are skipped. A third of the time of ml-matrix. */
function product(
  { shape: [rows, inner], data: a }: RealMap,
  { shape: [, columns], data: b }: RealMap,
): RealMap {
  const result = new Float64Array(rows * columns);
  for (let i = 0; i < rows; i++)
    for (let k = 0; k < inner; k++) {
      const factor = a[i * inner + k] ?? 0;
      if (factor === 0) continue;
      for (let j = 0; j < columns; j++)
        result[i * columns + j] = (result[i * columns + j] ?? 0) + factor * (b[k * columns + j] ?? 0);
    }
  return realMap(rows, columns, result);
}

const transposed = ({ shape: [rows, columns], data }: RealMap): RealMap =>
  realMap(
    columns,
    rows,
    data.map((_, at) => data[(at % rows) * columns + Math.floor(at / rows)] ?? 0),
  );

/** An upsampler for many grids of one size: its matrices are made once. */
export function upsamplerFor(gridShape: Size, size: Size, upsampling: Upsampling): Upsampler {
  const { y, x } = upsamplingMatrices(gridShape, size, upsampling);
  const xTransposed = transposed(x);
  return (grid) => product(y, product(grid, xTransposed));
}

/** One grid at `[height, width]` pixels. */
export const upsample = (grid: RealMap, size: Size, upsampling: Upsampling): RealMap =>
  upsamplerFor(grid.shape, size, upsampling)(grid);
