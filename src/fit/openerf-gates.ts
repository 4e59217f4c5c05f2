import type { FitEvidence } from "./fit-gates.ts";
import type { Gate } from "./gate.ts";
import { fittedSurface, type GaussianFit } from "./result.ts";

interface OpenErfEvidence extends FitEvidence {
  /** erfit's fit of the same map. */
  readonly optimum: GaussianFit | null;
}

/** Beyond what OpenERF's tolerances explain (3e-4 of sigma). */
const astray = 0.01;

export const openErfGates: readonly Gate<OpenErfEvidence>[] = [
  {
    code: "ON_BOUND",
    refuses: false,
    says: ({ fit }) =>
      fit?.openerf && fit.openerf.onBound.length > 0
        ? `OpenERF's fit ends on a bound (${fit.openerf.onBound.join(", ")}) and calls it a success: neither its values nor its ` +
          "errors mean anything. Use the default fit."
        : undefined,
  },
  {
    code: "OFF_OPTIMUM",
    refuses: false,
    says: ({ fit, optimum }) =>
      fit && optimum && distance(fit, optimum) > astray
        ? `The least-squares optimum is elsewhere: sigma ${optimum.sigmaX.value.toPrecision(4)}, ${optimum.sigmaY.value.toPrecision(4)} ` +
          `px at ${optimum.centerX.value.toPrecision(4)}, ${optimum.centerY.value.toPrecision(4)}. Use the default fit.`
        : undefined,
  },
];

/** Largest difference of center and sigma, in the optimum's sigmas. */
function distance(fit: GaussianFit, optimum: GaussianFit): number {
  const [a, b] = [fittedSurface(fit), fittedSurface(optimum)];
  return Math.max(
    Math.abs(a.centerX - b.centerX) / b.sigmaX,
    Math.abs(a.centerY - b.centerY) / b.sigmaY,
    Math.abs(a.sigmaX / b.sigmaX - 1),
    Math.abs(a.sigmaY / b.sigmaY - 1),
  );
}
