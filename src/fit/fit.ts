import type { RealMap } from "../core/tensor.ts";
import { mapAtUnitScale } from "../core/unit-scale.ts";
import { compare } from "./comparison.ts";
import { judge } from "./gate.ts";
import { evidenceOf, mapGates } from "./map-gates.ts";
import { fitLikeOpenErf } from "./openerf-fit.ts";
import { fitModel } from "./optimum.ts";
import { defaultFitOptions, type FitOptions } from "./options.ts";
import type { FitResult } from "./result.ts";
import { targetOf } from "./target.ts";

/**
 * Fit a Gaussian to a map `[height, width]` by unweighted least squares over all pixels, after division by the map's sum.
 * The result is the best minimum that lies in the domain (amplitude > 0, center within one image of the map, sigma at most
 * ten images), to rounding; it is never clipped at a bound. Lengths are in pixels, x the column and y the row from 0.
 * `fit` is null where a fit would mislead; a degenerate map is no exception, its warning says what it means.
 *
 * `model: "auto"` puts the other models beside the Gaussian, in `comparison`; `"openerf"` gives what OpenERF would.
 */
export function fitMap(map: RealMap, options: Partial<FitOptions> = {}): FitResult {
  const resolved: FitOptions = { ...defaultFitOptions, ...options };
  const before = judge(mapGates, evidenceOf(mapAtUnitScale(map)));
  if (before.refused) return { fit: null, warnings: before.warnings };
  const target = targetOf(map);
  if (resolved.model === "auto") return compare(target, resolved);
  if (resolved.model === "openerf") return fitLikeOpenErf(target, resolved);
  return fitModel(target, resolved.model, resolved);
}
