import { at } from "../core/required.ts";
import type { RealMap } from "../core/tensor.ts";
import { gridOf } from "./grid.ts";
import { surfaceFrom, type Gaussian, type Surface } from "./model.ts";

/**
 * Hermite functions along one axis: `Heₙ(u) · exp(-u²/2) / (√(2π) sigma)` with u = (position - center) / sigma, for the orders
 * n = 0 to 4. The one of order n is the normal curve's nth derivative by its center, with lengths counted in sigmas.
 */
export type Curves = readonly [Float64Array, Float64Array, Float64Array, Float64Array, Float64Array];

export const emptyCurves = (length: number): Curves => [
  new Float64Array(length),
  new Float64Array(length),
  new Float64Array(length),
  new Float64Array(length),
  new Float64Array(length),
];

/** u² beyond which the curve is taken as 0: e⁻¹⁰⁰ is lost in every sum, and its products would be slow denormal numbers. */
const farthest = 200;

/** Draws the curves in place: one exponential a position. Hot loop: indices are in range by construction. */
export function draw(curves: Curves, positions: Float64Array, center: number, sigma: number): void {
  const [c0, c1, c2, c3, c4] = curves;
  const norm = 1 / (Math.sqrt(2 * Math.PI) * sigma);
  for (let i = 0; i < positions.length; i++) {
    const u = ((positions[i] ?? 0) - center) / sigma;
    const square = u * u;
    const curve = square > farthest ? 0 : norm * Math.exp(-0.5 * square);
    c0[i] = curve;
    c1[i] = curve * u;
    c2[i] = curve * (square - 1);
    c3[i] = curve * u * (square - 3);
    c4[i] = curve * (square * (square - 6) + 3);
  }
}

function curvesAt(positions: Float64Array, center: number, sigma: number): Curves {
  const curves = emptyCurves(positions.length);
  draw(curves, positions, center, sigma);
  return curves;
}

/** The Gaussian, tilted and on a background where it has them, at every pixel of a map `[height, width]`; shares of the sum. */
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
    const peak = amplitude * at(y, row);
    for (let column = 0; column < width; column++)
      data[row * width + column] = background + peak * (x[0][column] ?? 0);
  }
  return { shape, data };
}

/** What a surface leaves of a map that sums to 1. */
export function residualOf(map: RealMap, surface: Surface): RealMap {
  const fitted = gaussianMap(surface, map.shape).data;
  return { shape: map.shape, data: map.data.map((value, i) => value - at(fitted, i)) };
}
