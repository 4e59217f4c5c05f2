import { describe } from "./description.ts";
import { fitGates } from "./fit-gates.ts";
import { judge } from "./gate.ts";
import { vectorOf } from "./model.ts";
import { models } from "./models.ts";
import { fitAsOpenErf } from "./openerf.ts";
import { openErfGates } from "./openerf-gates.ts";
import { fitModel } from "./optimum.ts";
import type { FitOptions } from "./options.ts";
import { objective } from "./point.ts";
import type { FitResult } from "./result.ts";
import type { Target } from "./target.ts";

/**
 * The fit that OpenERF would report, even where erfit would refuse one: every gate is a warning here.
 * One of them compares it with the optimum; where there is none, the reason is told.
 */
export function fitLikeOpenErf(target: Target, options: FitOptions): FitResult {
  const { surface, iterations, stop, onBound } = fitAsOpenErf(target.full);
  const point = objective(models.gaussian, target.full)(vectorOf(models.gaussian, surface));
  const minimum = point && { point, iterations, converged: stop !== "iterations" };
  const described = minimum && describe(target, "gaussian", minimum, []);
  const fit = described && { ...described, openerf: { stop, onBound } };
  const optimum = fitModel(target, "gaussian", options);
  const { warnings } = judge([...openErfGates, ...fitGates.map((gate) => ({ ...gate, refuses: false }))], {
    shape: target.full.shape,
    surface,
    fit,
    peaks: [],
    armAcross: undefined,
    gainOverConstant: { found: Number.POSITIVE_INFINITY, byNoise: 0 },
    outside: undefined,
    onBackground: undefined,
    theoreticalCenter: options.theoreticalCenter,
    optimum: optimum.fit,
  });
  const given = new Set(warnings.map(({ code }) => code));
  const refusals = optimum.fit === null ? optimum.warnings.filter(({ code }) => !given.has(code)) : [];
  return { fit: fit ?? null, warnings: [...warnings, ...refusals] };
}
