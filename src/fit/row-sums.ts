import { at } from "../core/required.ts";
import type { Grid } from "./grid.ts";
import type { Surface } from "./model.ts";
import { draw, emptyCurves, type Curves } from "./surface.ts";

/** The curves of orders 0 to 2 make the first derivatives; their products, in this order, make JᵀJ. */
export const productsOf = [
  [0, 0],
  [0, 1],
  [0, 2],
  [1, 1],
  [1, 2],
  [2, 2],
] as const;

/** What a pass over a map leaves: sums along each row, which the curves of y then act on. */
export interface RowSums {
  /** Curves along the columns, one set for all rows. */
  readonly y: Curves;
  /** Σ r² and Σ r over the map, r = map - surface. */
  readonly sumOfSquares: number;
  readonly sum: number;
  /** Σ r · curve along each row, for every order. */
  readonly residual: Curves;
  /** Σ curve · curve along each row, in `productsOf`'s order. */
  readonly products: readonly Float64Array[];
  /** Σ curve along each row, orders 0 to 2. */
  readonly totals: readonly Float64Array[];
}

/**
 * One pass over a map: the explicit residual r, its square, and its sums along each row under the five curves of x. (An expanded
 * sum of squares, Σd² - 2Σdg + Σg², would lose 1e-5 of sigma on truncated maps.) Each pass overwrites the one before: a fit
 * makes hundreds, and their arrays would cost more than the sums. Hot loops: indices are in range by construction.
 *
 * A tilted Gaussian is the marginal one of y times the conditional one of x given y: along each row it is a curve of one
 * width, moved in proportion to the row's distance from the center. So an upright Gaussian needs W + H exponentials, a
 * tilted one has its curves drawn again for each row, and the rest is the same.
 */
export function rowSums(grid: Grid): (surface: Surface) => RowSums {
  const [height, width] = grid.shape;
  const x = emptyCurves(width);
  const sums: Sums = {
    y: emptyCurves(height),
    residual: emptyCurves(height),
    products: productsOf.map(() => new Float64Array(height)),
    totals: [0, 1, 2].map(() => new Float64Array(height)),
  };
  return (surface) => {
    const { centerX, centerY, sigmaX, sigmaY, rho } = surface;
    const conditional = sigmaX * Math.sqrt(1 - rho * rho);
    draw(sums.y, grid.rows, centerY, sigmaY);
    draw(x, grid.columns, centerX, conditional);
    if (rho === 0) inEveryRow(sums, x);
    let sumOfSquares = 0;
    let sum = 0;
    for (let row = 0; row < height; row++) {
      if (rho !== 0 && sums.y[0][row] !== 0) {
        const away = at(grid.rows, row) - centerY;
        draw(x, grid.columns, centerX + (away * rho * sigmaX) / sigmaY, conditional);
        curvesAlong(row, x, sums);
      }
      const [squares, rest] = residualAlong(grid, surface, row, x, sums);
      sumOfSquares += squares;
      sum += rest;
    }
    return { ...sums, sumOfSquares, sum };
  };
}

type Sums = Pick<RowSums, "y" | "residual" | "products" | "totals">;

/** The seven running sums are written out because independent chains of additions keep the processor busy. */
function residualAlong(
  { data, columns }: Grid,
  { amplitude, background }: Surface,
  row: number,
  [c0, c1, c2, c3, c4]: Curves,
  { y, residual }: Sums,
): [squares: number, sum: number] {
  const width = columns.length;
  const from = row * width;
  const peak = amplitude * (y[0][row] ?? 0);
  let squares = 0;
  let sum = 0;
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  let s4 = 0;
  for (let column = 0; column < width; column++) {
    const curve = c0[column] ?? 0;
    const r = (data[from + column] ?? 0) - background - peak * curve;
    squares += r * r;
    sum += r;
    s0 += r * curve;
    s1 += r * (c1[column] ?? 0);
    s2 += r * (c2[column] ?? 0);
    s3 += r * (c3[column] ?? 0);
    s4 += r * (c4[column] ?? 0);
  }
  residual[0][row] = s0;
  residual[1][row] = s1;
  residual[2][row] = s2;
  residual[3][row] = s3;
  residual[4][row] = s4;
  return [squares, sum];
}

/** Products and totals of the curves along one row; running sums again. */
function curvesAlong(row: number, [c0, c1, c2]: Curves, { products, totals }: Sums): void {
  let [p00, p01, p02, p11, p12, p22] = [0, 0, 0, 0, 0, 0];
  let [t0, t1, t2] = [0, 0, 0];
  for (let column = 0; column < c0.length; column++) {
    const a = c0[column] ?? 0;
    const b = c1[column] ?? 0;
    const c = c2[column] ?? 0;
    t0 += a;
    t1 += b;
    t2 += c;
    p00 += a * a;
    p01 += a * b;
    p02 += a * c;
    p11 += b * b;
    p12 += b * c;
    p22 += c * c;
  }
  write(products, row, [p00, p01, p02, p11, p12, p22]);
  write(totals, row, [t0, t1, t2]);
}

function write(sums: readonly Float64Array[], row: number, values: readonly number[]): void {
  for (let i = 0; i < sums.length; i++) at(sums, i)[row] = at(values, i);
}

/** An upright Gaussian's curves are the same in every row. */
function inEveryRow(sums: Sums, x: Curves): void {
  curvesAlong(0, x, sums);
  for (const along of [...sums.products, ...sums.totals]) along.fill(at(along, 0));
}
