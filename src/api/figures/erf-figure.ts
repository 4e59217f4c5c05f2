import { z } from "zod";
import type { Calibration } from "../../calibration/schema.ts";
import type { FitResult } from "../../fit/result.ts";
import { keysOf } from "../../core/records.ts";
import type { RealMap } from "../../core/tensor.ts";
import { erfFigure as drawn, calibrationFigure, type ErfFigure as Figure } from "../../report/erf/figure.ts";
import { scales, type ScaleName } from "../../report/value-scale.ts";
import { realMapOf, type MapLike } from "../arrays.ts";
import { checked, type OptionChecks } from "../check.ts";
import { calibrationCheck } from "../spread-options.ts";

/** A map, and what is known of it. */
export interface ErfFigure {
  /** The effective receptive field `[height, width]`, as `probe` and `calibrate` return it. */
  readonly map: MapLike;
  /** Its calibration: the fit, the theoretical field, how many photographs, the first warning. */
  readonly calibration?: Calibration | undefined;
  /** Without a calibration: what `fitGaussian` made of the map. */
  readonly fitted?: FitResult | undefined;
  /** By default the calibration's model and layer. */
  readonly title?: string | undefined;
  /** How values become colors: `linear`, the default, `power` (square root) or `log`. */
  readonly scale?: ScaleName | undefined;
}

const checks: OptionChecks<ErfFigure> = {
  map: z.custom<MapLike>(),
  calibration: calibrationCheck.optional(),
  fitted: z
    .custom<FitResult>(
      (given) => typeof given === "object" && given !== null && "fit" in given,
      "expected what fitGaussian returns",
    )
    .optional(),
  title: z.string().optional(),
  scale: z.enum(keysOf(scales)).optional(),
};

/**
 * The effective receptive field as a picture: the map with the fitted Gaussian's ellipses at 1 and 2 sigma and the frame of the
 * theoretical field, both marginals, and the residual. One SVG, the width of a column of print; `pngOf` makes pixels of it.
 *
 * @throws ErfitError for wrong arguments
 * @example
 * ```ts
 * import { readCalibration, readMap } from "erfit";
 * import { erfFigure, pngOf } from "erfit/figures";
 *
 * const map = await readMap("test/erf/shape/maps/noisy.npy");
 * const calibration = await readCalibration("test/fixtures/calibration/calibration.json");
 * const { svg } = await erfFigure({ map, calibration, title: "VGG-16, block5_conv3" });
 * console.log(svg.startsWith("<svg"), pngOf(svg, 2).length > 10_000); // true true
 * ```
 */
export async function erfFigure(options: ErfFigure): Promise<{ readonly svg: string }> {
  const { map: given, calibration, fitted, title, scale = "linear" } = checked("erfFigure", checks, options);
  const map = realMapOf(given, "erfFigure: the map");
  const figure =
    calibration === undefined ? plainFigure(map, fitted, scale) : calibrationFigure(map, calibration, scale);
  return drawn({ ...figure, ...(title !== undefined && { title }) });
}

/** A map of which nothing is known but what was fitted to it. */
const plainFigure = (map: RealMap, fitted: FitResult | undefined, scale: ScaleName): Figure => ({
  title: "Effective receptive field",
  photographs: null,
  map,
  fit: fitted?.fit ?? null,
  field: null,
  scale,
  warning: fitted === undefined ? "No Gaussian was fitted." : (fitted.warnings[0]?.message ?? null),
});
