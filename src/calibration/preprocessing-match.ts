import { sizeText, type ResizeRule } from "../input/crops.ts";
import { recordedPreprocessing, type PerChannel, type Preprocessing } from "../input/preprocessing.ts";
import type { Calibration } from "./schema.ts";

/** How two records of a setting compare: `other` makes sigma a quantity of other pictures, `near` moves it a little. */
type Verdict = "same" | "near" | "other";

interface Rule {
  readonly compare: (there: Preprocessing, here: Preprocessing) => Verdict;
  readonly shown: (preprocessing: Preprocessing) => string;
}

const same = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other);

/** A setting whose values are the same or not. */
const near = (field: "channelOrder" | "interpolation" | "antialias" | "autoOrient"): Rule => ({
  compare: (there, here) => (same(there[field], here[field]) ? "same" : "near"),
  shown: (preprocessing) => String(preprocessing[field]),
});

/** By color, in gray levels of 0 to 255, whichever the scale and the order of the channels. */
const inLevels = (values: PerChannel, { scale, channelOrder }: Preprocessing): PerChannel => {
  const [first, second, third] = values;
  const unit = scale === "0-1" ? 255 : 1;
  return channelOrder === "RGB"
    ? [first * unit, second * unit, third * unit]
    : [third * unit, second * unit, first * unit];
};

/** Largest difference of a color's values, by a measure of it. */
function farthest(
  field: "mean" | "std",
  [there, here]: readonly [Preprocessing, Preprocessing],
  apart: (one: number, other: number) => number,
): number {
  const [r, g, b] = inLevels(there[field], there);
  const [red, green, blue] = inLevels(here[field], here);
  return Math.max(apart(r, red), apart(g, green), apart(b, blue));
}

const factor = (one: number, other: number): number => Math.max(one / other, other / one);

/** Records of one preprocessing may be rounded: 0.485 of 255 is 123.675, and is written 123.68. */
const rounding = { mean: 0.5, std: 1.01 } as const;

/** Inputs whose range differs by more than this are other inputs: pixels of 0 to 255 beside those of 0 to 1. */
const otherRange = 2;

/** The size that photographs get, without how a fraction of a pixel is rounded. */
function sizes(resize: ResizeRule): string {
  switch (resize.rule) {
    case "none":
      return "none";
    case "shorterSide":
      return `shorter side ${resize.to}`;
    case "exact":
      return sizeText(resize.size);
    case "cover":
    case "within":
      return `${resize.rule} ${sizeText(resize.size)}`;
  }
}

const numbers = (values: readonly number[]): string =>
  values.map((value) => Number(value.toPrecision(4))).join(",");

/**
 * What each setting's difference does to a calibration. How large things are in the input (resize, crop), and the range of its
 * numbers, are what sigma was measured in: without them it is refused. The others move it a little.
 */
const rules: Readonly<Record<Exclude<keyof Preprocessing, "source">, Rule>> = {
  resize: {
    compare: ({ resize: there }, { resize: here }) =>
      same(there, here) ? "same" : sizes(there) === sizes(here) ? "near" : "other",
    shown: ({ resize }) => `${sizes(resize)}${"rounding" in resize ? `, rounded ${resize.rounding}` : ""}`,
  },
  crop: {
    compare: ({ crop: there }, { crop: here }) =>
      same(there, here) ? "same" : same(there.size, here.size) ? "near" : "other",
    shown: ({ crop: { size, rounding: how, pad } }) =>
      `${sizeText(size)}, rounded ${how}${pad === undefined ? "" : ", padded"}`,
  },
  scale: {
    compare: (there, here) => (farthest("std", [there, here], factor) > otherRange ? "other" : "same"),
    shown: ({ scale, std }) => `${scale} over std ${numbers(std)}`,
  },
  mean: {
    compare: (there, here) =>
      farthest("mean", [there, here], (one, other) => Math.abs(one - other)) > rounding.mean
        ? "near"
        : "same",
    shown: ({ mean }) => numbers(mean),
  },
  std: {
    compare: (there, here) => (farthest("std", [there, here], factor) > rounding.std ? "near" : "same"),
    shown: ({ std }) => numbers(std),
  },
  channelOrder: near("channelOrder"),
  interpolation: near("interpolation"),
  antialias: near("antialias"),
  autoOrient: near("autoOrient"),
};

/** What a warning of them is called. */
export const otherPreprocessingCode = "OTHER_PREPROCESSING";

export interface PreprocessingDifferences {
  /** Settings without which the calibration is of other pictures: `resize: shorter side 256 (there), shorter side 224 (here)`. */
  readonly blocking: readonly string[];
  /** Settings that move sigma a little. */
  readonly minor: readonly string[];
}

/**
 * In which settings photographs are preprocessed differently.
 * @param names what the two are called
 */
export function preprocessingDifferences(
  there: Preprocessing,
  here: Preprocessing,
  [first, second]: readonly [string, string] = ["there", "here"],
): PreprocessingDifferences {
  const found = Object.entries(rules).map(([setting, { compare, shown }]) => ({
    verdict: compare(there, here),
    text: `${setting}: ${shown(there)} (${first}), ${shown(here)} (${second})`,
  }));
  const of = (wanted: Verdict) => found.flatMap(({ verdict, text }) => (verdict === wanted ? [text] : []));
  return { blocking: of("other"), minor: of("near") };
}

/** The same, against what a calibration records; undefined where it does not record all of it. */
export function differencesFrom(
  calibration: Pick<Calibration, "preprocessing">,
  here: Preprocessing,
): PreprocessingDifferences | undefined {
  const there = recordedPreprocessing(calibration.preprocessing);
  return there && preprocessingDifferences(there, here);
}
