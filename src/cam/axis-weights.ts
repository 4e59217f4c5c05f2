import { ErfitError, optionText } from "../core/error.ts";
import { realMap, type RealMap } from "../core/tensor.ts";

/** Where one axis of the calibrated cell lies: its index, the fitted center of its ERF and the layer's stride, in pixels. */
export interface CellAnchor {
  readonly cell: number;
  readonly center: number;
  readonly stride: number;
}

interface CellPosition {
  readonly title: string;
  /** Pixel of cell i on an axis of so many cells and pixels. */
  readonly pixelOf: (i: number, cells: number, pixels: number, anchor: CellAnchor) => number;
}

/** Where the cells of the grid lie in the image, 0-based pixel centers; Eq. 4 of Kim et al. 2021 fixes the first. */
export const cellPositions = {
  paper: {
    title: "cell i at pixel (w/u) i, as in Eq. 4",
    pixelOf: (i, cells, pixels) => (pixels / cells) * i,
  },
  center: {
    title: "cell i at the middle of its share of the image",
    pixelOf: (i, cells, pixels) => (pixels / cells) * (i + 0.5) - 0.5,
  },
  calibrated: {
    title: "cells at the fitted center of the probed cell, one stride apart",
    pixelOf: (i, _cells, _pixels, { cell, center, stride }) => center + stride * (i - cell),
  },
} as const satisfies Record<string, CellPosition>;

export type CellPositionName = keyof typeof cellPositions;

/** The Gaussian of one axis, in pixels. */
export interface AxisSpread {
  readonly sigma: number;
  readonly position: CellPositionName;
  readonly normalize: boolean;
  readonly anchor: CellAnchor;
}

/** `[pixels, cells]`: how much each cell of one axis contributes to each pixel. Every upsampler here is separable. */
export type AxisWeights = (cells: number, pixels: number, spread: AxisSpread | undefined) => RealMap;

type CellWeights = readonly (readonly [cell: number, weight: number])[];

/** Pixel center in units of cells, both counted from the middle of the first one. */
const halfPixel = (pixel: number, cells: number, pixels: number): number =>
  ((pixel + 0.5) * cells) / pixels - 0.5;

/** A few cells for each pixel; beyond the outermost cell its value continues, as in PyTorch. */
function interpolation(cells: number, pixels: number, cellsOf: (pixel: number) => CellWeights): RealMap {
  const weights = new Float64Array(pixels * cells);
  for (let pixel = 0; pixel < pixels; pixel++)
    for (const [cell, weight] of cellsOf(pixel)) {
      const at = pixel * cells + Math.min(Math.max(cell, 0), cells - 1);
      weights[at] = (weights[at] ?? 0) + weight; // in range by construction
    }
  return realMap(pixels, cells, weights);
}

export const nearest: AxisWeights = (cells, pixels) =>
  interpolation(cells, pixels, (pixel) => [[Math.round(halfPixel(pixel, cells, pixels)), 1]]);

/** Linear between the two cells around a position in cells. */
function linear(position: number): CellWeights {
  const before = Math.floor(position);
  return [
    [before, 1 - (position - before)],
    [before + 1, position - before],
  ];
}

export const bilinear: AxisWeights = (cells, pixels) =>
  interpolation(cells, pixels, (pixel) => linear(halfPixel(pixel, cells, pixels)));

export const bilinearAlignCorners: AxisWeights = (cells, pixels) =>
  interpolation(cells, pixels, (pixel) => linear(pixel * ((cells - 1) / Math.max(pixels - 1, 1))));

/** Keys' cubic convolution kernel (1981) with the slope that PyTorch and OpenCV take. */
const slope = -0.75;

const near = (t: number): number => ((slope + 2) * t - (slope + 3)) * t * t + 1;
const far = (t: number): number => slope * (((t - 5) * t + 8) * t - 4);

/** Cubic over the four cells around a position in cells. */
function cubic(position: number): CellWeights {
  const before = Math.floor(position);
  const t = position - before;
  return [
    [before - 1, far(1 + t)],
    [before, near(t)],
    [before + 1, near(1 - t)],
    [before + 2, far(2 - t)],
  ];
}

export const bicubic: AxisWeights = (cells, pixels) =>
  interpolation(cells, pixels, (pixel) => cubic(halfPixel(pixel, cells, pixels)));

export const gaussian: AxisWeights = (cells, pixels, spread) => {
  if (spread === undefined || !(spread.sigma > 0 && Number.isFinite(spread.sigma)))
    throw new ErfitError(`Gaussian upsampling needs a positive sigma, found ${spread?.sigma ?? "none"}`, {
      remedy: `pass a calibration with ${optionText("calibration")}, or choose ${optionText("upsampling", "bilinear")}`,
    });
  const { sigma, position, normalize, anchor } = spread;
  const positions = Array.from({ length: cells }, (_, i) =>
    cellPositions[position].pixelOf(i, cells, pixels, anchor),
  );
  const weights = new Float64Array(pixels * cells);
  for (let pixel = 0; pixel < pixels; pixel++) {
    const exponents = positions.map((at) => -0.5 * ((pixel - at) / sigma) ** 2);
    // A quotient of kernels keeps its value when the nearest cell's is set to 1, and then no row underflows to 0 / 0.
    const largest = normalize ? Math.max(...exponents) : 0;
    const kernel = exponents.map((exponent) => Math.exp(exponent - largest));
    const total = normalize ? kernel.reduce((sum, value) => sum + value, 0) : 1;
    kernel.forEach((value, i) => {
      weights[pixel * cells + i] = value / total;
    });
  }
  return realMap(pixels, cells, weights);
};
