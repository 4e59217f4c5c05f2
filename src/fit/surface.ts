import type { RealMap } from "../math/tensor.ts";
import { normalised } from "./grid.ts";
import type { Gaussian } from "./model.ts";
import { profilesAt } from "./profile.ts";
import { gaussianOf, type GaussianFit } from "./result.ts";

/** The Gaussian at every pixel of a map of that shape (`[height, width]`), in shares of the map's sum. */
export function gaussianMap(gaussian: Gaussian, shape: RealMap["shape"]): RealMap {
  const [height, width] = shape;
  const x = profilesAt(positions(width), gaussian.centreX, gaussian.sigmaX).value;
  const y = profilesAt(positions(height), gaussian.centreY, gaussian.sigmaY).value;
  const data = new Float64Array(height * width);
  for (let row = 0; row < height; row++) {
    const peak = gaussian.amplitude * (y[row] ?? 0);
    for (let column = 0; column < width; column++) data[row * width + column] = peak * (x[column] ?? 0);
  }
  return { shape, data };
}

/** What the fit leaves of a map: the map divided by its sum, less the fitted surface. */
export const residual = (map: RealMap, fit: GaussianFit): RealMap =>
  residualOf(normalised(map), gaussianOf(fit));

/** The same for a map that already sums to 1. */
export function residualOf(map: RealMap, gaussian: Gaussian): RealMap {
  const surface = gaussianMap(gaussian, map.shape).data;
  return { shape: map.shape, data: map.data.map((value, i) => value - (surface[i] ?? 0)) };
}

const positions = (length: number): Float64Array => Float64Array.from({ length }, (_, i) => i);
