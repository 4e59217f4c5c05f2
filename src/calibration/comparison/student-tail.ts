import { createRequire } from "node:module";
import type * as cephes from "cephes" with { "resolution-mode": "require" };

/** The package's CommonJS build compiles its WebAssembly at once; its ES build does so only after a promise. */
const { incbet } = createRequire(import.meta.url)("cephes") as typeof cephes; // what the package's types declare

/**
 * Two-sided p-value of Student's t: P(|T| >= |t|) = I_x(ν/2, 1/2) with x = ν / (ν + t²), the regularized incomplete beta
 * function (Abramowitz & Stegun 26.5.27). It is computed as itself, not as 1 - P(|T| < |t|): of a small tail that would
 * leave rounding errors alone, and 0 below 1e-16. Where t is so small that x is close to 1, the other side is the small one.
 */
export function studentTail(t: number, degreesOfFreedom: number): number {
  if (!(degreesOfFreedom > 0) || Number.isNaN(t)) return Number.NaN;
  if (Math.abs(t) === Infinity) return 0;
  const squares = degreesOfFreedom + t * t;
  return Math.abs(t) < 1
    ? 1 - incbet(0.5, degreesOfFreedom / 2, (t * t) / squares)
    : incbet(degreesOfFreedom / 2, 0.5, degreesOfFreedom / squares);
}
