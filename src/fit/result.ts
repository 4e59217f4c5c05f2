import { gaussianParameters, type GaussianParameter } from "./gaussian.ts";
import type { Goodness } from "./goodness.ts";
import type { Gaussian } from "./model.ts";

/** A fitted number: pixels, or a share of the map's sum for the amplitude. */
export interface Estimate {
  readonly value: number;
  /** Of least squares, as lmfit defines it: it takes the pixels' residuals for independent, which they are not. */
  readonly standardError: number;
  readonly interval95: Interval;
}
export type Interval = readonly [low: number, high: number];

/** What `interval95` covers: photographs (jackknife over blocks of them), or merely the pixels of this one map. */
export type IntervalSource = "photographs" | "pixels";

/** Another minimum of the sum of squares, which explains a comparable share of the map. */
export interface SecondMinimum extends Gaussian {
  readonly sumOfSquares: number;
}

export interface GaussianFit extends Readonly<Record<GaussianParameter, Estimate>>, Goodness {
  readonly model: "gaussian";
  readonly correlation: Readonly<Record<GaussianParameter, Readonly<Record<GaussianParameter, number>>>>;
  readonly iterations: number;
  readonly converged: boolean;
  /** Of the residual in the tangent plane over across, per degree of freedom: 0 at the minimum (Bates & Watts 1981). */
  readonly relativeOffset: number;
  readonly secondMinimum?: SecondMinimum;
  readonly intervalSource: IntervalSource;
}

/** What should be known before the fit is used: a code for programs, a sentence with a remedy for people. */
export interface Warning {
  readonly code: string;
  readonly message: string;
}

/** `fit` is null where no fit can honestly be reported; the warnings say why. */
export interface FitResult {
  readonly fit: GaussianFit | null;
  readonly warnings: readonly Warning[];
}

/** The fitted values alone. */
export const gaussianOf = (fit: GaussianFit): Gaussian => ({
  amplitude: fit.amplitude.value,
  centreX: fit.centreX.value,
  centreY: fit.centreY.value,
  sigmaX: fit.sigmaX.value,
  sigmaY: fit.sigmaY.value,
});

/** The fit with other intervals, by the parameters' place in the model. */
export function withIntervals(
  fit: GaussianFit,
  intervals: readonly Interval[],
  intervalSource: IntervalSource,
): GaussianFit {
  const { amplitude, centreX, centreY, sigmaX, sigmaY } = fit;
  const estimates = [amplitude, centreX, centreY, sigmaX, sigmaY];
  const replaced = gaussianParameters((i): Estimate => {
    const estimate = estimates[i] ?? amplitude;
    return { ...estimate, interval95: intervals[i] ?? estimate.interval95 };
  });
  return { ...fit, ...replaced, intervalSource };
}
