import {
  dot,
  inner,
  solvePositiveDefinite,
  symmetric,
  type SquareMatrix,
  type Vector,
} from "../core/linear-algebra.ts";
import { at } from "../core/required.ts";
import type { Grid } from "./grid.ts";
import { peakOf, surfaceOf, units, type Coordinate, type Model, type Surface } from "./model.ts";
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
  /** JᵀJ - Σ r ∂²(surface), the exact Hessian of half the sum of squares; computed when it is called. */
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
      units: model.free.map(([coordinate]) => units[coordinate](surface)),
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
  const lifts = constant.map((lifted) => lift * lifted);
  const weights = first.map((operator, i) => weightsOf(operator, amplitude, at(lifts, i)));
  const projections = weights.map((own) => overlaps.map((row) => dot(row, own)));
  const projected = (operator: Operator): number =>
    amplitude * operator.reduce((sum, [factor, i, j]) => sum + factor * at(at(moments, i), j), 0);
  const size = first.length;
  const gaussNewton = symmetric(size, (i, j) => dot(at(projections, i), at(weights, j)));
  return {
    sumOfSquares: sums.sumOfSquares,
    sum: sums.sum,
    gradient: first.map((operator, i) => projected(operator) + at(lifts, i) * sums.sum),
    gaussNewton,
    hessian: () => symmetric(size, (i, j) => at(at(gaussNewton, i), j) - projected(second(i, j))),
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

/** The weights on the basis of an operator of order 2 at most; the last is the constant's. */
function weightsOf(operator: Operator, amplitude: number, constant: number): number[] {
  const weights = [...basis.map(() => 0), constant];
  for (const [factor, i, j] of operator) {
    const order = i + j;
    const place = (order * (order + 1)) / 2 + j;
    weights[place] = at(weights, place) + amplitude * factor;
  }
  return weights;
}

/** Inner products over the map of the basis' functions. */
function overlapsOf({ products, totals, y }: RowSums, pixels: number): number[][] {
  return symmetric(basis.length + 1, (a, b) => {
    const [one, other] = [basis[a], basis[b]];
    if (one === undefined) return pixels;
    if (other === undefined) return inner(at(totals, one[0]), y[one[1]]);
    const along = productsOf.findIndex(
      ([i, j]) => i === Math.min(one[0], other[0]) && j === Math.max(one[0], other[0]),
    );
    return triple(at(products, along), y[one[1]], y[other[1]]);
  });
}

/** Σ abc. Hot loop: indices are in range by construction. */
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

/**
 * A sum of terms `factor · Uⁱ Vʲ`, where U and V differentiate by the center along the rows (at fixed y) and along the columns,
 * with lengths counted in sigmas: applied to a Gaussian, a term is a product of two Hermite functions, of orders i and j.
 */
type Operator = readonly (readonly [factor: number, i: number, j: number])[];

/** First and second derivatives of the surface by a model's parameters, in their units and in the Gaussian's amplitude. */
interface Derivatives {
  readonly first: readonly Operator[];
  readonly second: (one: number, other: number) => Operator;
  /** 1 for the parameter that lifts every pixel alike: its only derivative. */
  readonly constant: readonly (0 | 1)[];
}

type Shape = Exclude<Coordinate, "background">;

/**
 * With lengths in sigmaX and sigmaY, let X and Y differentiate by the center. A Gaussian obeys the heat equation: its
 * derivative by a variance is half the second one by the center, and that by the covariance is the mixed one. So every
 * derivative is a polynomial in X and Y; a second one is the product of two first ones, and what the variances' own second
 * derivatives add.
 */
function derivativesOf({ free }: Model, rho: number): Derivatives {
  const whitening = 1 / Math.sqrt(1 - rho * rho);
  const x: Operator = [[whitening, 1, 0]];
  const y: Operator = [[1, 0, 1], ...scaled(-rho, x)];
  const [xx, xy, yy] = [product(x, x), product(x, y), product(y, y)];
  const tilt = scaled(rho, xy);
  const byRho = scaled(1 - rho * rho, xy);
  const first: Readonly<Record<Shape, Operator>> = {
    amplitude: [[1, 0, 0]],
    centerX: x,
    centerY: y,
    sigmaX: [...xx, ...tilt],
    sigmaY: [...yy, ...tilt],
    rho: byRho,
  };
  const beyond: Readonly<Partial<Record<Shape, Readonly<Partial<Record<Shape, Operator>>>>>> = {
    amplitude: { amplitude: [[-1, 0, 0]] },
    sigmaX: { sigmaX: xx, sigmaY: tilt, rho: byRho },
    sigmaY: { sigmaX: tilt, sigmaY: yy, rho: byRho },
    rho: { sigmaX: byRho, sigmaY: byRho },
  };
  const shapes = free.map((moved) => moved.filter((coordinate) => coordinate !== "background"));
  return {
    first: shapes.map((moved) => moved.flatMap((coordinate) => first[coordinate])),
    second: (one, other) =>
      at(shapes, one).flatMap((a) =>
        at(shapes, other).flatMap((b) => [...product(first[a], first[b]), ...(beyond[a]?.[b] ?? [])]),
      ),
    constant: free.map((moved) => (moved.includes("background") ? 1 : 0)),
  };
}

const scaled = (by: number, operator: Operator): Operator =>
  by === 0 ? [] : operator.map(([factor, i, j]) => [by * factor, i, j]);

const product = (a: Operator, b: Operator): Operator =>
  a.flatMap(([factor, i, j]) => b.map(([other, k, l]) => [factor * other, i + k, j + l] as const));
