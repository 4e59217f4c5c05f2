import { optionsOf } from "./call.ts";
import type { Calibrated } from "./calibrate.ts";
import { calibrationSchema } from "../calibration/schema.ts";
import { ErfitError } from "../core/error.ts";
import type { ScaleName } from "../report/value-scale.ts";
import { realMapOf } from "../tasks/arrays.ts";
import { compared, compareOptions, comparisonRecord, type HeldCalibration } from "../tasks/compare.ts";
import type { GivenOptions } from "../tasks/option.ts";

/** What calibrations are called, and what may be compared. */
export interface CompareOptions extends GivenOptions<typeof compareOptions> {}

/** What `calibrate` gave, and what it is called beside others. */
export interface LabeledCalibration extends Calibrated {
  readonly label?: string | undefined;
}

/** A comparison, as `compare.json` has it: calibrations, a test of each pair, growth with depth, remarks. */
export type ComparisonRecord = ReturnType<typeof comparisonRecord>;

/** Calibrations side by side. */
export interface Compared extends ComparisonRecord {
  /** The maps beside each other with their Gaussians, as one SVG. */
  figure(options?: { readonly scale?: ScaleName; readonly sharedColors?: boolean }): Promise<{
    readonly svg: string;
  }>;
  /** Sigma against depth as one SVG; null where they are not layers of one network. */
  growthFigure(): Promise<{ readonly svg: string } | null>;
}

/**
 * Calibrations side by side: sigmas with their intervals, a test of the difference of each pair (a paired jackknife where both
 * saw the same photographs, else Welch's; Holm's correction), and growth with depth where they are layers of one network.
 *
 * @param calibrations what `calibrate` gave, or folders that `erfit calibrate` wrote
 * @throws ErfitError for one that is missing, holds no fit, is given twice, or cannot be compared with the others
 * @example
 * ```ts
 * import { calibrate, compare, openModel, sample } from "erfit";
 *
 * const model = await openModel(sample.model);
 * const [early, late] = [
 *   await calibrate(model, sample.photographs, { layer: "block2_conv2" }),
 *   await calibrate(model, sample.photographs, { layer: "block3_conv3" }),
 * ];
 * const comparison = await compare([{ ...early, label: "early" }, { ...late, label: "late" }]);
 * console.log(comparison.tests.map(({ axis, difference, adjustedP }) => [axis, difference, adjustedP]));
 * console.log((await comparison.figure()).svg.startsWith("<svg"));
 * await model.close();
 * ```
 */
export async function compare(
  calibrations: readonly (string | LabeledCalibration)[],
  options: CompareOptions = {},
): Promise<Compared> {
  if (!Array.isArray(calibrations) || calibrations.length === 0)
    throw new ErfitError("compare: the calibrations must be an array of folders, or of what calibrate gave");
  const checked = optionsOf("compare", compareOptions, options).options;
  const { comparison, erfs } = await compared(checked, calibrations.map(held));
  const record = comparisonRecord(comparison);
  return {
    ...record,
    // The drawing libraries take half as long again to load: only who draws waits for them.
    async figure({ scale = "linear", sharedColors = false } = {}) {
      const { comparisonFigure } = await import("../report/comparison/figure.ts");
      return comparisonFigure({ erfs, scale, sharedColors });
    },
    async growthFigure() {
      const { growthFigure } = await import("../report/comparison/growth-figure.ts");
      return comparison.growth && growthFigure("Growth with depth", comparison.growth);
    },
  };
}

function held(given: string | LabeledCalibration, k: number): string | HeldCalibration {
  if (typeof given === "string") return given;
  const who = `compare: calibration ${k}`;
  const { data: calibration } = calibrationSchema.safeParse(
    (given as { calibration?: unknown } | null)?.calibration,
  );
  if (calibration === undefined)
    throw new ErfitError(`${who} must be a folder, or what calibrate gave: { map, calibration }`);
  return { calibration: given.calibration, map: realMapOf(given.map, `${who}: the map`), label: given.label };
}
