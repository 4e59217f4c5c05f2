import { quantileSorted } from "simple-statistics";
import { random } from "../core/random.ts";

export interface Resampling {
  readonly resamples: number;
  readonly seed: number;
}

/** The ends of a 95 % interval then vary from seed to seed by a few percent of its width. */
export const defaultResampling: Resampling = { resamples: 4000, seed: 0 };

export type Interval = readonly [low: number, high: number];

/**
 * Means of several series over the same random samples of photographs, drawn with replacement (Efron 1979). Because the
 * samples are shared, the difference of two series' means is the resampled mean of their difference, photograph by
 * photograph: intervals of paired differences need no further draws.
 * @param series one value a photograph each, all of one length
 */
export function resampledMeans(
  series: readonly Float64Array[],
  { resamples, seed }: Resampling,
): readonly Float64Array[] {
  const photographs = series[0]?.length ?? 0;
  const next = random(seed);
  const means = series.map(() => new Float64Array(resamples));
  const times = new Float64Array(photographs);
  for (let sample = 0; sample < resamples; sample++) {
    times.fill(0);
    for (let draw = 0; draw < photographs; draw++) {
      const drawn = Math.floor(next() * photographs);
      times[drawn] = (times[drawn] ?? 0) + 1;
    }
    series.forEach((values, row) => {
      let sum = 0;
      for (let k = 0; k < photographs; k++) sum += (times[k] ?? 0) * (values[k] ?? 0);
      const mean = means[row];
      if (mean !== undefined) mean[sample] = sum / photographs;
    });
  }
  return means;
}

/** The percentile interval that holds 95 % of the resampled means. */
export function percentileInterval(means: Float64Array): Interval {
  const sorted = Array.from(means.toSorted());
  return [quantileSorted(sorted, 0.025), quantileSorted(sorted, 0.975)];
}
