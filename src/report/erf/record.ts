import type { ReceptiveField } from "../../autodiff/receptive-field/receptive-field.ts";
import type { Calibration } from "../../calibration/schema.ts";
import type { Estimates, GaussianFit } from "../../fit/result.ts";
import type { RealMap } from "../../core/tensor.ts";
import type { ScaleName } from "../value-scale.ts";

/** A calibration as a picture. */
export interface ErfFigure {
  /** The layer, and what else the reader must know first; shortened in its middle where it is too long. */
  readonly title: string;
  /** null: nobody says of how many photographs the map is. */
  readonly photographs: number | null;
  /** Views that entered the map, where there were several of each photograph. */
  readonly views?: number;
  /** `[height, width]` of the network's input; shown in shares of its sum. */
  readonly map: RealMap;
  readonly fit: (Estimates & Pick<GaussianFit, "rSquared" | "intervalSource">) | null;
  /** Theoretical receptive field of the cell; null where it is not known. */
  readonly field: ReceptiveField | null;
  /** How values become colors; a map with negative values is linear and symmetric all the same. */
  readonly scale: ScaleName;
  /** Said in the figure: why there is no fit, or what to beware of. */
  readonly warning: string | null;
}

/** A calibration as its picture shows it. */
export const calibrationFigure = (
  map: RealMap,
  { model, layer, images, fit, warnings }: Calibration,
  scale: ScaleName,
): ErfFigure => ({
  title: `${model.file}, ${layer.name}`,
  photographs: images.photographs,
  views: images.count,
  map,
  fit,
  field: layer.receptiveField,
  scale,
  warning: warnings[0]?.message ?? null,
});
