import { describe, expect, it } from "vitest";
import { fitMap } from "../../src/fit/fit.ts";
import type { ModelName } from "../../src/fit/model.ts";
import type { RealMap } from "../../src/core/tensor.ts";
import { gaussianAt, mapOf, mulberry32, normal } from "./maps.ts";

const upright = { amplitude: 1, centerX: 22, centerY: 18, sigmaX: 6, sigmaY: 4 };
const planted: readonly (readonly [ModelName, object])[] = [
  ["gaussian", {}],
  ["gaussian-background", { background: 5e-4 }],
  ["rotated", { rho: 0.5 }],
  ["rotated-background", { rho: 0.5, background: 5e-4 }],
  ["isotropic", { sigmaX: 5, sigmaY: 5 }],
];

function noisy(change: object): RealMap {
  const noise = normal(mulberry32(3));
  const surface = gaussianAt({ ...upright, ...change });
  return mapOf(40, 48, (x, y) => surface(x, y) + 2e-4 * noise());
}

describe("a comparison of all models", () => {
  it.each(planted)("prefers %s where it is the truth (BIC)", (model, change) => {
    expect(fitMap(noisy(change), { model: "auto" }).comparison?.preferred.bic).toBe(model);
  });

  it("reports the paper's model first, whatever it prefers, and every other one beside it", () => {
    const map = noisy({ rho: 0.5, background: 5e-4 });
    const { fit, warnings, comparison } = fitMap(map, { model: "auto" });
    const alone = fitMap(map);
    expect(fit).toEqual(alone.fit);
    expect(warnings.map(({ code }) => code)).toEqual(alone.warnings.map(({ code }) => code));
    expect(comparison?.alternatives.map(({ model }) => model)).toEqual([
      "gaussian-background",
      "rotated",
      "rotated-background",
      "isotropic",
    ]);
    for (const other of comparison?.alternatives ?? [])
      expect(other).toEqual(fitMap(map, { model: other.model }).fit);
  });

  it("chooses the lowest AIC", () => {
    const { fit, comparison } = fitMap(noisy({ rho: 0.2 }), { model: "auto" });
    const all = [...(fit ? [fit] : []), ...(comparison?.alternatives ?? [])];
    const lowest = Math.min(...all.map(({ aic }) => aic));
    expect(all.find(({ model }) => model === comparison?.preferred.aic)?.aic).toBe(lowest);
  });

  it("has nothing to prefer where every model is refused", () => {
    const noise = normal(mulberry32(8));
    const { fit, comparison } = fitMap(
      mapOf(40, 48, () => 1 + 0.01 * noise()),
      { model: "auto" },
    );
    expect(fit).toBeNull();
    expect(comparison).toEqual({ alternatives: [], preferred: { aic: null, bic: null } });
  });
});
