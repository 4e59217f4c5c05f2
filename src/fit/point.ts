import {
  dot,
  inner,
  solvePositiveDefinite,
  symmetric,
  type SquareMatrix,
  type Vector,
} from "../core/linear-algebra.ts";
import { derivativesOf, type Derivatives, type Operator } from "./derivatives.ts";
import type { Grid } from "./grid.ts";
import { peakOf, surfaceOf, units, type Model, type Surface } from "./model.ts";
import { productsOf, rowSums, type RowSums } from "./row-sums.ts";

/** A point of the parameter space, with the least-squares problem around it, in the parameters' own units. */
export interface Point {
  readonly vector: Vector;
  readonly surface: Surface;
  readonly units: Vector;
  /** Σ r² and Σ r, r = map - surface. */
  readonly sumOfSquares: number;
  readonly sum: number;
  /** Jᵀr: downhill. */
  readonly gradient: Vector;
  /** JᵀJ, the Gauss-Newton Hessian. */
  readonly gaussNewton: SquareMatrix;
  /** JᵀJ - Σ r ∂²(surface), the exact Hessian of half the sum of squares; made when asked for. */
  readonly hessian: () => SquareMatrix;
  /** Length of r in the tangent plane over its length across, each per degree of freedom (Bates & Watts 1981). */
  readonly relativeOffset: number;
}

/** The sum of squares as a function of the parameters; undefined where there is no Gaussian (sigma <= 0, overflow). */
export type Objective = (vector: Vector) => Point | undefined;

/**
 * One pass over the map gives its residual's sums along the rows; the gradient and both Hessians are made of their moments,
 * because every derivative of a Gaussian is a sum of products of Hermite functions.
 */
export function objective(model: Model, grid: Grid): Objective {
  const upright = derivativesOf(model, 0);
  const sumsAt = rowSums(grid);
  const degreesOfFreedom = grid.data.length - model.free.length;
  return (vector) => {
    const surface = surfaceOf(model, vector);
    if (!isGaussian(surface) || !vector.every(Number.isFinite)) return undefined;
    const derivatives = surface.rho === 0 ? upright : derivativesOf(model, surface.rho);
    const local = localProblem(derivatives, surface, sumsAt(surface), grid.data.length);
    if (!Number.isFinite(local.sumOfSquares)) return undefined;
    return {
      vector,
      surface,
      units: model.free.map(([coordinate]) => (coordinate ? units[coordinate](surface) : 1)),
      ...local,
      relativeOffset: relativeOffset(local, degreesOfFreedom),
    };
  };
}

const isGaussian = ({ sigmaX, sigmaY, rho }: Surface): boolean =>
  sigmaX > 0 && sigmaY > 0 && Math.abs(rho) < 1;

type LocalProblem = Pick<Point, "sumOfSquares" | "sum" | "gradient" | "gaussNewton" | "hessian">;

function localProblem(
  { first, second, constant }: Derivatives,
  surface: Surface,
  sums: RowSums,
  pixels: number,
): LocalProblem {
  const { amplitude } = surface;
  const moments = momentsOf(sums);
  const overlaps = overlapsOf(sums, pixels);
  const lift = peakOf(surface);
  const weights = first.map((operator, i) => weightsOf(operator, amplitude, lift * (constant[i] ?? 0)));
  const leaning = weights.map((own) => overlaps.map((row) => dot(row, own)));
  const projected = (operator: Operator): number =>
    amplitude * operator.reduce((sum, [factor, i, j]) => sum + factor * (moments[i]?.[j] ?? 0), 0);
  const size = first.length;
  const gaussNewton = symmetric(size, (i, j) => dot(leaning[i] ?? [], weights[j] ?? []));
  return {
    sumOfSquares: sums.sumOfSquares,
    sum: sums.sum,
    gradient: first.map((operator, i) => projected(operator) + lift * (constant[i] ?? 0) * sums.sum),
    gaussNewton,
    hessian: () => symmetric(size, (i, j) => (gaussNewton[i]?.[j] ?? 0) - projected(second(i, j))),
  };
}

/** Moments of the residual under products of Hermite functions, by their orders along x and y. */
const momentsOf = ({ residual, y }: RowSums): number[][] =>
  residual.map((alongX, i) => y.slice(0, y.length - i).map((alongY) => inner(alongX, alongY)));

/** First derivatives are made of the products of Hermite functions up to a total order of 2, and of the constant. */
const basis = [
  [0, 0],
  [1, 0],
  [0, 1],
  [2, 0],
  [1, 1],
  [0, 2],
] as const;

/** An operator of order 2 at most, by its weights on the basis; the last is the constant's. */
function weightsOf(operator: Operator, amplitude: number, constant: number): number[] {
  const weights = [...basis.map(() => 0), constant];
  for (const [factor, i, j] of operator) {
    const order = i + j;
    const place = (order * (order + 1)) / 2 + j;
    weights[place] = (weights[place] ?? 0) + amplitude * factor;
  }
  return weights;
}

/** Inner products over the map of the basis' functions. */
function overlapsOf({ products, totals, y }: RowSums, pixels: number): number[][] {
  return symmetric(basis.length + 1, (a, b) => {
    const [one, other] = [basis[a], basis[b]];
    if (one === undefined) return pixels;
    if (other === undefined) return inner(totals[one[0]] ?? y[0], y[one[1]]);
    const along = productsOf.findIndex(
      ([i, j]) => i === Math.min(one[0], other[0]) && j === Math.max(one[0], other[0]),
    );
    return triple(products[along] ?? y[0], y[one[1]], y[other[1]]);
  });
}

function triple(a: Float64Array, b: Float64Array, c: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] ?? 0) * (b[i] ?? 0) * (c[i] ?? 0);
  return sum;
}

function relativeOffset(
  { sumOfSquares, gradient, gaussNewton }: LocalProblem,
  degreesOfFreedom: number,
): number {
  const step = solvePositiveDefinite(gaussNewton, gradient);
  if (step === undefined) return Number.POSITIVE_INFINITY;
  const tangent = dot(gradient, step);
  const across = Math.max(sumOfSquares - tangent, Number.MIN_VALUE);
  return Math.min(Math.sqrt(tangent / gradient.length / (across / degreesOfFreedom)), Number.MAX_VALUE);
}
