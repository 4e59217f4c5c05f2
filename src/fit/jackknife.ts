import { dot, symmetric, type SquareMatrix, type Vector } from "../core/linear-algebra.ts";
import { at, required } from "../core/required.ts";
import { sizeOf, type RealMap } from "../core/tensor.ts";
import { atUnitScale } from "../core/unit-scale.ts";
import { estimatesOf, propagated, studentEstimates } from "./description.ts";
import { fitMap } from "./fit.ts";
import { inDomain } from "./geometry.ts";
import { gridOf, normalized } from "./grid.ts";
import { vectorOf, models, type Model } from "./model.ts";
import { finish, type Minimum } from "./newton.ts";
import { objective } from "./objective.ts";
import {
  defaultFitOptions,
  fittedSurface,
  type FitOptions,
  type BlockLeftOut,
  type FitResult,
  type GaussianFit,
  type Warning,
} from "./result.ts";

/** Fewer blocks than this do not determine the spread between photographs. */
const leastBlocks = 4;

const reasons = {
  FEW_BLOCKS: (filled: number) =>
    `Only ${filled} blocks hold photographs (${leastBlocks} are needed): the intervals cover the pixels of this one map, and are ` +
    "too narrow. Use more photographs.",
  UNSTABLE_BLOCKS: (failures: number) =>
    `Without one of the blocks the fit does not converge (${failures} of them): the intervals cover the pixels of this one map, ` +
    "and are too narrow. Use more photographs.",
} as const;

/**
 * Fit the sum of the blocks (un-normalized sums of photographs' maps, all of one shape), with 95 % intervals over the
 * photographs: see `jackknife`.
 */
export function fitBlocks(blocks: readonly RealMap[], options: Partial<FitOptions> = {}): FitResult {
  return jackknife(blocks, fitMap(totalOf(atUnitScale(blocks)), options), options);
}

/**
 * Replace the intervals of the fit of the blocks' sum by delete-one-block jackknife intervals, Student's t with K - 1 degrees
 * of freedom over the K blocks that hold photographs (Efron & Tibshirani 1993, chapter 11; Quenouille and Tukey's method).
 * Each refit starts at the full optimum, where Newton's steps need only a few passes. Where there are fewer than 4 blocks,
 * or a refit fails, the pixel intervals stay, with a warning; for a fit that OpenERF's bounds hold, which is no minimum, they
 * stay without one. The alternatives of a comparison get theirs too.
 */
export function jackknife(
  blocks: readonly RealMap[],
  result: FitResult,
  options: Partial<FitOptions> = {},
): FitResult {
  const { fit, warnings, comparison } = result;
  const compared = comparison && {
    comparison: {
      ...comparison,
      alternatives: comparison.alternatives.map((other) => overPhotographs(blocks, other, options).fit),
    },
  };
  if (fit === null) return { ...result, ...compared };
  const outcome = overPhotographs(blocks, fit, options);
  return { fit: outcome.fit, warnings: [...warnings, ...outcome.warnings], ...compared };
}

/** One fit with its intervals replaced, or unchanged, with the reason. */
function overPhotographs(
  blocks: readonly RealMap[],
  fit: GaussianFit,
  options: Partial<FitOptions>,
): { readonly fit: GaussianFit; readonly warnings: readonly Warning[] } {
  const keepPixels = (code: keyof typeof reasons, count: number) => ({
    fit,
    warnings: [{ code, message: reasons[code](count) }],
  });
  if (fit.openerf && fit.openerf.onBound.length > 0) return { fit, warnings: [] };
  const filled = atUnitScale(blocks.filter(({ data }) => data.some((value) => value !== 0)));
  if (filled.length < leastBlocks) return keepPixels("FEW_BLOCKS", filled.length);
  const model: Model = models[fit.model];
  const vector = vectorOf(model, fittedSurface(fit));
  const total = totalOf(filled);
  const center = objective(model, gridOf(normalized(total)))(vector);
  const refits = refitWithoutEach(filled, total, model, vector, { ...defaultFitOptions, ...options });
  const failures = refits.filter((refit) => refit === undefined).length;
  if (center === undefined || failures > 0) return keepPixels("UNSTABLE_BLOCKS", failures);
  const points = refits.flatMap((refit) => refit?.point ?? []);
  const spread = jackknifeCovariance(
    points.map(({ vector }) => vector),
    center.units,
  );
  const estimates = studentEstimates(propagated(model, center, spread, 1), filled.length - 1);
  const replaced = estimatesOf(model, (name, place) => ({
    ...required(fit[name], name),
    interval95: at(estimates, place).interval95,
  }));
  const withoutBlock = points.map(({ surface: { sigmaX, sigmaY } }): BlockLeftOut => ({ sigmaX, sigmaY }));
  return { fit: { ...fit, ...replaced, intervalSource: "photographs", withoutBlock }, warnings: [] };
}

/** Precision of a refit: far below the differences between refits. */
const refitOffset = 1e-9;

/** The fit without each of the blocks; undefined where there is none. */
function refitWithoutEach(
  blocks: readonly RealMap[],
  total: RealMap,
  model: Model,
  vector: Vector,
  options: FitOptions,
): (Minimum | undefined)[] {
  return blocks.map((block) => {
    const rest = { shape: total.shape, data: total.data.map((value, i) => value - at(block.data, i)) };
    const evaluate = objective(model, gridOf(normalized(rest)));
    const start = evaluate(vector);
    const end = start && finish(evaluate, start, { ...options, relativeOffset: refitOffset });
    return end?.converged === true && inDomain(end.point.surface, total) ? end : undefined;
  });
}

/** (K - 1)/K Σ (θ₍ₖ₎ - mean)(θ₍ₖ₎ - mean)ᵀ, in the parameters' units. */
function jackknifeCovariance(refits: readonly Vector[], units: Vector): SquareMatrix {
  const count = refits.length;
  const deviations = units.map((unit, parameter) => {
    const values = refits.map((refit) => at(refit, parameter) / unit);
    const mean = values.reduce((sum, value) => sum + value, 0) / count;
    return values.map((value) => value - mean);
  });
  return symmetric(units.length, (i, j) => ((count - 1) / count) * dot(at(deviations, i), at(deviations, j)));
}

/** The blocks' sum, added in their order. */
function totalOf(blocks: readonly RealMap[]): RealMap {
  const { shape } = at(blocks, 0, "block");
  const data = new Float64Array(sizeOf(shape));
  for (const block of blocks) for (const [i, value] of block.data.entries()) data[i] = at(data, i) + value;
  return { shape, data };
}
