import { meanOf, squaresAround } from "../math/statistics.ts";
import type { RealMap } from "../math/tensor.ts";
import type { Gaussian } from "./model.ts";
import { residualOf } from "./surface.ts";

/** How well a surface describes a map (which sums to 1). */
export interface Goodness {
  /** OpenERF's: 1 - var(residual) / var(map). A constant offset of the residual does not count against it. */
  readonly rSquared: number;
  /** 1 - Σ residual² / Σ (map - mean)². */
  readonly rSquaredTotal: number;
  readonly sumOfSquares: number;
  /** Σ residual² / (pixels - parameters). */
  readonly reducedChiSquare: number;
  /** As lmfit: n ln(Σ residual² / n) + 2p. */
  readonly aic: number;
  /** As lmfit: n ln(Σ residual² / n) + p ln n. */
  readonly bic: number;
}

export function goodnessOf(map: RealMap, gaussian: Gaussian, parameters: number): Goodness {
  const pixels = map.data.length;
  const residuals = residualOf(map, gaussian).data;
  const total = squaresAround(map.data, meanOf(map.data));
  const sumOfSquares = squaresAround(residuals, 0);
  return {
    rSquared: 1 - squaresAround(residuals, meanOf(residuals)) / total,
    rSquaredTotal: 1 - sumOfSquares / total,
    sumOfSquares,
    reducedChiSquare: sumOfSquares / (pixels - parameters),
    aic: aicOf(sumOfSquares, pixels, parameters),
    bic: likelihood(sumOfSquares, pixels) + parameters * Math.log(pixels),
  };
}

export const aicOf = (sumOfSquares: number, pixels: number, parameters: number): number =>
  likelihood(sumOfSquares, pixels) + 2 * parameters;

/** AIC of the map's mean as its only description: a Gaussian that does no better has found no peak. */
export const aicOfConstant = ({ data }: RealMap): number =>
  aicOf(squaresAround(data, meanOf(data)), data.length, 1);

/** -2 ln(likelihood) up to a constant; a perfect fit stays finite, so that it can be written as JSON. */
const likelihood = (sumOfSquares: number, pixels: number): number =>
  pixels * Math.log(Math.max(sumOfSquares / pixels, Number.MIN_VALUE));
