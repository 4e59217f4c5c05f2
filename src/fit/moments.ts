import { at } from "../core/required.ts";
import type { RealMap } from "../core/tensor.ts";

/** Sums of a map over its columns (a profile along x) and over its rows (along y). */
interface Marginals {
  readonly x: Float64Array;
  readonly y: Float64Array;
}

export function marginalsOf({ shape: [height, width], data }: RealMap): Marginals {
  const [x, y] = [new Float64Array(width), new Float64Array(height)];
  data.forEach((value, pixel) => {
    const row = Math.floor(pixel / width);
    x[pixel - row * width] = at(x, pixel - row * width) + value;
    y[row] = at(y, row) + value;
  });
  return { x, y };
}

/** First and second moments of a map that sums to 1, in pixels; they include the map's background and tails. */
export interface Moments {
  /** Center of mass. */
  readonly centerX: number;
  readonly centerY: number;
  /** Root of the mean squared distance from it, along each axis. */
  readonly sigmaX: number;
  readonly sigmaY: number;
  /** px²; positive where the map leans from the upper left to the lower right. */
  readonly covarianceXY: number;
}

export function momentsOf(shares: RealMap): Moments {
  const { x, y } = marginalsOf(shares);
  const [centerX, centerY] = [mean(x), mean(y)];
  const width = shares.shape[1];
  const covarianceXY = shares.data.reduce((sum, share, pixel) => {
    const row = Math.floor(pixel / width);
    return sum + share * (pixel - row * width - centerX) * (row - centerY);
  }, 0);
  return { centerX, centerY, sigmaX: spread(x, centerX), sigmaY: spread(y, centerY), covarianceXY };
}

const mean = (shares: Float64Array): number => shares.reduce((sum, share, place) => sum + share * place, 0);

const spread = (shares: Float64Array, center: number): number =>
  Math.sqrt(
    Math.max(
      0,
      shares.reduce((sum, share, place) => sum + share * (place - center) ** 2, 0),
    ),
  );
