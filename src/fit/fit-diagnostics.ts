import type { RealMap } from "../core/tensor.ts";
import type { Diagnostic } from "./diagnostics.ts";
import { narrowest, separatePair, shareInside, sigmasBetween, within, type Pedestal } from "./geometry.ts";
import type { Gaussian, Surface } from "./model.ts";
import type { FitOptions, GaussianFit } from "./result.ts";

/** What is known after the search: `fit` is undefined where no minimum lies in the domain or its covariance is singular. */
export interface FitEvidence {
  readonly shape: RealMap["shape"];
  /** The best minimum in the domain. */
  readonly surface: Surface | undefined;
  readonly fit: GaussianFit | undefined;
  /** The surfaces of the best minimum and of those that explain a comparable part. */
  readonly peaks: readonly Gaussian[];
  /** The Gaussian across the fitted one, where the map is a cross. */
  readonly armAcross: Surface | undefined;
  /** AIC of a constant less the best AIC found in the domain or outside, and what noise alone would gain. */
  readonly gainOverConstant: { readonly found: number; readonly byNoise: number };
  /** The lowest sum of squares found outside the domain. */
  readonly outside: { readonly surface: Gaussian; readonly sumOfSquares: number } | undefined;
  /** The same model with a constant background, where it has none itself. */
  readonly onBackground:
    { readonly sigmaX: number; readonly sigmaY: number; readonly aic: number } | undefined;
  readonly theoreticalCenter: FitOptions["theoreticalCenter"];
  /** What the Gaussian stands on, where that is much wider. */
  readonly pedestal: Pedestal | undefined;
}

/** Blocking ones first, so that the first sentence is the reason; then everything to know before the fit is used. */
export const fitDiagnostics: readonly Diagnostic<FitEvidence>[] = [
  {
    code: "NO_PEAK",
    blocking: true,
    message: ({ gainOverConstant }) =>
      gainOverConstant.found > gainOverConstant.byNoise
        ? undefined
        : "No Gaussian describes the map better than a constant (AIC). Use more photographs, or another layer.",
  },
  {
    code: "RUNS_AWAY",
    blocking: true,
    message: ({ surface, outside }) =>
      surface === undefined
        ? `The best fit leaves the map${outside ? ` (${where(outside.surface)})` : ""}: sigma and amplitude are not determined. ` +
          "Use a larger input, or a layer with a smaller receptive field."
        : undefined,
  },
  {
    code: "SINGLE_PIXEL",
    blocking: true,
    message: ({ surface }) =>
      surface && narrowest(surface) < 0.3
        ? "A pixel or two carry the whole peak, and any sigma below 0.3 px fits them. Look for a hot pixel or a strided shortcut."
        : undefined,
  },
  {
    code: "SINGULAR",
    blocking: true,
    message: ({ surface, fit }) =>
      surface && fit === undefined
        ? "The map does not determine all parameters: their covariance is singular. Use a larger input."
        : undefined,
  },
  {
    code: "NOT_CONVERGED",
    message: ({ fit }) =>
      fit?.converged === false
        ? `The fit stopped after ${fit.iterations} iterations short of the optimum. Allow more iterations, or use more photographs.`
        : undefined,
  },
  {
    code: "RUNS_AWAY",
    message: ({ fit, outside }) =>
      fit && outside && outside.sumOfSquares < fit.sumOfSquares
        ? `A Gaussian outside any sensible range (${where(outside.surface)}) fits better than the one reported. Check the plot, ` +
          "and use a larger input."
        : undefined,
  },
  {
    code: "SECOND_MINIMUM",
    message: ({ fit }) =>
      fit?.secondMinimum
        ? `Another Gaussian (${where(fit.secondMinimum)}) explains a comparable part: one Gaussian does not describe this map. ` +
          "Look at the plot before using sigma."
        : undefined,
  },
  {
    code: "TWO_PEAKS",
    message: ({ peaks }) => {
      const [one, other] = separatePair(peaks);
      return one && other
        ? `The map has two separate peaks (${where(one)}; ${where(other)}). Look for a path that sees another place, or use more ` +
            "photographs."
        : undefined;
    },
  },
  {
    code: "CROSS",
    message: ({ surface, armAcross }) =>
      surface && armAcross
        ? `The map is a cross, as attention along rows and columns makes: a Gaussian across the fitted one (${where(armAcross)}) ` +
          "is there too, and sigma is that of one arm. Report both arms, or the contribution area."
        : undefined,
  },
  {
    code: "UNRESOLVED",
    message: ({ surface }) =>
      surface && narrowest(surface) < 0.5
        ? "Sigma is below half a pixel: its value depends on taking pixels as points. Use a larger input."
        : undefined,
  },
  {
    code: "SIGMA_BEYOND_HALF_MAP",
    message: ({ surface, shape: [height, width] }) =>
      surface && (surface.sigmaX > width / 2 || surface.sigmaY > height / 2)
        ? `Sigma (${pixels(surface.sigmaX)}, ${pixels(surface.sigmaY)}) is more than half the map: it is extrapolated. Use a larger input.`
        : undefined,
  },
  {
    code: "CENTER_OUTSIDE",
    message: ({ surface, shape: [height, width] }) =>
      surface && !(within(surface.centerX, width) && within(surface.centerY, height))
        ? `The center (${pixels(surface.centerX)}, ${pixels(surface.centerY)}) lies outside the map. Probe a cell nearer the middle.`
        : undefined,
  },
  {
    code: "CENTER_OFF_THEORY",
    message: ({ surface, theoreticalCenter: center }) =>
      surface && center && sigmasBetween(surface, center) > 0.5
        ? `The center (${pixels(surface.centerX)}, ${pixels(surface.centerY)}) is ${sigmasBetween(surface, center).toPrecision(2)} ` +
          `sigma from the theoretical one (${pixels(center.x)}, ${pixels(center.y)}). Check the layer and the cell, and use more ` +
          "photographs."
        : undefined,
  },
  {
    code: "EXTRAPOLATED",
    message: ({ surface, shape }) =>
      surface && shareInside(surface, shape) < 0.9
        ? `Only ${percent(shareInside(surface, shape))} of the fitted Gaussian lies on the map: amplitude and sigma are partly ` +
          "extrapolated. Use a larger input, or a cell nearer the middle."
        : undefined,
  },
  {
    code: "SPIKE_ON_PEDESTAL",
    message: ({ surface, pedestal }) =>
      surface && pedestal
        ? `The Gaussian is a spike (sigma ${pixels(surface.sigmaX)}, ${pixels(surface.sigmaY)}, ${percent(surface.amplitude)} of ` +
          `the map's sum) on a wide pedestal, as attention makes: the whole map's standard deviation is ` +
          `${pixels(pedestal.sigmaX)}, ${pixels(pedestal.sigmaY)}. More photographs do not change that. Report the spike's share ` +
          "and the whole map's spread or contribution area beside sigma."
        : undefined,
  },
  {
    code: "LOW_R_SQUARED",
    message({ fit, pedestal, armAcross }) {
      if (fit === undefined || fit.rSquared >= 0.3) return undefined;
      const low = `R² is ${fit.rSquared.toFixed(3)}`;
      if (pedestal !== undefined || armAcross !== undefined)
        return (
          `${low}: the map is no single Gaussian (see the other warnings), and is speckled besides. More photographs remove ` +
          "the speckle alone."
        );
      return (
        `${low}: most of the map is noise or another shape than a Gaussian. Use more photographs; if it stays low, the shape ` +
        "is another one."
      );
    },
  },
  {
    code: "SMALL_MASS",
    message: ({ surface }) =>
      surface && surface.amplitude < 0.5
        ? `The Gaussian carries only ${percent(surface.amplitude)} of the map's sum: sigma is that of a central spike, not of the ` +
          "whole field. Compare it with the contribution area."
        : undefined,
  },
  {
    code: "BACKGROUND_CHANGES_SIGMA",
    message: ({ fit, onBackground }) =>
      fit && onBackground && onBackground.aic < fit.aic && change(fit, onBackground) > 0.25
        ? `On a constant background sigma is ${pixels(onBackground.sigmaX)}, ${pixels(onBackground.sigmaY)} instead of ` +
          `${pixels(fit.sigmaX.value)}, ${pixels(fit.sigmaY.value)}. Compare the models (fit model auto) and report both.`
        : undefined,
  },
  {
    code: "NO_ANGLE",
    message: ({ fit }) =>
      fit?.theta && fit.theta.standardError > 0.5
        ? "The Gaussian is round within its uncertainty: its angle has no meaning. Use the model gaussian or isotropic."
        : undefined,
  },
];

const percent = (share: number): string => `${(100 * share).toPrecision(2)} %`;
const pixels = (length: number): string => `${Number(length.toPrecision(3))} px`;

const where = ({ centerX, centerY, sigmaX, sigmaY }: Gaussian): string =>
  `center ${pixels(centerX)}, ${pixels(centerY)}, sigma ${pixels(sigmaX)}, ${pixels(sigmaY)}`;

/** Largest relative change of a sigma. */
const change = (
  { sigmaX, sigmaY }: GaussianFit,
  other: { readonly sigmaX: number; readonly sigmaY: number },
): number => Math.max(Math.abs(other.sigmaX / sigmaX.value - 1), Math.abs(other.sigmaY / sigmaY.value - 1));
