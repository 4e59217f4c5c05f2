import { dot, solvePositiveDefinite, type SquareMatrix, type Vector } from "../core/linear-algebra.ts";
import { at } from "../core/required.ts";

/** A least-squares problem at a point: |r|, and for the step s that lowers |r + Js| the matrices JᵀJ and -Jᵀr. */
export interface Linearized {
  readonly length: number;
  readonly normal: SquareMatrix;
  readonly downhill: Vector;
}

export interface TrustRegionProblem {
  readonly start: Vector;
  /** Length of the residual. */
  readonly lengthAt: (vector: Vector) => number;
  readonly linearized: (vector: Vector) => Linearized;
  /** Largest relative change of the sum of squares, and of the scaled parameters, that still counts as convergence. */
  readonly tolerance: number;
  readonly maxIterations: number;
}

/** Why it stopped: the sum of squares hardly changes, the parameters hardly change, nothing is downhill, or too long. */
export type Stop = "sum of squares" | "parameters" | "gradient" | "iterations";

export interface TrustRegionEnd {
  readonly vector: Vector;
  readonly iterations: number;
  readonly stop: Stop;
}

/** Radius of the first region, in lengths of the start; MINPACK's. */
const firstRadius = 100;
const machine = Number.EPSILON;

/**
 * Levenberg-Marquardt in a trust region (Moré 1978), with MINPACK's constants, so that it stops where `lmdif` and hence
 * lmfit and OpenERF do: short of the optimum, for its tests look at the sum of squares. It works on JᵀJ instead of MINPACK's
 * QR factors of J. For comparison alone: erfit's own fits are found by `descend` and `finish`.
 */
export function trustRegion(problem: TrustRegionProblem): TrustRegionEnd {
  const { tolerance, maxIterations, lengthAt, linearized } = problem;
  let vector = problem.start;
  let scales: Vector = [];
  let radius = 0;
  let damping = 0;
  for (let iterations = 1; iterations <= maxIterations; iterations++) {
    const local = linearized(vector);
    const norms = local.normal.map((row, i) => Math.sqrt(at(row, i)));
    const first = scales.length === 0;
    scales = norms.map((norm, i) => (first ? norm || 1 : Math.max(at(scales, i), norm)));
    let extent = scaledLength(vector, scales);
    if (first) radius = firstRadius * extent || firstRadius;
    const slope = Math.max(
      ...local.downhill.map(
        (value, i) => Math.abs(value) / Math.max(at(norms, i), Number.MIN_VALUE) / local.length,
      ),
    );
    if (slope <= machine) return { vector, iterations, stop: "gradient" };

    for (let ratio = 0; ratio < 1e-4;) {
      const { step, damping: chosen } = dampedWithin(local, scales, radius, damping);
      damping = chosen;
      const reach = scaledLength(step, scales);
      if (first) radius = Math.min(radius, reach);
      const trial = vector.map((value, i) => value + at(step, i));
      const length = lengthAt(trial);
      const actual = 0.1 * length < local.length ? 1 - (length / local.length) ** 2 : -1;
      const along = quadratic(local.normal, step) / local.length ** 2;
      const across = (damping * reach ** 2) / local.length ** 2;
      const predicted = along + 2 * across;
      ratio = predicted === 0 ? 0 : actual / predicted;
      if (ratio <= 0.25) {
        const slopeHere = -(along + across);
        const shrink = actual >= 0 ? 0.5 : (0.5 * slopeHere) / (slopeHere + 0.5 * actual);
        const factor = 0.1 * length >= local.length || !(shrink >= 0.1) ? 0.1 : shrink;
        radius = factor * Math.min(radius, reach / 0.1);
        damping /= factor;
      } else if (damping === 0 || ratio >= 0.75) {
        radius = reach / 0.5;
        damping *= 0.5;
      }
      if (ratio >= 1e-4) {
        vector = trial;
        extent = scaledLength(vector, scales);
      }
      const still = Math.max(Math.abs(actual), predicted);
      if (still <= tolerance && ratio <= 2) return { vector, iterations, stop: "sum of squares" };
      if (radius <= tolerance * extent) return { vector, iterations, stop: "parameters" };
      if (!Number.isFinite(length + reach)) return { vector, iterations, stop: "iterations" };
    }
  }
  return { vector, iterations: maxIterations, stop: "iterations" };
}

const scaledLength = (vector: Vector, scales: Vector): number =>
  Math.hypot(...vector.map((value, i) => value * at(scales, i)));

const quadratic = (matrix: SquareMatrix, vector: Vector): number =>
  dot(
    vector,
    matrix.map((row) => dot(row, vector)),
  );

interface DampedStep {
  readonly step: Vector;
  readonly damping: number;
}

/** The damping whose step ends within a tenth of the region's radius (Moré 1978, section 5), from the last one. */
function dampedWithin(
  { normal, downhill }: Linearized,
  scales: Vector,
  radius: number,
  last: number,
): DampedStep {
  const stepAt = (damping: number): Vector | undefined =>
    solvePositiveDefinite(damped(normal, scales, damping), downhill);
  /** Newton's correction of the damping, for a step that is `beyond` the radius. */
  const correction = (damping: number, step: Vector, beyond: number): number => {
    const length = scaledLength(step, scales);
    const direction = step.map((value, i) => (at(scales, i) ** 2 * value) / length);
    const solved = solvePositiveDefinite(damped(normal, scales, damping), direction) ?? direction;
    return beyond / radius / dot(direction, solved);
  };
  const free = stepAt(0);
  const beyondFree = free ? scaledLength(free, scales) - radius : Number.POSITIVE_INFINITY;
  if (free && beyondFree <= 0.1 * radius) return { step: free, damping: 0 };
  let low = free ? correction(0, free, beyondFree) : 0;
  const steepest = Math.hypot(...downhill.map((value, i) => value / at(scales, i)));
  let high = steepest / radius || Number.MIN_VALUE / Math.min(radius, 0.1);
  let damping = Math.min(Math.max(last, low), high);
  if (damping === 0) damping = steepest / (free ? scaledLength(free, scales) : radius);
  let beyond = beyondFree;
  for (let iteration = 1; ; iteration++) {
    if (damping === 0) damping = Math.max(Number.MIN_VALUE, 0.001 * high);
    const step = stepAt(damping) ?? downhill.map(() => 0);
    const before = beyond;
    beyond = scaledLength(step, scales) - radius;
    const settled = low === 0 && beyond <= before && before < 0;
    if (Math.abs(beyond) <= 0.1 * radius || settled || iteration === 10) return { step, damping };
    const change = correction(damping, step, beyond);
    if (beyond > 0) low = Math.max(low, damping);
    else high = Math.min(high, damping);
    damping = Math.max(low, damping + change);
  }
}

const damped = (normal: SquareMatrix, scales: Vector, damping: number): SquareMatrix =>
  normal.map((row, i) => row.map((value, j) => (i === j ? value + damping * at(scales, i) ** 2 : value)));
