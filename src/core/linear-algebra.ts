import { at } from "./required.ts";
import { CholeskyDecomposition, EigenvalueDecomposition, Matrix, inverse } from "ml-matrix";

export type Vector = readonly number[];
/** A square matrix as rows. */
export type SquareMatrix = readonly Vector[];

// Hot loop: indices are in range by construction.
export const dot = (a: Vector, b: Vector): number =>
  a.reduce((sum, value, i) => sum + value * (b[i] ?? 0), 0);

/** Inner product of two sampled curves. */
export function inner(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] ?? 0) * (b[i] ?? 0);
  return sum;
}

/** A symmetric matrix from its upper triangle, so that both halves carry the same bits (`ml-matrix` insists). */
export function symmetric(size: number, element: (row: number, column: number) => number): number[][] {
  const rows = Array.from({ length: size }, () => new Array<number>(size).fill(0));
  for (const [row, values] of rows.entries()) {
    for (let column = row; column < size; column++) values[column] = element(row, column);
  }
  return rows.map((values, row) =>
    values.map((value, column) => (column < row ? at(at(rows, column), row) : value)),
  );
}

/** Factors that give a matrix a unit diagonal when they multiply its rows and its columns. */
export const unitDiagonal = (matrix: SquareMatrix): number[] =>
  matrix.map((row, i) => 1 / Math.sqrt(Math.max(at(row, i), Number.MIN_VALUE)));

/** Rows and columns of a symmetric matrix times the factors. */
export const rescale = (matrix: SquareMatrix, factors: Vector): number[][] =>
  symmetric(matrix.length, (i, j) => at(at(matrix, i), j) * at(factors, i) * at(factors, j));

const rowsOf = (matrix: SquareMatrix): number[][] => matrix.map((row) => [...row]);

/** Cholesky factorization after scaling to a unit diagonal; undefined where the matrix is not positive definite. */
function factorize(matrix: SquareMatrix): { factors: Vector; cholesky: CholeskyDecomposition } | undefined {
  if (matrix.some((row, i) => !(at(row, i) > 0) || !row.every(Number.isFinite))) return undefined;
  const factors = unitDiagonal(matrix);
  const cholesky = new CholeskyDecomposition(rescale(matrix, factors));
  return cholesky.isPositiveDefinite() ? { factors, cholesky } : undefined;
}

/** x of `matrix · x = vector` for a symmetric positive definite matrix; undefined where it is not one. */
export function solvePositiveDefinite(matrix: SquareMatrix, vector: Vector): number[] | undefined {
  const factorized = factorize(matrix);
  if (factorized === undefined) return undefined;
  const { factors, cholesky } = factorized;
  const solution = cholesky.solve(Matrix.columnVector(vector.map((value, i) => value * at(factors, i))));
  return solution.to1DArray().map((value, i) => value * at(factors, i));
}

/** Inverse of a symmetric positive definite matrix; undefined where it is not one to working precision. */
export function invertPositiveDefinite(matrix: SquareMatrix): number[][] | undefined {
  const factorized = factorize(matrix);
  if (factorized === undefined) return undefined;
  const { factors } = factorized;
  const inverted = inverse(new Matrix(rescale(matrix, factors))).to2DArray();
  return inverted.every((row, i) => row.every(Number.isFinite) && at(row, i) > 0)
    ? rescale(inverted, factors)
    : undefined;
}

/** Eigenvalues and unit eigenvectors (one a row) of a symmetric matrix. */
export function eigenSystem(matrix: SquareMatrix): { values: Vector; vectors: SquareMatrix } {
  const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(rowsOf(matrix), {
    assumeSymmetric: true,
  });
  return { values: realEigenvalues, vectors: eigenvectorMatrix.transpose().to2DArray() };
}
