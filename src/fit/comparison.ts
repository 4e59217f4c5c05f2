import { keysOf } from "../core/required.ts";
import { models, withBackground, type ModelName } from "./models.ts";
import { fitModel } from "./optimum.ts";
import type { FitOptions } from "./options.ts";
import type { FitResult, GaussianFit } from "./result.ts";
import type { Target } from "./target.ts";

/** The paper's model: what a comparison reports first, whichever model describes the map best. */
const paper: ModelName = "gaussian";

/**
 * All models of one map: the paper's as the fit, the others beside it, and which of them AIC and BIC prefer.
 * Nothing is swapped: sigmas of different models are different quantities. Both criteria take the pixels for independent,
 * which they are not, so that they count small gains for too much.
 */
export function compare(target: Target, options: FitOptions): FitResult {
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
