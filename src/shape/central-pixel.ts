import type { RealMap } from "../math/tensor.ts";

/** A place in a map in pixels; pixel centres are integers. */
export interface Centre {
  readonly centreX: number;
  readonly centreY: number;
}

/** The pixel that OpenERF and RepLKNet take for the map's centre: of an even number the one right of, and below, the middle. */
export const centralPixel = ([height, width]: RealMap["shape"]): Centre => ({
  centreX: Math.floor(width / 2),
  centreY: Math.floor(height / 2),
});
