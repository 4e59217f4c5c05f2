import type { RealMap } from "../../core/tensor.ts";

/** A place in a map in pixels; pixel centers are integers. */
export interface Center {
  readonly centerX: number;
  readonly centerY: number;
}

/** The pixel that OpenERF and RepLKNet take for the map's center: of an even number the one right of, and below, the middle. */
export const centralPixel = ([height, width]: RealMap["shape"]): Center => ({
  centerX: Math.floor(width / 2),
  centerY: Math.floor(height / 2),
});
