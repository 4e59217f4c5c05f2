import { describe, expect, it } from "vitest";
import { fitMap } from "../../src/fit/fit.ts";
import { fitBlocks, jackknife } from "../../src/fit/jackknife.ts";
import { models } from "../../src/fit/model.ts";
import type { RealMap } from "../../src/core/tensor.ts";
import { gaussianAt, mapOf, mulberry32, normal } from "./maps.ts";

/** Blocks of photographs: each photograph's Gaussian is jittered, of random mass, and noisy with smooth noise. */
function blocksOf(count: number, seed: number): RealMap[] {
  const random = normal(mulberry32(seed));
  return Array.from({ length: count }, () => {
    const mass = Math.exp(0.3 * random());
    const [centerX, centerY] = [15 + 0.5 * random(), 13 + 0.5 * random()];
    const [sigmaX, sigmaY] = [5 * Math.exp(0.05 * random()), 4 * Math.exp(0.05 * random())];
    const [phase, wave] = [random(), 0.2 * random()];
    const surface = gaussianAt({ amplitude: mass, centerX, centerY, sigmaX, sigmaY });
    return mapOf(28, 32, (x, y) => surface(x, y) * (1 + wave * Math.sin(0.5 * x + 0.3 * y + phase)));
  });
}
const empty: RealMap = mapOf(28, 32, () => 0);
const sum = (blocks: readonly RealMap[]): RealMap =>
  mapOf(28, 32, (x, y) => blocks.reduce((total, { data }) => total + (data[y * 32 + x] ?? 0), 0));

/** Functions of the parameters that are not linear. */
const propagated: ReadonlySet<string> = new Set(["sigmaMajor", "sigmaMinor", "theta"]);

describe("the jackknife", () => {
  it("is refitting without each block, from scratch, by its textbook formula", () => {
    const blocks = blocksOf(20, 1);
    const { fit, warnings } = fitBlocks(blocks);
    const refits = blocks.map(
      (left) => fitMap(sum(blocks.filter((block) => block !== left))).fit?.sigmaX.value ?? Number.NaN,
    );
    const mean = refits.reduce((total, value) => total + value, 0) / 20;
    const error = Math.sqrt((19 / 20) * refits.reduce((total, value) => total + (value - mean) ** 2, 0));
    const [low, high] = fit?.sigmaX.interval95 ?? [0, 0];
    expect((high - low) / 2 / error).toBeCloseTo(2.093024054408263, 5); // t(0.975; 19)
    expect((high + low) / 2).toBeCloseTo(fit?.sigmaX.value ?? 0, 10);
    expect(fit?.intervalSource).toBe("photographs");
    expect(warnings).toEqual(fitMap(sum(blocks)).warnings);
  });

  it.each(["gaussian-background", "rotated", "rotated-background", "isotropic"] as const)(
    "refits the model %s: the formula, on what it reports",
    (model) => {
      const blocks = blocksOf(12, 9);
      const { fit } = fitBlocks(blocks, { model });
      const refits = blocks.map(
        (left) => fitMap(sum(blocks.filter((block) => block !== left)), { model }).fit,
      );
      expect(fit?.intervalSource).toBe("photographs");
      for (const estimate of models[model].estimates) {
        const values = refits.map((refit) => refit?.[estimate]?.value ?? Number.NaN);
        const mean = values.reduce((total, value) => total + value, 0) / 12;
        const error = Math.sqrt((11 / 12) * values.reduce((total, value) => total + (value - mean) ** 2, 0));
        const [low, high] = fit?.[estimate]?.interval95 ?? [0, 0];
        // Axes and angle are propagated to first order: they differ from the formula by the square of the spread.
        const digits = propagated.has(estimate) ? 1 : 5;
        expect((high - low) / 2 / error / 2.2009851600916384, estimate).toBeCloseTo(1, digits); // t(0.975; 11)
      }
    },
  );

  it("gives the models beside the fit their own intervals", () => {
    const blocks = blocksOf(12, 10);
    const { fit, comparison } = fitBlocks(blocks, { model: "auto" });
    expect(fit?.intervalSource).toBe("photographs");
    expect(comparison?.alternatives).toHaveLength(4);
    for (const other of comparison?.alternatives ?? [])
      expect(other).toEqual(fitBlocks(blocks, { model: other.model }).fit);
  });

  it("leaves everything but the intervals alone", () => {
    const blocks = blocksOf(8, 2);
    const alone = fitMap(sum(blocks));
    const { fit } = jackknife(blocks, alone);
    expect(fit?.sigmaX.value).toBe(alone.fit?.sigmaX.value);
    expect(fit?.sigmaX.standardError).toBe(alone.fit?.sigmaX.standardError);
    expect(fit?.sigmaX.interval95).not.toEqual(alone.fit?.sigmaX.interval95);
  });

  it("fits the same sum however the blocks are merged", () => {
    const blocks = blocksOf(12, 11);
    const merged = [0, 3, 6, 9].map((from) => sum(blocks.slice(from, from + 3)));
    const [fine, coarse] = [fitBlocks(blocks).fit, fitBlocks(merged).fit];
    expect((coarse?.sigmaX.value ?? 0) / (fine?.sigmaX.value ?? 1)).toBeCloseTo(1, 12);
    expect(coarse?.sigmaX.interval95).not.toEqual(fine?.sigmaX.interval95);
  });

  it("does not count empty blocks", () => {
    const blocks = blocksOf(6, 3);
    const [first, ...others] = blocks;
    const spread = [empty, ...(first ? [first] : []), empty, ...others, empty];
    expect(fitBlocks(spread)).toEqual(fitBlocks(blocks));
  });

  it("keeps the pixel interval of three blocks, with a warning", () => {
    const { fit, warnings } = fitBlocks([...blocksOf(3, 4), empty]);
    expect(fit?.intervalSource).toBe("pixels");
    expect(warnings.map(({ code }) => code)).toContain("FEW_BLOCKS");
    expect(warnings.at(-1)?.message).toContain("Only 3 blocks");
  });

  it("passes on a result without a fit", () => {
    expect(fitBlocks([empty, empty, empty, empty, empty]).warnings.map(({ code }) => code)).toEqual([
      "ZERO_MASS",
    ]);
  });

  it("covers the truth about 95 times in 100, where the pixel interval does not", () => {
    const truth = fitMap(sum(blocksOf(6000, 1000))).fit?.sigmaX.value ?? Number.NaN;
    const holds = ([low, high]: readonly [number, number] = [0, 0]): boolean => low <= truth && truth <= high;
    const results = Array.from({ length: 120 }, (_, trial) => {
      const blocks = blocksOf(10, 5000 + trial);
      const pixels = fitMap(sum(blocks));
      return [holds(jackknife(blocks, pixels).fit?.sigmaX.interval95), holds(pixels.fit?.sigmaX.interval95)];
    });
    const share = (which: number): number =>
      results.filter((result) => result[which]).length / results.length;
    expect(share(0)).toBeGreaterThan(0.88);
    expect(share(0)).toBeLessThanOrEqual(1);
    expect(share(1)).toBeLessThan(0.7);
  });
});
