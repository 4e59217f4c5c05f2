import { camGrid, camMap } from "../cam/cam.ts";
import type { Explanation } from "../cam/explain.ts";
import { camMethods, type CamMethodName } from "../cam/methods.ts";
import type { CellPositionName } from "../cam/positions.ts";
import type { UpsamplerName, Upsampling } from "../cam/upsamplers.ts";
import { fitFor, presentFit, readCalibration } from "../calibration/read.ts";
import { spreadOf } from "../calibration/spread.ts";
import type { Subject } from "../calibration/subject.ts";
import type { Layer } from "../engine/layers.ts";
import { ErfitError } from "../math/error.ts";
import type { RealMap } from "../math/tensor.ts";

/** One method with the upsampling it is drawn by: a column of a sheet. */
export interface CamColumn {
  readonly method: CamMethodName;
  readonly upsampling: Upsampling;
}

/** A column's title: `Extended-CAM, Gaussian`. */
export const columnTitle = ({ method, upsampling }: CamColumn): string =>
  `${camMethods[method].title}, ${upsampling.by === "gaussian" ? "Gaussian" : upsampling.by}`;

export interface DrawnCam {
  readonly column: CamColumn;
  readonly grid: RealMap;
  readonly map: RealMap;
}

export const drawCam = (
  column: CamColumn,
  { featureMap, gradient }: Explanation,
  size: readonly [number, number],
): DrawnCam => {
  const grid = camGrid(column.method, featureMap, gradient);
  return { column, grid, map: camMap(column.method, grid, column.upsampling, size) };
};

interface SpreadArguments {
  readonly calibration?: string | undefined;
  readonly anyCalibration: boolean;
  readonly position: CellPositionName;
  readonly normaliseKernel: boolean;
}

/** The Gaussian of the calibration, if one is given and belongs to the model and layer. */
export async function gaussianFrom(
  given: SpreadArguments,
  subject: Subject,
  layer: Layer,
): Promise<Upsampling | undefined> {
  if (given.calibration === undefined) return undefined;
  const calibration = await readCalibration(given.calibration);
  const fit = given.anyCalibration
    ? presentFit(calibration.fit, given.calibration)
    : fitFor(calibration, given.calibration, subject, layer);
  return { by: "gaussian", ...spreadOf(fit, calibration.layer, given.position, given.normaliseKernel) };
}

/** The asked upsampling; by default the Gaussian for Extended-CAM where there is a calibration, else bilinear. */
export function upsamplingFor(
  method: CamMethodName,
  asked: UpsamplerName | undefined,
  gaussian: Upsampling | undefined,
): Upsampling {
  const name = asked ?? (method === "extended" && gaussian !== undefined ? "gaussian" : "bilinear");
  if (name !== "gaussian") return { by: name };
  if (gaussian === undefined) {
    throw new ErfitError("--upsampling gaussian needs a calibration", {
      remedy:
        "make one with `erfit calibrate` and pass it with --calibration, or choose --upsampling bilinear",
    });
  }
  return gaussian;
}
