import type { EstimateName } from "./estimates.ts";
import type { Goodness } from "./goodness.ts";
import { surfaceFrom, type Gaussian, type Surface } from "./model.ts";
import type { ModelName } from "./models.ts";
import type { Stop } from "./trust-region.ts";

/** A fitted number: pixels, radians, or a share of the map's sum for the amplitude and the background. */
export interface Estimate {
  readonly value: number;
  /** Of least squares, as lmfit defines it: it takes the pixels' residuals for independent, which they are not. */
  readonly standardError: number;
  readonly interval95: Interval;
}
export type Interval = readonly [low: number, high: number];

/** What `interval95` covers: photographs (jackknife over blocks of them), or merely the pixels of this one map. */
type IntervalSource = "photographs" | "pixels";

/** Another minimum of the sum of squares, which explains a comparable share of the map. */
export interface SecondMinimum extends Gaussian {
  readonly sumOfSquares: number;
}

/**
 * What a model reports. Five numbers are the same of every model, whatever its axes: sigmaX and sigmaY are standard deviations
 * along the columns and along the rows. The others belong to some models only.
 */
export type Estimates = Readonly<Record<keyof Gaussian, Estimate>> &
  Readonly<Partial<Record<Exclude<EstimateName, keyof Gaussian>, Estimate>>>;

export interface GaussianFit extends Estimates, Goodness {
  readonly model: ModelName;
  /** Of the estimates, by their names. */
  readonly correlation: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly iterations: number;
  readonly converged: boolean;
  /** Of the residual in the tangent plane over across, per degree of freedom: 0 at the minimum (Bates & Watts 1981). */
  readonly relativeOffset: number;
  readonly secondMinimum?: SecondMinimum;
  readonly intervalSource: IntervalSource;
  /** The sigmas without each block of photographs in turn, where intervals are over photographs: see `jackknife`. */
  readonly withoutBlock?: readonly BlockLeftOut[];
  /** Of a fit that reproduces OpenERF's: why it stopped, and the parameters that its bounds hold. */
  readonly openerf?: { readonly stop: Stop; readonly onBound: readonly (keyof Gaussian)[] };
}

/** Of the fit without one block of photographs. Their scatter is the jackknife's; those of two runs pair block by block. */
export interface BlockLeftOut {
  readonly sigmaX: number;
  readonly sigmaY: number;
}

/** What should be known before the fit is used: a code for programs, a sentence with a remedy for people. */
export interface Warning {
  readonly code: string;
  readonly message: string;
}

/** Other models of the same map, beside the one reported. */
export interface Comparison {
  /** Those that can honestly be reported. */
  readonly alternatives: readonly GaussianFit[];
  /** The model with the lowest AIC, and with the lowest BIC, of all; null where there is none. */
  readonly preferred: { readonly aic: ModelName | null; readonly bic: ModelName | null };
}

/** `fit` is null where no fit can honestly be reported; the warnings say why. */
export interface FitResult {
  readonly fit: GaussianFit | null;
  readonly warnings: readonly Warning[];
  readonly comparison?: Comparison;
}

/** The fitted surface: the values alone. */
export const fittedSurface = (fit: Estimates): Surface =>
  surfaceFrom({
    amplitude: fit.amplitude.value,
    centerX: fit.centerX.value,
    centerY: fit.centerY.value,
    sigmaX: fit.sigmaX.value,
    sigmaY: fit.sigmaY.value,
    rho: fit.rho?.value ?? 0,
    background: fit.background?.value ?? 0,
  });
