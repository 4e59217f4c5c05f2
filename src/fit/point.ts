import {
  dot,
  inner,
  symmetric,
  solvePositiveDefinite,
  type SquareMatrix,
  type Vector,
} from "../math/linear-algebra.ts";
import type { Grid } from "./grid.ts";
import { derivativesOf, type Derivatives, type Gaussian, type Model, type Term } from "./model.ts";
import { profilesAt } from "./profile.ts";
import { residualMoments } from "./residual-moments.ts";

/** A point of the parameter space, with the least-squares problem around it, in the parameters' own units. */
export interface Point {
  readonly vector: Vector;
  readonly gaussian: Gaussian;
  readonly units: Vector;
  /** Σ r², r = map - surface. */
  readonly sumOfSquares: number;
  /** Jᵀr: downhill. */
  readonly gradient: Vector;
  /** JᵀJ, the Gauss-Newton Hessian. */
  readonly gaussNewton: SquareMatrix;
  /** JᵀJ - Σ r ∂²(surface), the exact Hessian of half the sum of squares. */
  readonly hessian: SquareMatrix;
  /** Length of r in the tangent plane over its length across, each per degree of freedom (Bates & Watts 1981). */
  readonly relativeOffset: number;
}

/** The sum of squares as a function of the parameters; undefined where there is no Gaussian (sigma <= 0, overflow). */
export type Objective = (vector: Vector) => Point | undefined;

/**
 * One pass over the map gives the moments of its residual under the profiles of both axes; the gradient and both Hessians
 * are sums over those moments and over products of one-dimensional sums, because every derivative is separable.
 */
export function objective(model: Model, grid: Grid): Objective {
  const table = derivativesOf(model);
  const degreesOfFreedom = grid.data.length - model.parameters.length;
  return (vector) => {
    const gaussian = model.toGaussian(vector);
    if (!(gaussian.sigmaX > 0 && gaussian.sigmaY > 0) || !vector.every(Number.isFinite)) return undefined;
    const local = localProblem(table, gaussian, grid);
    if (!Number.isFinite(local.sumOfSquares)) return undefined;
    const units = model.parameters.map((parameter) => parameter.unit(gaussian));
    return { vector, gaussian, units, ...local, relativeOffset: relativeOffset(local, degreesOfFreedom) };
  };
}

type LocalProblem = Pick<Point, "sumOfSquares" | "gradient" | "gaussNewton" | "hessian">;

function localProblem({ first, second }: Derivatives, gaussian: Gaussian, grid: Grid): LocalProblem {
  const { amplitude } = gaussian;
  const x = profilesAt(grid.columns, gaussian.centreX, gaussian.sigmaX);
  const y = profilesAt(grid.rows, gaussian.centreY, gaussian.sigmaY);
  const { sumOfSquares, moment } = residualMoments(grid, amplitude, x, y);
  const projection = (terms: readonly Term[]): number =>
    amplitude * terms.reduce((sum, [alongX, alongY]) => sum + moment(alongX, alongY), 0);
  const overlap = (a: readonly Term[], b: readonly Term[]): number =>
    amplitude ** 2 *
    a.reduce(
      (sum, [ax, ay]) =>
        b.reduce((partial, [bx, by]) => partial + inner(x[ax], x[bx]) * inner(y[ay], y[by]), sum),
      0,
    );
  const size = first.length;
  const gaussNewton = symmetric(size, (i, j) => overlap(first[i] ?? [], first[j] ?? []));
  const hessian = symmetric(size, (i, j) => (gaussNewton[i]?.[j] ?? 0) - projection(second[i]?.[j] ?? []));
  return { sumOfSquares, gradient: first.map(projection), gaussNewton, hessian };
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
