import {
  models,
  surfaceFrom,
  type ModelName,
  type EstimateName,
  type Gaussian,
  type Surface,
} from "./model.ts";
import type { Stop } from "./trust-region.ts";

/** Which fit: one model; all of them beside the paper's (`auto`); or the numbers that OpenERF would give (`openerf`). */
export type FitChoice = ModelName | "auto" | "openerf";

export const fitChoices: Readonly<Record<FitChoice, string>> = {
  gaussian: models.gaussian.summary,
  "gaussian-background": models["gaussian-background"].summary,
  rotated: models.rotated.summary,
  "rotated-background": models["rotated-background"].summary,
  isotropic: models.isotropic.summary,
  auto: "the Gaussian, and the other models beside it, compared by AIC and BIC",
  openerf: "the Gaussian with OpenERF's start, bounds and tolerances, for comparison with published numbers",
};

export interface FitOptions {
  readonly model: FitChoice;
  /** Most iterations of one descent, and of one finish. */
  readonly maxIterations: number;
  /** Where Newton's steps stop: `relativeOffset` of the point (Bates & Watts 1981). */
  readonly relativeOffset: number;
  /** Center of the theoretical receptive field in pixels, where the fitted one is expected; null where it is not known. */
  readonly theoreticalCenter: { readonly x: number; readonly y: number } | null;
}

export const defaultFitOptions: FitOptions = {
  model: "gaussian",
  maxIterations: 100,
  relativeOffset: 1e-13,
  theoreticalCenter: null,
};

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

/**
 * What a model reports. Five numbers are the same for every model, whatever its axes: sigmaX and sigmaY are standard deviations
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
  /** Only of a fit that reproduces OpenERF's: why it stopped, and the parameters that its bounds hold. */
  readonly openerf?: { readonly stop: Stop; readonly onBound: readonly (keyof Gaussian)[] };
}

/** The fit without one block of photographs. Their scatter is the jackknife's; those of two runs pair block by block. */
export interface BlockLeftOut {
  readonly sigmaX: number;
  readonly sigmaY: number;
}

/** What to know before the fit is used: a code for programs, a sentence with a remedy for people. */
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
