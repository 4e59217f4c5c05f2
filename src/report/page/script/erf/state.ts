import type { Calibration } from "../../../../calibration/schema.ts";
import { surfaceFrom, type Surface } from "../../../../fit/model.ts";
import { fittedSurface } from "../../../../fit/result.ts";
import { gaussianMap } from "../../../../fit/surface.ts";
import type { RealMap } from "../../../../core/tensor.ts";
import type { Pixel } from "../parts/cursor.ts";
import type { ScaleName } from "../../../value-scale.ts";

/** What the map's frame shows. */
export const pictures = { measured: "measured", gaussian: "Gaussian", residual: "residual" } as const;
export type PictureName = keyof typeof pictures;

export interface ErfState {
  readonly picture: PictureName;
  readonly scale: ScaleName;
  readonly exponent: number;
  /** The Gaussian of the sliders, and its map. */
  readonly surface: Surface;
  readonly gaussian: RealMap;
  readonly cursor: Pixel | null;
}

/** The fitted Gaussian; where there is none, one to begin with: the map's moments, or a round one in the middle. */
export function firstSurface({ fit, shape }: Calibration, [height, width]: RealMap["shape"]): Surface {
  if (fit !== null) return fittedSurface(fit);
  const { moments } = shape;
  const sigma = Math.min(height, width) / 6;
  return surfaceFrom({
    amplitude: 1,
    centerX: moments?.centerX ?? (width - 1) / 2,
    centerY: moments?.centerY ?? (height - 1) / 2,
    sigmaX: moments?.sigmaX ?? sigma,
    sigmaY: moments?.sigmaY ?? sigma,
  });
}

export const withSurface = (
  surface: Surface,
  shape: RealMap["shape"],
): Pick<ErfState, "surface" | "gaussian"> => ({
  surface,
  gaussian: gaussianMap(surface, shape),
});

export const difference = (map: RealMap, gaussian: RealMap): RealMap => ({
  ...map,
  data: map.data.map((value, pixel) => value - (gaussian.data[pixel] ?? 0)),
});
