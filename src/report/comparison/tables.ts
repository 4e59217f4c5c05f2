import {
  type ComparedErf,
  axes,
  inputSide,
  sameInput,
  sigmaNames,
} from "../../calibration/comparison/compared.ts";
import { codesOf, sharedWarnings, type SharedWarning } from "../../calibration/comparison/doubts.ts";
import type { Growth, PowerLaw } from "../../calibration/comparison/growth.ts";
import type { PairTest } from "../../calibration/comparison/difference.ts";
import { listed } from "../../core/error.ts";
import { overPhotographs, short, withUncertainty } from "../text.ts";

/** Calibrations beside each other, as every form of the result tells of them. */
export interface Comparison {
  readonly compared: readonly ComparedErf[];
  readonly tests: readonly PairTest[];
  /** Of layers of one network; null for others. */
  readonly growth: Growth | null;
  /** What a reader must know: different protocols, input sizes. */
  readonly remarks: readonly string[];
}

/** Rows of cells, the first of them the heading: for a terminal as for Markdown. */
export type Rows = readonly (readonly string[])[];

const half = ([low, high]: readonly [number, number]): number => (high - low) / 2;

function sigma({ fit, calibration }: ComparedErf, axis: (typeof axes)[number], unit: "px" | "%"): string {
  const estimate = fit[sigmaNames[axis]];
  const margin = overPhotographs(fit, estimate);
  const scale = unit === "px" ? 1 : 100 / inputSide(calibration, axis);
  return withUncertainty(scale * estimate.value, margin && scale * margin);
}

const theoretical = ({ calibration: { layer } }: ComparedErf): string =>
  layer.receptiveField === null
    ? "?"
    : `${short(layer.receptiveField.width)} x ${short(layer.receptiveField.height)}`;

/** A row for each calibration; shares of the input's side beside pixels where the inputs differ in size. */
export function sigmaRows(compared: readonly ComparedErf[]): Rows {
  const shares = !sameInput(compared);
  const warned = compared.some((one) => codesOf(one).length > 0);
  const head = ["", "photographs", "theoretical", "sigma_X px", "sigma_Y px", "R²"];
  const sharesHead = shares ? ["input", "sigma_X %", "sigma_Y %"] : [];
  return [
    [...head, ...sharesHead, ...(warned ? ["warnings"] : [])],
    ...compared.map((one) => {
      const { fit, calibration, label } = one;
      const row = [
        label,
        String(calibration.images.photographs),
        theoretical(one),
        ...axes.map((axis) => sigma(one, axis, "px")),
        fit.rSquared.toFixed(3),
      ];
      const input = `${inputSide(calibration, "x")} x ${inputSide(calibration, "y")}`;
      return [
        ...row,
        ...(shares ? [input, ...axes.map((axis) => sigma(one, axis, "%"))] : []),
        ...(warned ? [codesOf(one).join(" ")] : []),
      ];
    }),
  ];
}

const pText = (p: number): string => (Number.isNaN(p) ? "-" : p < 1e-4 ? "< 0.0001" : p.toFixed(4));

/** Which of the two has the warning: `LOW_R_SQUARED (a, b)`. */
const warningText = ({ code, of }: SharedWarning): string => `${code} (${of.join(", ")})`;

/** The warnings of the fits that a test is of, in a line. */
export const testWarnings = ({ warnings }: Pick<PairTest, "warnings">): string =>
  warnings.map(warningText).join(", ");

/** A row for each test of a difference; beside p what puts it in doubt, where there is such. */
export const testRows = (tests: readonly PairTest[], pShown: (p: number) => string = pText): Rows => [
  [
    ...["difference of sigma", "", "value", "95 % interval", "t", "df", "p", "p (Holm)", "test"],
    ...(tests.some(({ warnings }) => warnings.length > 0) ? ["warnings"] : []),
  ],
  ...tests.map((test) => {
    const { first, second, axis, measure, difference, interval95, t, degreesOfFreedom, p, adjustedP } = test;
    const [scale, unit] = measure === "pixels" ? [1, "px"] : [100, "%"];
    const digits = Number.isFinite(half(interval95))
      ? Math.min(Math.max(1 - Math.floor(Math.log10(scale * half(interval95))), 0), 6)
      : 2;
    const shown = (value: number) => (Number.isNaN(value) ? "-" : (scale * value).toFixed(digits));
    return [
      `${first.label} - ${second.label}`,
      `${sigmaTitles[axis]} ${unit}`,
      shown(difference),
      Number.isNaN(interval95[0]) ? "-" : `${shown(interval95[0])} … ${shown(interval95[1])}`,
      Number.isNaN(t) ? "-" : t.toFixed(2),
      Number.isNaN(degreesOfFreedom) ? "-" : String(degreesOfFreedom),
      pShown(p),
      pShown(adjustedP),
      test.method,
      ...(tests.some(({ warnings }) => warnings.length > 0) ? [testWarnings(test)] : []),
    ];
  }),
];

/**
 * Each warning of the calibrations with its sentence: who has it, and the first one's words, since those of the others
 * differ in numbers alone.
 */
export const warningLines = (compared: readonly ComparedErf[]): readonly string[] =>
  sharedWarnings(compared, codesOf).map(({ code, of }) => {
    const messages = compared.flatMap(({ label, calibration: { warnings } }) =>
      warnings.flatMap((one) => (one.code === code ? [{ label, message: one.message }] : [])),
    );
    const [first] = messages;
    const same = messages.every(({ message }) => message === first?.message);
    const whose = same || first === undefined ? "" : `of ${first.label}: `;
    return `${code} (${listed(of)}): ${whose}${first?.message ?? ""}`;
  });

const sigmaTitles = { x: "sigma_X", y: "sigma_Y" } as const;

/** How the tests are to be read. */
export function testWords({ tests, compared }: Comparison): readonly string[] {
  const methods = new Set(tests.map(({ method }) => method));
  const count = tests.filter(({ method }) => method !== "none").length;
  return [
    ...(methods.has("paired jackknife")
      ? [
          "paired jackknife: over the same photographs, of the difference itself, leaving out one block of them at a time; Student's t with blocks - 1 degrees of freedom.",
        ]
      : []),
    ...(methods.has("Welch")
      ? [
          "Welch: not in pairs, for the photographs differ (or the file keeps no blocks); Student's t of the jackknife's standard errors, degrees of freedom by Welch and Satterthwaite, rounded down.",
        ]
      : []),
    ...(methods.has("none")
      ? ["-: no test, for one of the two has no interval over photographs (4 photographs or more give one)."]
      : []),
    ...(tests.some(({ warnings }) => warnings.length > 0)
      ? [
          "warnings: of the two fits. They put in doubt that sigma is the width of the field, or that its interval is right; p takes both for granted.",
        ]
      : []),
    `p (Holm): adjusted for ${count} tests${compared.length > 5 ? ", of each against the first" : ""}. Photographs are what the intervals are over: another set of weights of the same network is not covered.`,
  ];
}

/** The law of growth as a sentence. */
export function growthWords({ growth }: Comparison): readonly string[] {
  if (growth === null) return [];
  const beyond = growth.points.filter(({ inside }) => !inside).length;
  const left =
    beyond === 0
      ? ""
      : ` ${beyond} with a theoretical field beyond the image ${beyond === 1 ? "is" : "are"} left out.`;
  const doubted = growth.points.filter(({ warnings }) => warnings.length > 0);
  const doubts =
    doubted.length === 0
      ? []
      : [
          `Of ${doubted.length} of ${growth.points.length} layers the fit has a warning that puts sigma in doubt: ${listed(doubted.map(({ label }) => label))}. They are in the growth all the same.`,
        ];
  if (growth.law === null)
    return [`Growth: fewer than three layers have different theoretical fields within the image.${left}`];
  const { exponent, layers, byLayers, byPhotographs } = growth.law;
  return [
    `Growth: sigma ~ theoretical field ^ ${withUncertainty(exponent, half(byLayers))} over ${layers} layers (95 % by their scatter` +
      `${byPhotographs === null ? "" : `; ± ${half(byPhotographs).toPrecision(2)} by the photographs`}).${left}`,
    `Luo et al. 2016 expect the square root, an exponent of 0.5: ${verdict(growth.law)}.`,
    ...doubts,
  ];
}

function verdict({ byLayers: [low, high] }: PowerLaw): string {
  if (0.5 < low) return "here sigma grows faster";
  if (0.5 > high) return "here sigma grows more slowly";
  return "the interval holds it";
}
