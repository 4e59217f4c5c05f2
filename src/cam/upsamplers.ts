import { Matrix } from "ml-matrix";
import { ErfitError } from "../math/error.ts";
import { realMap, type RealMap } from "../math/tensor.ts";
import { cellPositions, type CellAnchor, type CellPositionName } from "./positions.ts";

/** What Eq. 4 needs of a calibration, in pixels of the map to be drawn. */
export interface GaussianSpread {
  readonly sigmaX: number;
  readonly sigmaY: number;
  readonly position: CellPositionName;
  /** Divide by the kernel sum at each pixel. Eq. 4 does not: its sum falls off towards the borders, a centre prior. */
  readonly normalise: boolean;
  /** The calibrated cell, read only by the position `calibrated`. */
  readonly anchor: { readonly x: CellAnchor; readonly y: CellAnchor };
}

interface AxisSpread {
  readonly sigma: number;
  readonly position: CellPositionName;
  readonly normalise: boolean;
  readonly anchor: CellAnchor;
}

/** `[pixels, cells]`: how much each cell of one axis contributes to each pixel. Every upsampler here is separable. */
type AxisWeights = (cells: number, pixels: number, spread: AxisSpread | undefined) => Matrix;

interface Upsampler {
  readonly title: string;
  readonly needsCalibration: boolean;
  readonly weights: AxisWeights;
}

export const upsamplers = {
  nearest: {
    title: "nearest cell",
    needsCalibration: false,
    weights: (cells, pixels) => interpolation(cells, pixels, (p) => Math.round(halfPixel(p, cells, pixels))),
  },
  bilinear: {
    title: "bilinear, half-pixel centres",
    needsCalibration: false,
    weights: (cells, pixels) => interpolation(cells, pixels, (p) => halfPixel(p, cells, pixels)),
  },
  "bilinear-align-corners": {
    title: "bilinear, corner cells on corner pixels",
    needsCalibration: false,
    weights: (cells, pixels) =>
      interpolation(cells, pixels, (p) => p * ((cells - 1) / Math.max(pixels - 1, 1))),
  },
  gaussian: {
    title: "Gaussian of the effective receptive field (Kim et al. 2021, Eq. 4)",
    needsCalibration: true,
    weights: gaussian,
  },
} as const satisfies Record<string, Upsampler>;

export type UpsamplerName = keyof typeof upsamplers;

/** An upsampler with its arguments; only the Gaussian has any. */
export type Upsampling =
  { readonly by: Exclude<UpsamplerName, "gaussian"> } | ({ readonly by: "gaussian" } & GaussianSpread);

/** `Wy · L · Wxᵀ`: the grid at `[height, width]` pixels. Exact, also for the double sum of Eq. 4, whose kernel is a product. */
export function upsample(
  grid: RealMap,
  [height, width]: readonly [number, number],
  upsampling: Upsampling,
): RealMap {
  const [rows, columns] = grid.shape;
  const { weights }: Upsampler = upsamplers[upsampling.by];
  const { x, y } = spreads(upsampling);
  const product = weights(rows, height, y)
    .mmul(Matrix.from1DArray(rows, columns, grid.data))
    .mmul(weights(columns, width, x).transpose());
  return realMap(height, width, Float64Array.from(product.to1DArray()));
}

function spreads(upsampling: Upsampling): { x: AxisSpread | undefined; y: AxisSpread | undefined } {
  if (upsampling.by !== "gaussian") return { x: undefined, y: undefined };
  const { sigmaX, sigmaY, anchor, position, normalise } = upsampling;
  const axis = (sigma: number, cell: CellAnchor): AxisSpread => ({
    sigma,
    position,
    normalise,
    anchor: cell,
  });
  return { x: axis(sigmaX, anchor.x), y: axis(sigmaY, anchor.y) };
}

/** Pixel centre in units of cells, both counted from the middle of the first one. */
const halfPixel = (pixel: number, cells: number, pixels: number): number =>
  ((pixel + 0.5) * cells) / pixels - 0.5;

/** Linear interpolation at a position in cells; beyond the outermost cell its value continues, as in PyTorch. */
function interpolation(cells: number, pixels: number, positionOf: (pixel: number) => number): Matrix {
  const weights = Matrix.zeros(pixels, cells);
  for (let pixel = 0; pixel < pixels; pixel++) {
    const position = Math.min(Math.max(positionOf(pixel), 0), cells - 1);
    const before = Math.floor(position);
    weights.set(pixel, before, 1 - (position - before));
    if (position > before) weights.set(pixel, before + 1, position - before);
  }
  return weights;
}

function gaussian(cells: number, pixels: number, spread: AxisSpread | undefined): Matrix {
  if (spread === undefined || !(spread.sigma > 0 && Number.isFinite(spread.sigma)))
    throw new ErfitError(`Gaussian upsampling needs a positive sigma, found ${spread?.sigma ?? "none"}`, {
      remedy: "pass a calibration with --calibration, or choose --upsampling bilinear",
    });
  const { sigma, position, normalise, anchor } = spread;
  const weights = Matrix.zeros(pixels, cells);
  for (let pixel = 0; pixel < pixels; pixel++) {
    const exponents = Array.from({ length: cells }, (_, i) => {
      const distance = (pixel - cellPositions[position].pixelOf(i, cells, pixels, anchor)) / sigma;
      return -0.5 * distance * distance;
    });
    // A quotient of kernels keeps its value when the nearest cell's is set to 1, and then no row underflows to 0 / 0.
    const largest = normalise ? Math.max(...exponents) : 0;
    weights.setRow(
      pixel,
      exponents.map((exponent) => Math.exp(exponent - largest)),
    );
  }
  return normalise ? weights.divColumnVector(weights.sum("row")) : weights;
}
