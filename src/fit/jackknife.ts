import type { Vector } from "../math/linear-algebra.ts";
import type { RealMap } from "../math/tensor.ts";
import { inDomain } from "./domain.ts";
import { fitMap } from "./fit.ts";
import { gridOf, normalised } from "./grid.ts";
import { models } from "./models.ts";
import { finish } from "./newton.ts";
import { defaultFitOptions, type FitOptions } from "./options.ts";
import { objective } from "./point.ts";
import { gaussianOf, withIntervals, type FitResult, type GaussianFit } from "./result.ts";
import { studentIntervals } from "./uncertainty.ts";

/** Fewer blocks than this say too little of the spread between photographs. */
const leastBlocks = 4;

const troubles = {
  FEW_BLOCKS: (filled: number) =>
    `Only ${filled} blocks hold photographs (${leastBlocks} are needed): the intervals cover the pixels of this one map, and are ` +
    "too narrow. Use more photographs.",
  UNSTABLE_BLOCKS: (failures: number) =>
    `Without one of the blocks the fit does not converge (${failures} of them): the intervals cover the pixels of this one map, ` +
    "and are too narrow. Use more photographs.",
} as const;

/**
 * Fit the sum of the blocks (un-normalised sums of photographs' maps, all of one shape), with 95 % intervals over the
 * photographs: see `jackknife`.
 */
export function fitBlocks(blocks: readonly RealMap[], options: Partial<FitOptions> = {}): FitResult {
  return jackknife(blocks, fitMap(totalOf(blocks), options), options);
}

/**
 * Replace the intervals of the fit of the blocks' sum by delete-one-block jackknife intervals, Student's t with K - 1 degrees
 * of freedom over the K blocks that hold photographs (Efron & Tibshirani 1993, chapter 11; Quenouille and Tukey's method).
 * Each refit starts at the full optimum, where Newton's steps need only a few passes. Where there are fewer than 4 blocks,
 * or a refit fails, the pixel intervals stay and a warning says so.
 */
export function jackknife(
  blocks: readonly RealMap[],
  result: FitResult,
  options: Partial<FitOptions> = {},
): FitResult {
  const { fit, warnings } = result;
  if (fit === null) return result;
  const keepPixels = (code: keyof typeof troubles, count: number): FitResult => ({
    fit,
    warnings: [...warnings, { code, message: troubles[code](count) }],
  });
  const filled = blocks.filter(({ data }) => data.some((value) => value !== 0));
  if (filled.length < leastBlocks) return keepPixels("FEW_BLOCKS", filled.length);
  const refits = refitWithoutEach(filled, fit, { ...defaultFitOptions, ...options });
  const failures = refits.filter((refit) => refit === undefined).length;
  if (failures > 0) return keepPixels("UNSTABLE_BLOCKS", failures);
  const vector = models[fit.model].toVector(gaussianOf(fit));
  const standardErrors = jackknifeErrors(refits.filter((refit) => refit !== undefined));
  return {
    fit: withIntervals(fit, studentIntervals(vector, standardErrors, filled.length - 1), "photographs"),
    warnings,
  };
}

/** Precision of a refit: far below the differences between refits. */
const refitOffset = 1e-9;

function refitWithoutEach(
  blocks: readonly RealMap[],
  fit: GaussianFit,
  options: FitOptions,
): (Vector | undefined)[] {
  const total = totalOf(blocks);
  const model = models[fit.model];
  return blocks.map((block) => {
    const rest = { shape: total.shape, data: total.data.map((value, i) => value - (block.data[i] ?? 0)) };
    const evaluate = objective(model, gridOf(normalised(rest)));
    const start = evaluate(model.toVector(gaussianOf(fit)));
    const end = start && finish(evaluate, start, { ...options, relativeOffset: refitOffset });
    return end?.converged === true && inDomain(end.point.gaussian, total) ? end.point.vector : undefined;
  });
}

/** √((K - 1)/K Σ (θ₍ₖ₎ - mean)²) of each parameter. */
function jackknifeErrors(refits: readonly Vector[]): number[] {
  const count = refits.length;
  return (refits[0] ?? []).map((_, parameter) => {
    const values = refits.map((refit) => refit[parameter] ?? Number.NaN);
    const mean = values.reduce((sum, value) => sum + value, 0) / count;
    return Math.sqrt(((count - 1) / count) * values.reduce((sum, value) => sum + (value - mean) ** 2, 0));
  });
}

/** The blocks' sum, added in their order. */
function totalOf(blocks: readonly RealMap[]): RealMap {
  const [first] = blocks;
  const data = new Float64Array(first?.data.length ?? 0);
  for (const block of blocks)
    for (let i = 0; i < data.length; i++) data[i] = (data[i] ?? 0) + (block.data[i] ?? 0);
  return { shape: first?.shape ?? [0, 0], data };
}
