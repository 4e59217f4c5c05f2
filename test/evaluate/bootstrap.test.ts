import { mean, sampleStandardDeviation } from "simple-statistics";
import { describe, expect, it } from "vitest";
import { percentileInterval, resampledMeans } from "../../src/evaluate/bootstrap.ts";
import { random } from "../../src/core/random.ts";

/** Exponential numbers of mean 1: as lopsided as Drops are. */
const exponential = (count: number, next: () => number) =>
  Float64Array.from({ length: count }, () => -Math.log(1 - next()));

describe("resampled means", () => {
  it("scatter as the mean of so many does", () => {
    const values = exponential(80, random(1));
    const [means = new Float64Array()] = resampledMeans([values], { resamples: 4000, seed: 2 });
    const error = sampleStandardDeviation([...values]) / Math.sqrt(80);
    expect(mean([...means])).toBeCloseTo(mean([...values]), 1);
    expect(sampleStandardDeviation([...means]) / error).toBeGreaterThan(0.95);
    expect(sampleStandardDeviation([...means]) / error).toBeLessThan(1.03);
  });

  it("are over the same samples for all series: those of a sum are the sums", () => {
    const [a, b] = [exponential(30, random(3)), exponential(30, random(4))];
    const sum = a.map((value, k) => value + (b[k] ?? 0));
    const [ofA, ofB, ofSum] = resampledMeans([a, b, sum], { resamples: 50, seed: 0 });
    ofSum?.forEach((value, k) => {
      expect(value).toBeCloseTo((ofA?.[k] ?? NaN) + (ofB?.[k] ?? NaN), 12);
    });
  });

  it("are the same for the same seed, and others for another", () => {
    const values = [exponential(30, random(5))];
    const once = resampledMeans(values, { resamples: 50, seed: 6 });
    expect(resampledMeans(values, { resamples: 50, seed: 6 })).toEqual(once);
    expect(resampledMeans(values, { resamples: 50, seed: 7 })).not.toEqual(once);
  });
});

it("the percentile interval holds the true mean about 95 times in 100", () => {
  const next = random(11);
  const trials = 600;
  const covered = Array.from({ length: trials }, (_, trial) => {
    const [means = new Float64Array()] = resampledMeans([exponential(100, next)], {
      resamples: 300,
      seed: trial,
    });
    const [low, high] = percentileInterval(means);
    return low <= 1 && 1 <= high;
  }).filter(Boolean).length;
  // A percentile interval of 100 exponential numbers covers 93 %; the scatter of 600 trials is 1 %.
  expect(covered / trials).toBeGreaterThan(0.9);
  expect(covered / trials).toBeLessThan(0.97);
});

it("the interval is between the 2.5th and the 97.5th percentile, as numpy.quantile has them", () => {
  const [low, high] = percentileInterval(Float64Array.from({ length: 1000 }, (_, k) => 999 - k));
  expect(low).toBeCloseTo(24.975, 9);
  expect(high).toBeCloseTo(974.025, 9);
});
