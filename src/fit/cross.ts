import { inner, solvePositiveDefinite } from "../core/linear-algebra.ts";
import type { Grid } from "./grid.ts";
import { estimates } from "./estimates.ts";
import type { Surface } from "./model.ts";
import { gaussianMap } from "./surface.ts";

/** A Gaussian this much longer than wide may be one arm of a cross. */
const elongated = 2;

/** The other arm has at least this share of the first one's peak, and takes at least this share of what the first leaves. */
const least = { peak: 0.2, explained: 0.3 } as const;

/**
 * The same Gaussian turned by a right angle around its center, where the map has that too: a map that is a cross, of which
 * one Gaussian fits one arm. Undefined where it is none.
 */
export function armAcross({ shape, data }: Grid, fitted: Surface): Surface | undefined {
  if (estimates.sigmaMajor.value(fitted) < elongated * estimates.sigmaMinor.value(fitted)) return undefined;
  const upright = { ...fitted, amplitude: 1, background: 0 };
  const turned = { ...upright, sigmaX: fitted.sigmaY, sigmaY: fitted.sigmaX, rho: -fitted.rho };
  const [one, other] = [gaussianMap(upright, shape).data, gaussianMap(turned, shape).data];
  const above = data.map((value) => value - fitted.background);
  const explainedBy = (arms: readonly Float64Array[]) => {
    const projections = arms.map((arm) => inner(arm, above));
    const heights = solvePositiveDefinite(
      arms.map((arm) => arms.map((another) => inner(arm, another))),
      projections,
    );
    const explained = heights?.reduce((sum, height, i) => sum + height * (projections[i] ?? 0), 0);
    return { heights: heights ?? [], left: inner(above, above) - (explained ?? 0) };
  };
  const [alone, both] = [explainedBy([one]), explainedBy([one, other])];
  const [first = 0, second = 0] = both.heights;
  return second >= least.peak * first && both.left <= (1 - least.explained) * alone.left
    ? { ...turned, amplitude: second }
    : undefined;
}
