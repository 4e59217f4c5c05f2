import { keysOf } from "../core/required.ts";
import type { RealMap } from "../core/tensor.ts";
import { mapAtUnitScale } from "../core/unit-scale.ts";
import { comparableTo, describe, aicOf, aicOfConstant } from "./description.ts";
import { diagnose, mapDiagnostics, mapEvidence } from "./diagnostics.ts";
import { fitDiagnostics, type FitEvidence } from "./fit-diagnostics.ts";
import { armAcross, pedestalUnder } from "./geometry.ts";
import { targetOf, type Target } from "./grid.ts";
import { bestNear, findMinima, type Minima } from "./minima.ts";
import { models, withBackground, type Surface, type ModelName } from "./model.ts";
import { fitLikeOpenErf } from "./openerf.ts";
import { defaultFitOptions, type FitOptions, type FitResult, type GaussianFit } from "./result.ts";

/**
 * Fit a Gaussian to a map `[height, width]` by unweighted least squares over all pixels, after division by the map's sum.
 * The result is the best minimum that lies in the domain (amplitude > 0, center within one image of the map, sigma at most
 * ten images), to rounding; it is never clipped at a bound. Lengths are in pixels, x the column and y the row from 0.
 * `fit` is null where a fit would mislead; a degenerate map throws nothing: its warning explains it.
 *
 * `model: "auto"` puts the other models beside the Gaussian, in `comparison`; `"openerf"` reports what OpenERF would.
 */
export function fitMap(map: RealMap, options: Partial<FitOptions> = {}): FitResult {
  const resolved: FitOptions = { ...defaultFitOptions, ...options };
  const before = diagnose(mapDiagnostics, mapEvidence(mapAtUnitScale(map)));
  if (before.blocked) return { fit: null, warnings: before.warnings };
  const target = targetOf(map);
  if (resolved.model === "auto") return compare(target, resolved);
  if (resolved.model === "openerf")
    return fitLikeOpenErf(target, resolved.theoreticalCenter, fitModel(target, "gaussian", resolved));
  return fitModel(target, resolved.model, resolved);
}

/** A surface on a background, and how well it describes the map. */
type OnBackground = NonNullable<FitEvidence["onBackground"]>;

/**
 * The best fit of one model, with its warnings. How much a background would change sigma is read from `onBackground`, or
 * found near the best fit where that is not given.
 */
function fitModel(
  target: Target,
  name: ModelName,
  options: FitOptions,
  onBackground?: OnBackground,
): FitResult {
  const found = findMinima(target, models[name], options);
  const [best, ...others] = found.minima;
  const comparable = best ? comparableTo(best, others, target) : [];
  const fit = best && describe(target, name, best, comparable);
  const after = diagnose(fitDiagnostics, {
    shape: target.full.shape,
    surface: best?.point.surface,
    fit,
    peaks: best ? [best, ...comparable].map(({ point }) => point.surface) : [],
    armAcross: best && armAcross(target.full, best.point.surface),
    gainOverConstant: gainOverConstant(target, found),
    outside: found.outside,
    onBackground: onBackground ?? (best && nearOnBackground(target, name, best.point.surface, options)),
    theoreticalCenter: options.theoreticalCenter,
    pedestal: best && pedestalUnder(target, best.point.surface),
  });
  return { fit: after.blocked ? null : (fit ?? null), warnings: after.warnings };
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

/** The paper's model: what a comparison reports first, whichever model describes the map best. */
const paper: ModelName = "gaussian";

/**
 * All models of one map: the paper's as the fit, the others beside it, and which of them AIC and BIC prefer.
 * Nothing is swapped: sigmas of different models are different quantities. Both criteria take the pixels for independent,
 * which they are not, so that they count small gains for too much.
 */
function compare(target: Target, options: FitOptions): FitResult {
  const results = new Map<ModelName, FitResult>();
  const fitted = (name: ModelName): FitResult => {
    const done = results.get(name);
    if (done) return done;
    const sibling = withBackground[name];
    const known = sibling && fitted(sibling).fit;
    const result = fitModel(
      target,
      name,
      options,
      known ? { sigmaX: known.sigmaX.value, sigmaY: known.sigmaY.value, aic: known.aic } : undefined,
    );
    results.set(name, result);
    return result;
  };
  const { fit, warnings } = fitted(paper);
  const alternatives = keysOf(models)
    .filter((name) => name !== paper)
    .flatMap((name) => fitted(name).fit ?? []);
  const all = fit === null ? alternatives : [fit, ...alternatives];
  const preferred = { aic: lowest(all, "aic"), bic: lowest(all, "bic") };
  return { fit, warnings, comparison: { alternatives, preferred } };
}

const lowest = (fits: readonly GaussianFit[], criterion: "aic" | "bic"): ModelName | null =>
  fits.reduce<GaussianFit | null>(
    (best, fit) => (best === null || fit[criterion] < best[criterion] ? fit : best),
    null,
  )?.model ?? null;
