import { arrays, realMapOf } from "../../core/algebra.ts";
import { eigenSystem, inner, symmetric } from "../../core/linear-algebra.ts";
import { random } from "../../core/random.ts";
import { at } from "../../core/required.ts";
import type { RealMap } from "../../core/tensor.ts";
import { withGradient, type Explanation, type Queries } from "../explanation.ts";
import type { FeatureMap } from "../feature-map.ts";
import type { CamOptions } from "../options.ts";

/**
 * A singular vector has no sign of its own, and what a library returns is arbitrary: each convention decides whether the
 * projection is turned.
 */
const isUpsideDown: Readonly<
  Record<CamOptions["eigenSign"], (projection: Float64Array, A: FeatureMap) => boolean>
> = {
  activation: (projection, A) => {
    const total = arrays.reduceSum(A, [0]).data;
    return projection.reduce((sum, value, cell) => sum + value * (total[cell] ?? 0), 0) < 0;
  },
  extreme: (projection) =>
    projection.reduce((far, value) => (Math.abs(value) > Math.abs(far) ? value : far), 0) < 0,
};

/** The cells projected on the first principal component of their channels (cells are the sample, channels the variables). */
function projected(A: FeatureMap, sign: CamOptions["eigenSign"]): RealMap {
  const [channels, ...shape] = A.shape;
  const cells = A.data.length / channels;
  const matrix = arrays.reshape(A, [channels, cells]);
  const centered = realMapOf(arrays.add(matrix, arrays.neg(arrays.reduceMean(matrix, [1]))));
  const projection = leadingComponent(centered) ?? new Float64Array(cells);
  const turned = isUpsideDown[sign](projection, A);
  return realMapOf({ shape, data: turned ? projection.map((value) => -value) : projection });
}

/** Muhammad & Yeasin 2020: of the activations. It knows no class. */
export const eigenCam = ({ featureMap }: Explanation, _: Queries, { eigenSign }: CamOptions): RealMap =>
  projected(featureMap, eigenSign);

/** The same of activations times gradient, which do know the class. */
export function eigenGradCam(explanation: Explanation, _: Queries, { eigenSign }: CamOptions): RealMap {
  const { A, G } = withGradient(explanation);
  const products: FeatureMap = { ...A, data: A.data.map((a, element) => a * (G.data[element] ?? 0)) };
  return projected(products, eigenSign);
}

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

// Hot loop: indices are in range by construction.
function addTimes(to: Float64Array, factor: number, vector: Float64Array): void {
  for (let i = 0; i < to.length; i++) to[i] = (to[i] ?? 0) + factor * (vector[i] ?? 0);
}

const length = (vector: Float64Array): number => Math.sqrt(inner(vector, vector));

/** What is left of a vector beside the basis; twice, because once leaves rounding behind (Parlett, "twice is enough"). */
function orthogonalized(vector: Float64Array, basis: readonly Float64Array[]): Float64Array {
  for (const q of [...basis, ...basis]) addTimes(vector, -inner(q, vector), q);
  return vector;
}

/**
 * `σ₁ v₁` of a matrix: its first right singular vector times its singular value, of either sign;
 * null for a zero matrix. Lanczos' iteration on `Mᵀ M`, reorthogonalized in full (Golub & Van Loan, section 10.1): for one
 * vector of 196 it takes a tenth of the time of a full decomposition.
 */
function leadingComponent({ shape: [rowCount, columnCount], data }: RealMap): Float64Array | null {
  const rows = Array.from({ length: rowCount }, (_, row) =>
    data.subarray(row * columnCount, (row + 1) * columnCount),
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
    vector = orthogonalized(image, basis);
    left = length(vector);
    const exhausted = basis.length === columnCount || left <= tolerance * Math.max(...diagonal);
    if (exhausted || basis.length % stepsBetweenChecks === 0) {
      const { value, weights } = leadingPair(diagonal, beside);
      if (exhausted || left * Math.abs(at(weights, -1)) <= tolerance * value) {
        const component = new Float64Array(columnCount);
        basis.forEach((one, k) => {
          addTimes(component, Math.sqrt(value) * at(weights, k), one);
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
      row === column ? at(diagonal, row) : column === row + 1 ? at(beside, row) : 0,
    ),
  );
  const largest = Math.max(...values);
  return { value: Math.max(largest, 0), weights: at(vectors, values.indexOf(largest)) };
}
