import { errorFunction } from "simple-statistics";
import type { RealMap } from "../math/tensor.ts";
import type { Gaussian } from "./model.ts";
import type { Gate } from "./quality.ts";
import type { GaussianFit } from "./result.ts";

/** What is known after the search: `fit` is undefined where no minimum lies in the domain or its covariance is singular. */
export interface FitEvidence {
  readonly shape: RealMap["shape"];
  readonly gaussian: Gaussian | undefined;
  readonly fit: GaussianFit | undefined;
  /** AIC of a constant less the best AIC found in the domain or outside: positive where there is a peak. */
  readonly gainOverConstant: number;
  /** The lowest sum of squares found outside the domain. */
  readonly outside: { readonly gaussian: Gaussian; readonly sumOfSquares: number } | undefined;
}

/** Refusals first, so that the first sentence is the reason; then everything to know before the fit is used. */
export const fitGates: readonly Gate<FitEvidence>[] = [
  {
    code: "NO_PEAK",
    refuses: true,
    says: ({ gainOverConstant }) =>
      gainOverConstant > 0
        ? undefined
        : "No Gaussian describes the map better than a constant (AIC). Use more photographs, or another layer.",
  },
  {
    code: "RUNS_AWAY",
    refuses: true,
    says: ({ gaussian, outside }) =>
      gaussian === undefined
        ? `The best fit leaves the map${outside ? ` (${where(outside.gaussian)})` : ""}: sigma and amplitude are not determined. ` +
          "Use a larger input, or a layer with a smaller receptive field."
        : undefined,
  },
  {
    code: "SINGLE_PIXEL",
    refuses: true,
    says: ({ gaussian }) =>
      gaussian && narrowest(gaussian) < 0.3
        ? "A pixel or two carry the whole peak, and any sigma below 0.3 px fits them. Look for a hot pixel or a strided shortcut."
        : undefined,
  },
  {
    code: "SINGULAR",
    refuses: true,
    says: ({ gaussian, fit }) =>
      gaussian && fit === undefined
        ? "The map does not determine all five parameters: their covariance is singular. Use a larger input."
        : undefined,
  },
  {
    code: "NOT_CONVERGED",
    refuses: false,
    says: ({ fit }) =>
      fit?.converged === false
        ? `The fit stopped after ${fit.iterations} iterations short of the optimum. Allow more iterations, or use more photographs.`
        : undefined,
  },
  {
    code: "RUNS_AWAY",
    refuses: false,
    says: ({ fit, outside }) =>
      fit && outside && outside.sumOfSquares < fit.sumOfSquares
        ? `A Gaussian outside any sensible range (${where(outside.gaussian)}) fits better than the one reported. Check the plot, ` +
          "and use a larger input."
        : undefined,
  },
  {
    code: "SECOND_MINIMUM",
    refuses: false,
    says: ({ fit }) =>
      fit?.secondMinimum
        ? `Another Gaussian (${where(fit.secondMinimum)}) explains a comparable part: one Gaussian does not describe this map. ` +
          "Look at the plot before using sigma."
        : undefined,
  },
  {
    code: "UNRESOLVED",
    refuses: false,
    says: ({ gaussian }) =>
      gaussian && narrowest(gaussian) < 0.5
        ? "Sigma is below half a pixel: its value depends on taking pixels as points. Use a larger input."
        : undefined,
  },
  {
    code: "SIGMA_BEYOND_HALF_MAP",
    refuses: false,
    says: ({ gaussian, shape: [height, width] }) =>
      gaussian && (gaussian.sigmaX > width / 2 || gaussian.sigmaY > height / 2)
        ? `Sigma (${pixels(gaussian.sigmaX)}, ${pixels(gaussian.sigmaY)}) is more than half the map: it is extrapolated. Use a larger input.`
        : undefined,
  },
  {
    code: "CENTRE_OUTSIDE",
    refuses: false,
    says: ({ gaussian, shape: [height, width] }) =>
      gaussian && !(within(gaussian.centreX, width) && within(gaussian.centreY, height))
        ? `The centre (${pixels(gaussian.centreX)}, ${pixels(gaussian.centreY)}) lies outside the map. Probe a cell nearer the middle.`
        : undefined,
  },
  {
    code: "EXTRAPOLATED",
    refuses: false,
    says: ({ gaussian, shape }) =>
      gaussian && shareInside(gaussian, shape) < 0.9
        ? `Only ${percent(shareInside(gaussian, shape))} of the fitted Gaussian lies on the map: amplitude and sigma are partly ` +
          "extrapolated. Use a larger input, or a cell nearer the middle."
        : undefined,
  },
  {
    code: "LOW_R_SQUARED",
    refuses: false,
    says: ({ fit }) =>
      fit && fit.rSquared < 0.3
        ? `R² is ${fit.rSquared.toFixed(3)}: most of the map is noise or another shape than a Gaussian. Use more photographs.`
        : undefined,
  },
  {
    code: "SMALL_MASS",
    refuses: false,
    says: ({ gaussian }) =>
      gaussian && gaussian.amplitude < 0.5
        ? `The Gaussian carries only ${percent(gaussian.amplitude)} of the map's sum: sigma is that of a central spike, not of the ` +
          "whole field. Compare it with the contribution area."
        : undefined,
  },
];

const percent = (share: number): string => `${(100 * share).toPrecision(2)} %`;
const pixels = (length: number): string => `${Number(length.toPrecision(3))} px`;

const narrowest = ({ sigmaX, sigmaY }: Gaussian): number => Math.min(sigmaX, sigmaY);
const within = (centre: number, extent: number): boolean => centre >= -0.5 && centre <= extent - 0.5;
const where = ({ centreX, centreY, sigmaX, sigmaY }: Gaussian): string =>
  `centre ${pixels(centreX)}, ${pixels(centreY)}, sigma ${pixels(sigmaX)}, ${pixels(sigmaY)}`;

/** Share of the Gaussian's integral over the plane that lies on the map's pixels. */
function shareInside(
  { centreX, centreY, sigmaX, sigmaY }: Gaussian,
  [height, width]: RealMap["shape"],
): number {
  const below = (edge: number, centre: number, sigma: number): number =>
    0.5 * (1 + errorFunction((edge - centre) / (sigma * Math.SQRT2)));
  const along = (extent: number, centre: number, sigma: number): number =>
    below(extent - 0.5, centre, sigma) - below(-0.5, centre, sigma);
  return along(width, centreX, sigmaX) * along(height, centreY, sigmaY);
}
