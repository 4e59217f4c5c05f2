import { ErfitError, optionText } from "../../core/error.ts";
import { at } from "../../core/required.ts";
import { recordedPreprocessing } from "../../input/preprocessing.ts";
import { preprocessingDifferences } from "../preprocessing-match.ts";
import type { UsableFit } from "../read.ts";
import type { Calibration } from "../schema.ts";

/** A calibration that is compared with others. */
export interface ComparedErf {
  /** Its name in tables and figures. */
  readonly label: string;
  /** Of its file, for messages. */
  readonly path: string;
  readonly calibration: Calibration;
  readonly fit: UsableFit;
}

export const axes = ["x", "y"] as const;
export type Axis = (typeof axes)[number];

export const sigmaNames = { x: "sigmaX", y: "sigmaY" } as const;

/** Extent of the network's input along an axis, pixels. */
export function inputSide({ model: { input } }: Calibration, axis: Axis): number {
  const places = input.layout === "NCHW" ? { y: 2, x: 3 } : { y: 1, x: 2 };
  return at(input.shape, places[axis], "axis");
}

const inputSize = (calibration: Calibration): string =>
  `${inputSide(calibration, "x")} x ${inputSide(calibration, "y")}`;

/** Whether all networks see images of one size, so that pixels can be compared. */
export const sameInput = (compared: readonly ComparedErf[]): boolean =>
  new Set(compared.map(({ calibration }) => inputSize(calibration))).size <= 1;

/** Whether all are of one network, so that they compare layers. */
export const sameNetwork = (compared: readonly ComparedErf[]): boolean =>
  new Set(compared.map(({ calibration: { model } }) => model.sha256)).size === 1;

/** Something in which calibrations may differ, besides what is compared. */
interface Mismatch {
  readonly what: string;
  readonly value: (calibration: Calibration) => string;
  readonly consequence: string;
}

/** These make sigmas different quantities: they are not compared by mistake. */
const blocking: readonly Mismatch[] = [
  {
    what: "protocols",
    value: ({ protocol }) => protocol,
    consequence:
      "THEIR SIGMAS ARE DIFFERENT QUANTITIES: a difference between them may be one of protocol alone",
  },
  {
    what: "fitted models",
    value: ({ fit }) => fit?.model ?? "none",
    consequence: "THEIR SIGMAS ARE DIFFERENT QUANTITIES: a background, or a tilt, changes sigma",
  },
];

/** These only need a remark. */
const remarkable: readonly Mismatch[] = [
  {
    what: "input sizes",
    value: inputSize,
    consequence: "differences are tested as shares of the input; pixels stand beside them",
  },
  {
    what: "numbers of crops",
    value: ({ images }) => String(images.cropsPerPhotograph),
    consequence: "the views are not the same",
  },
];

/** The values with the calibrations that have them; undefined where all have the same. */
function mismatchIn({ what, value }: Mismatch, compared: readonly ComparedErf[]): string | undefined {
  const values = new Map<string, string[]>();
  for (const { label, calibration } of compared)
    values.set(value(calibration), [...(values.get(value(calibration)) ?? []), label]);
  if (values.size < 2) return undefined;
  return `different ${what}: ${Array.from(values, ([one, labels]) => `${one} (${labels.join(", ")})`).join("; ")}`;
}

/**
 * What a reader must know of the comparison.
 * @param anyProtocol whether to compare different quantities, with a remark
 * @throws ErfitError for fewer than two, and for different protocols or fitted models
 */
export function comparable(compared: readonly ComparedErf[], anyProtocol: boolean): readonly string[] {
  if (compared.length < 2)
    throw new ErfitError(
      `there ${compared.length === 1 ? "is one calibration" : "are no calibrations"} to compare; expected two or more`,
    );
  const warnings = blocking.flatMap((mismatch) => {
    const found = mismatchIn(mismatch, compared);
    if (found === undefined) return [];
    if (!anyProtocol)
      throw new ErfitError(found, {
        remedy: `calibrate them with the same settings; ${optionText("anyProtocol")} compares them anyway, with a warning in every result`,
      });
    return [`${found}. ${mismatch.consequence}.`];
  });
  const remarks = remarkable.flatMap((mismatch) => {
    const found = mismatchIn(mismatch, compared);
    return found === undefined ? [] : [`${found}; ${mismatch.consequence}.`];
  });
  return [...warnings, ...remarks, ...preprocessingRemarks(compared)];
}

/** One network, calibrated with different preprocessing: of others each has its own, as it was trained. */
function preprocessingRemarks(compared: readonly ComparedErf[]): readonly string[] {
  const first = new Map<string, ComparedErf>();
  return compared.flatMap((one) => {
    const { sha256, file } = one.calibration.model;
    const other = first.get(sha256);
    if (other === undefined) {
      first.set(sha256, one);
      return [];
    }
    const there = recordedPreprocessing(other.calibration.preprocessing);
    const here = recordedPreprocessing(one.calibration.preprocessing);
    if (there === undefined || here === undefined) return [];
    const { blocking, minor } = preprocessingDifferences(there, here, [other.label, one.label]);
    const found = [...blocking, ...minor];
    return found.length === 0
      ? []
      : [`different preprocessing of ${file}: ${found.join("; ")}. It alone may make their sigmas differ.`];
  });
}
