import type { Comparison, Estimate, GaussianFit } from "../fit/result.ts";
import { decimalsFor, prose, table } from "./text.ts";

const caution =
  "AIC and BIC take the pixels for independent, which they are not: they prefer the richer model too easily. The paper's model " +
  "stays the answer; the others show how far it depends on the model.";

/** Models of one map side by side, the reported one first. The criteria count from the lowest. */
export function modelTable(fit: GaussianFit | null, { alternatives, preferred }: Comparison): string {
  const fits = fit === null ? alternatives : [fit, ...alternatives];
  if (fits.length === 0) return "";
  const lowest = (criterion: "aic" | "bic") => Math.min(...fits.map((one) => one[criterion]));
  const [aic, bic] = [lowest("aic"), lowest("bic")];
  const marks = (one: GaussianFit): string =>
    [
      one === fit ? "reported" : "",
      one.model === preferred.aic ? "lowest AIC" : "",
      one.model === preferred.bic ? "lowest BIC" : "",
    ]
      .filter((mark) => mark !== "")
      .join(", ");
  const rows = fits.map((one) => [
    one.model,
    pixels(one.sigmaX),
    pixels(one.sigmaY),
    one.rSquared.toFixed(4),
    (one.aic - aic).toFixed(1),
    (one.bic - bic).toFixed(1),
    marks(one),
  ]);
  return [
    table([["model", "sigma_X, px", "sigma_Y, px", "R²", "ΔAIC", "ΔBIC", ""], ...rows], [1, 2, 3, 4, 5]),
    prose(caution),
  ].join("\n");
}

function pixels({ value, interval95: [low, high] }: Estimate): string {
  const half = (high - low) / 2;
  return `${value.toFixed(Math.min(decimalsFor(half), 4))} ± ${half.toPrecision(2)}`;
}
