import { eigenSystem, inner, symmetric } from "../../core/linear-algebra.ts";
import { random } from "../../core/random.ts";

/** Residual of an eigenpair, as a share of its value, at which the iteration stops. */
const tolerance = 1e-9;
/** The small eigenproblem costs more than a step: it is solved after every so many. */
const stepsBetweenChecks = 6;

/** `Mᵀ M q` for the rows of M. */
function timesGram(rows: readonly Float64Array[], q: Float64Array): Float64Array {
  const product = new Float64Array(q.length);
  for (const row of rows) addTimes(product, inner(row, q), row);
  return product;
}

function addTimes(to: Float64Array, factor: number, vector: Float64Array): void {
  for (let i = 0; i < to.length; i++) to[i] = (to[i] ?? 0) + factor * (vector[i] ?? 0);
}

const length = (vector: Float64Array): number => Math.sqrt(inner(vector, vector));

/** What is left of a vector beside the basis; twice, because once leaves rounding behind (Parlett, "twice is enough"). */
function orthogonalised(vector: Float64Array, basis: readonly Float64Array[]): Float64Array {
  for (const q of [...basis, ...basis]) addTimes(vector, -inner(q, vector), q);
  return vector;
}

/**
 * `σ₁ v₁` of a matrix of so many rows and columns: its first right singular vector times its singular value, of either sign;
 * null for a zero matrix. Lanczos' iteration on `Mᵀ M`, reorthogonalised in full (Golub & Van Loan, section 10.1): for one
 * vector of 196 it takes a tenth of the time of a full decomposition.
 */
export function leadingComponent(
  matrix: Float64Array,
  rowCount: number,
  columnCount: number,
): Float64Array | null {
  const rows = Array.from({ length: rowCount }, (_, row) =>
    matrix.subarray(row * columnCount, (row + 1) * columnCount),
  );
  const next = random(0);
  const basis: Float64Array[] = [];
  const diagonal: number[] = [];
  const beside: number[] = [];
  let vector = timesGram(
    rows,
    Float64Array.from({ length: columnCount }, () => next() - 0.5),
  );
  let left = length(vector);
  if (left === 0) return null;
  for (;;) {
    const q = vector.map((value) => value / left);
    basis.push(q);
    const image = timesGram(rows, q);
    diagonal.push(inner(q, image));
    vector = orthogonalised(image, basis);
    left = length(vector);
    const exhausted = basis.length === columnCount || left <= tolerance * Math.max(...diagonal);
    if (exhausted || basis.length % stepsBetweenChecks === 0) {
      const { value, weights } = leadingPair(diagonal, beside);
      if (exhausted || left * Math.abs(weights.at(-1) ?? 0) <= tolerance * value) {
        const component = new Float64Array(columnCount);
        basis.forEach((one, k) => {
          addTimes(component, Math.sqrt(value) * (weights[k] ?? 0), one);
        });
        return component;
      }
    }
    beside.push(left);
  }
}

/** Largest eigenvalue of a tridiagonal matrix, and its eigenvector. */
function leadingPair(diagonal: readonly number[], beside: readonly number[]) {
  const { values, vectors } = eigenSystem(
    symmetric(diagonal.length, (row, column) =>
      row === column ? (diagonal[row] ?? 0) : column === row + 1 ? (beside[row] ?? 0) : 0,
    ),
  );
  const at = values.indexOf(Math.max(...values));
  return { value: Math.max(values[at] ?? 0, 0), weights: vectors[at] ?? [] };
}
