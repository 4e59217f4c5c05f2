import { armAcross } from "./cross.ts";
import { comparableTo, describe } from "./description.ts";
import { fitGates, type FitEvidence } from "./fit-gates.ts";
import { judge } from "./gate.ts";
import { aicOf, aicOfConstant } from "./goodness.ts";
import { bestNear, findMinima, type Minima } from "./minima.ts";
import type { Surface } from "./model.ts";
import { models, withBackground, type ModelName } from "./models.ts";
import type { FitOptions } from "./options.ts";
import type { FitResult } from "./result.ts";
import type { Target } from "./target.ts";

/** A surface on a background, and how well it describes the map. */
type OnBackground = NonNullable<FitEvidence["onBackground"]>;

/**
 * The best fit of one model, and what is to be said of it. How much a background would change sigma
 * is asked of `onBackground`, or found out near the best fit where it is not given.
 */
export function fitModel(
  target: Target,
  name: ModelName,
  options: FitOptions,
  onBackground?: OnBackground,
): FitResult {
  const found = findMinima(target, models[name], options);
  const [best, ...others] = found.minima;
  const comparable = best ? comparableTo(best, others, target) : [];
  const fit = best && describe(target, name, best, comparable);
  const after = judge(fitGates, {
    shape: target.full.shape,
    surface: best?.point.surface,
    fit,
    peaks: best ? [best, ...comparable].map(({ point }) => point.surface) : [],
    armAcross: best && armAcross(target.full, best.point.surface),
    gainOverConstant: gainOverConstant(target, found),
    outside: found.outside,
    onBackground: onBackground ?? (best && nearOnBackground(target, name, best.point.surface, options)),
    theoreticalCenter: options.theoreticalCenter,
  });
  return { fit: after.refused ? null : (fit ?? null), warnings: after.warnings };
}

/** The same model with a background, near the fit without. */
function nearOnBackground(
  target: Target,
  name: ModelName,
  surface: Surface,
  options: FitOptions,
): OnBackground | undefined {
  const sibling = withBackground[name];
  const point = sibling && bestNear(surface, target, models[sibling], options)?.point;
  return point && { ...point.surface, aic: aicOf(point.sumOfSquares, target.pixels, point.vector.length) };
}

/**
 * How much better (AIC) the best point found, in the domain or outside, describes the map than its mean does. In white noise
 * the best of n places for a narrow peak gains about 2 ln n.
 */
function gainOverConstant(target: Target, { minima, outside }: Minima): FitEvidence["gainOverConstant"] {
  const points = [...minima.map(({ point }) => point), ...(outside ? [outside] : [])];
  const scores = points.map(({ sumOfSquares, vector }) => aicOf(sumOfSquares, target.pixels, vector.length));
  const found = aicOfConstant(target) - Math.min(Number.POSITIVE_INFINITY, ...scores);
  return { found, byNoise: 2 * Math.log(target.pixels) };
}
