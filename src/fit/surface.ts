import type { RealMap } from "../core/tensor.ts";
import { gridOf, normalized } from "./grid.ts";
import { curvesAt, draw } from "./hermite.ts";
import { surfaceFrom, type Gaussian, type Surface } from "./model.ts";
import { fittedSurface, type GaussianFit } from "./result.ts";

/** The Gaussian, tilted and on its background where it is, at every pixel of a map `[height, width]`; shares of the sum. */
export function gaussianMap(gaussian: Gaussian & Partial<Surface>, shape: RealMap["shape"]): RealMap {
  const { amplitude, centerX, centerY, sigmaX, sigmaY, rho, background } = surfaceFrom(gaussian);
  const [height, width] = shape;
  const data = new Float64Array(height * width);
  const { columns, rows } = gridOf({ shape, data });
  const conditional = sigmaX * Math.sqrt(1 - rho * rho);
  const x = curvesAt(columns, centerX, conditional);
  const [y] = curvesAt(rows, centerY, sigmaY);
  for (let row = 0; row < height; row++) {
    if (rho !== 0) draw(x, columns, centerX + ((row - centerY) * rho * sigmaX) / sigmaY, conditional);
    const peak = amplitude * (y[row] ?? 0);
    for (let column = 0; column < width; column++)
      data[row * width + column] = background + peak * (x[0][column] ?? 0);
  }
  return { shape, data };
}

/** What the fit leaves of a map: the map divided by its sum, less the fitted surface. */
export const residual = (map: RealMap, fit: GaussianFit): RealMap =>
  residualOf(normalized(map), fittedSurface(fit));

/** The same for a map that already sums to 1. */
export function residualOf(map: RealMap, surface: Surface): RealMap {
  const fitted = gaussianMap(surface, map.shape).data;
  return { shape: map.shape, data: map.data.map((value, i) => value - (fitted[i] ?? 0)) };
}
