import type { RealMap } from "../math/tensor.ts";
import { inner } from "../math/linear-algebra.ts";
import { profileArrays, type ProfileName, type Profiles } from "./profile.ts";

export interface ResidualMoments {
  readonly sumOfSquares: number;
  /** Σ r(x, y) · (x-profile) · (y-profile). */
  readonly moment: (x: ProfileName, y: ProfileName) => number;
}

/**
 * The only loop over pixels: the explicit residual r = map - amplitude · X · Y, its square, and its moments along each row
 * under the five profiles of x; those of y then act on the column of row moments. (An expanded sum of squares,
 * Σd² - 2Σdg + Σg², would lose 1e-5 of sigma on truncated maps.) The six running sums are written out because independent
 * chains of additions keep the processor busy.
 */
export function residualMoments(map: RealMap, amplitude: number, x: Profiles, y: Profiles): ResidualMoments {
  const [height, width] = map.shape;
  const { data } = map;
  const { value, centre, sigma, centreSigma, sigmaSigma } = x;
  const rows = profileArrays(height);
  let sumOfSquares = 0;
  for (let row = 0; row < height; row++) {
    const from = row * width;
    const peak = amplitude * (y.value[row] ?? 0);
    let squares = 0;
    let byValue = 0;
    let byCentre = 0;
    let bySigma = 0;
    let byCentreSigma = 0;
    let bySigmaSigma = 0;
    for (let column = 0; column < width; column++) {
      const curve = value[column] ?? 0;
      const r = (data[from + column] ?? 0) - peak * curve;
      squares += r * r;
      byValue += r * curve;
      byCentre += r * (centre[column] ?? 0);
      bySigma += r * (sigma[column] ?? 0);
      byCentreSigma += r * (centreSigma[column] ?? 0);
      bySigmaSigma += r * (sigmaSigma[column] ?? 0);
    }
    sumOfSquares += squares;
    rows.value[row] = byValue;
    rows.centre[row] = byCentre;
    rows.sigma[row] = bySigma;
    rows.centreSigma[row] = byCentreSigma;
    rows.sigmaSigma[row] = bySigmaSigma;
  }
  return { sumOfSquares, moment: (alongX, alongY) => inner(rows[alongX], y[alongY]) };
}
