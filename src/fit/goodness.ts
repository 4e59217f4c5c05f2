import type { Point } from "./point.ts";
import type { Target } from "./target.ts";

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

export function goodnessOf({ pixels, scatter }: Target, { vector, sumOfSquares, sum }: Point): Goodness {
  const parameters = vector.length;
  return {
    rSquared: 1 - (sumOfSquares - (sum * sum) / pixels) / scatter,
    rSquaredTotal: 1 - sumOfSquares / scatter,
    sumOfSquares,
    reducedChiSquare: sumOfSquares / (pixels - parameters),
    aic: aicOf(sumOfSquares, pixels, parameters),
    bic: likelihood(sumOfSquares, pixels) + parameters * Math.log(pixels),
  };
}

export const aicOf = (sumOfSquares: number, pixels: number, parameters: number): number =>
  likelihood(sumOfSquares, pixels) + 2 * parameters;

/** AIC of the map's mean as its only description: a Gaussian that does no better has found no peak. */
export const aicOfConstant = ({ scatter, pixels }: Target): number => aicOf(scatter, pixels, 1);

/** -2 ln(likelihood) up to a constant; a perfect fit stays finite, so that it can be written as JSON. */
const likelihood = (sumOfSquares: number, pixels: number): number =>
  pixels * Math.log(Math.max(sumOfSquares / pixels, Number.MIN_VALUE));
