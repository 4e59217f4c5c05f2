import type { Calibration } from "../calibration/schema.ts";
import { decimalsFor, table } from "./text.ts";

type Fit = NonNullable<Calibration["fit"]>;
type Estimate = Fit["sigmaX"];

function row(
  name: string,
  unit: string,
  { value, standardError, interval95: [low, high] }: Estimate,
): readonly string[] {
  const decimals = decimalsFor(Math.min(standardError, (high - low) / 2));
  const shown = (x: number) => x.toFixed(decimals);
  return [name, `${shown(value)}${unit}`, `${shown(low)} … ${shown(high)}`, standardError.toPrecision(2)];
}

const intervalWords = {
  photographs:
    "95 % interval: over photographs (jackknife over blocks). The standard error is lmfit's: it takes the pixels for independent, which they are not, and is too small.",
  pixels:
    "95 % interval: from the pixels of this one map alone, which are correlated: it is too narrow. One over photographs needs `erfit calibrate` and at least 4 photographs.",
} as const;

/** A fit as people read it. */
function fitText(fit: Fit): string {
  return [
    table(
      [
        ["", "value", "95 % interval", "standard error"],
        row("sigma_X", " px", fit.sigmaX),
        row("sigma_Y", " px", fit.sigmaY),
        row("centre x", " px", fit.centreX),
        row("centre y", " px", fit.centreY),
        row("amplitude", "", fit.amplitude),
      ],
      [1, 2, 3],
    ),
    `R² ${fit.rSquared.toFixed(4)} (1 - var(residual)/var(map), OpenERF's);  1 - SSE/SST ${fit.rSquaredTotal.toFixed(4)};  ${fit.iterations} iterations${fit.converged ? "" : ", NOT converged"}`,
    intervalWords[fit.intervalSource],
  ].join("\n");
}

export const warningsText = (warnings: Calibration["warnings"]): string =>
  warnings.map(({ code, message }) => `warning ${code}: ${message}`).join("\n");

/** Fit and warnings together; says so where there is no fit. */
export const outcomeText = ({ fit, warnings }: Pick<Calibration, "fit" | "warnings">): string =>
  [fit === null ? "No Gaussian is reported." : fitText(fit), warningsText(warnings)]
    .filter((part) => part !== "")
    .join("\n");
