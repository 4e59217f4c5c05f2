import type { CellPositionName } from "../cam/axis-weights.ts";
import type { GaussianSpread } from "../cam/upsamplers.ts";
import type { UsableFit } from "./read.ts";
import type { Calibration } from "./schema.ts";

/** What Gaussian upsampling takes from a calibration. */
export function spreadOf(
  fit: UsableFit,
  { cell: [row, column], stride: [strideY, strideX] }: Calibration["layer"],
  position: CellPositionName,
  normalize: boolean,
): GaussianSpread {
  return {
    sigmaX: fit.sigmaX.value,
    sigmaY: fit.sigmaY.value,
    position,
    normalize,
    anchor: {
      x: { cell: column, center: fit.centerX.value, stride: strideX },
      y: { cell: row, center: fit.centerY.value, stride: strideY },
    },
  };
}
