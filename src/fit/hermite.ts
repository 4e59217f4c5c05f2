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

/** u² beyond which the curve is taken as 0: at e⁻¹⁰⁰ no sum feels it, and its products would be slow denormal numbers. */
const farthest = 200;

/** Draws the curves in place: one exponential a position. */
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

export function curvesAt(positions: Float64Array, center: number, sigma: number): Curves {
  const curves = emptyCurves(positions.length);
  draw(curves, positions, center, sigma);
  return curves;
}
