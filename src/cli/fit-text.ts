import type { Calibration } from "../calibration/schema.ts";
import { decimalsFor, prose, table, short } from "./text.ts";
import { keysOf } from "../core/required.ts";
import type { RealMap } from "../core/tensor.ts";
import { type EstimateName, models } from "../fit/model.ts";
import {
  type Comparison,
  type Estimate,
  type GaussianFit,
  fitChoices,
  type FitResult,
} from "../fit/result.ts";

const caution =
  "AIC and BIC take the pixels for independent, which they are not: they prefer the richer model too easily. The paper's model " +
  "stays the answer; the others show how far it depends on the model.";

/** Models of one map side by side, the reported one first. The criteria count from the lowest. */
function modelTable(fit: GaussianFit | null, { alternatives, preferred }: Comparison): string {
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

/** How an estimate is shown: `value · scale` in its unit. */
type Line = readonly [name: string, unit: string, scale: number];

/** In the order of the report. */
const lines = {
  sigmaX: [["sigma_X", "px", 1]],
  sigmaY: [["sigma_Y", "px", 1]],
  sigmaMajor: [["sigma major", "px", 1]],
  sigmaMinor: [["sigma minor", "px", 1]],
  theta: [
    ["theta", "rad", 1],
    ["", "°", 180 / Math.PI],
  ],
  rho: [["rho", "", 1]],
  centerX: [["center x", "px", 1]],
  centerY: [["center y", "px", 1]],
  amplitude: [["amplitude", "", 1]],
  background: [["background", "1e-6/px", 1e6]],
} as const satisfies Record<EstimateName, readonly Line[]>;

const estimateNames = keysOf(lines);
const nameOf = (name: EstimateName): string => lines[name][0][0];

function row([name, unit, scale]: Line, { value, standardError, interval95 }: Estimate): readonly string[] {
  const [low, high] = [scale * interval95[0], scale * interval95[1]];
  const half = (high - low) / 2;
  const error = scale * standardError;
  const decimals = decimalsFor(half);
  const shown = (x: number) => x.toFixed(decimals);
  const percent = `(${short(Math.abs((100 * standardError) / value))} %)`;
  const interval = `${shown(low)} … ${shown(high)}`;
  return [
    name,
    shown(scale * value),
    `± ${half === 0 ? 0 : half.toPrecision(2)}`,
    unit,
    interval,
    error.toPrecision(2),
    percent,
  ];
}

const estimatesTable = (fit: GaussianFit): string =>
  table(
    [
      ["", "value", "", "", "95 % interval", "lmfit's error", ""],
      ...estimateNames.flatMap((name) => {
        const estimate = fit[name];
        return estimate === undefined ? [] : lines[name].map((line) => row(line, estimate));
      }),
    ],
    [1, 4, 5, 6],
  );

/** Correlations this small are not shown; nor does lmfit. */
const leastCorrelation = 0.1;

/** Between the free parameters, the strongest first; the other estimates follow from these. */
function correlations({ model, correlation }: GaussianFit): string {
  const free = models[model].free.map(([name]) => name);
  const pairs = free.flatMap((one, i) =>
    free.slice(i + 1).map((other) => ({ one, other, value: correlation[one]?.[other] ?? 0 })),
  );
  const strong = pairs
    .filter(({ value }) => Math.abs(value) >= leastCorrelation)
    .sort((a, b) => Math.abs(b.value) - Math.abs(a.value));
  const shown = strong.map(
    ({ one, other, value }) =>
      `C(${nameOf(one)}, ${nameOf(other)}) = ${value < 0 ? "-" : "+"}${Math.abs(value).toFixed(3)}`,
  );
  const whole = shown.map((text) => text.replaceAll(" ", "\u00a0")); // a line breaks between two of them
  return whole.length === 0 ? `none above ${leastCorrelation}` : whole.join("; ");
}

const photographsText = ({
  photographs,
  effectiveNumber,
  largestContribution,
}: Calibration["images"]): string =>
  `as many as ${short(effectiveNumber, 1)} of equal weight, of ${photographs}` +
  (largestContribution === null
    ? ""
    : `;  most of the mass: ${largestContribution.name}, ${short(100 * largestContribution.share, 1)} %`);

const openErfText = ({ stop, onBound }: NonNullable<GaussianFit["openerf"]>): string =>
  `stopped by ${stop};  on a bound: ${onBound.length === 0 ? "none" : onBound.map(nameOf).join(", ")}`;

/** What lmfit prints as fit statistics; further lines where there is more to tell. */
function statistics(fit: GaussianFit, pixels: number, images: Calibration["images"] | undefined): string {
  const { model, iterations, converged, reducedChiSquare, aic, bic, rSquared, rSquaredTotal, openerf } = fit;
  const facts: readonly (readonly [string, string | undefined])[] = [
    [
      "fit",
      `${pixels} pixels, ${models[model].free.length} variables, ${iterations} iterations, ${converged ? "converged" : "NOT converged"}`,
    ],
    ["OpenERF", openerf && openErfText(openerf)],
    ["R²", `${rSquared.toFixed(4)} by 1 - var(residual)/var(map), OpenERF's and the paper's`],
    ["", `${rSquaredTotal.toFixed(4)} by 1 - SSE/SST, lmfit's: an offset of the whole map counts`],
    [
      "criteria",
      `reduced chi-square ${reducedChiSquare.toPrecision(4)},  AIC ${aic.toFixed(1)},  BIC ${bic.toFixed(1)}`,
    ],
    ["correlation", correlations(fit)],
    ["photographs", images && photographsText(images)],
  ];
  return facts
    .flatMap(([name, text]) => (text === undefined ? [] : prose(`${name.padEnd(nameWidth)}${text}`, margin)))
    .join("\n");
}

const nameWidth = 13;
const margin = " ".repeat(nameWidth);

const uncertainty = {
  photographs:
    "The intervals are over photographs (jackknife over blocks of them). lmfit's error is no such uncertainty: it takes the pixels' residuals for independent, and they are spatially correlated.",
  pixels:
    "The intervals are lmfit's error times Student's t: too narrow, for the pixels' residuals are spatially correlated. `erfit calibrate` over 4 photographs or more gives intervals over photographs.",
} as const satisfies Record<GaussianFit["intervalSource"], string>;

const fitText = (fit: GaussianFit, pixels: number, images: Calibration["images"] | undefined): string =>
  [
    `${fit.model}: ${fit.openerf ? fitChoices.openerf : models[fit.model].summary}`,
    estimatesTable(fit),
    statistics(fit, pixels, images),
    prose(uncertainty[fit.intervalSource]),
  ].join("\n");

export const warningsText = (warnings: FitResult["warnings"]): string =>
  warnings.map(({ code, message }) => prose(`warning ${code}: ${message}`, "  ")).join("\n");

const intervalOver = {
  photographs: "",
  pixels: ", over pixels: too narrow",
} as const satisfies Record<GaussianFit["intervalSource"], string>;

/** Sigma with its interval, and how good the fit is: what most people need. */
function summary(fit: GaussianFit): string {
  const rows = (["sigmaX", "sigmaY"] as const).map((name) => {
    const [shown = "", value = "", half = "", unit = "", interval = ""] = row(lines[name][0], fit[name]);
    return [
      shown,
      `${value} ${half} ${unit}`,
      `95 % interval ${interval} px${intervalOver[fit.intervalSource]}`,
    ];
  });
  return table([...rows, ["R²", fit.rSquared.toFixed(4), ""]]);
}

/** The same in a few lines: sigma, R², other models where they were asked for, warnings. */
export const summaryText = ({ fit, comparison, warnings }: FitResult): string =>
  [
    fit === null ? "No Gaussian is reported." : summary(fit),
    comparison === undefined ? "" : modelTable(fit, comparison),
    warningsText(warnings),
  ]
    .filter((part) => part !== "")
    .join("\n");

/** A fit for people, with the models beside it and the warnings; a note where there is none. */
export const outcomeText = (
  { fit, comparison, warnings }: FitResult,
  { data }: RealMap,
  images?: Calibration["images"],
): string =>
  [
    fit === null ? "No Gaussian is reported." : fitText(fit, data.length, images),
    comparison === undefined ? "" : modelTable(fit, comparison),
    warningsText(warnings),
  ]
    .filter((part) => part !== "")
    .join("\n");
