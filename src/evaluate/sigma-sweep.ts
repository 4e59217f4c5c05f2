import { percentileInterval, type Resampling } from "./bootstrap.ts";
import {
  confident,
  difference,
  sampledSeries,
  seriesOf,
  type Difference,
  type Estimate,
  type SampledSeries,
} from "./evaluation.ts";
import type { ConfidenceName } from "./metrics.ts";
import type { Photograph } from "./photograph.ts";

/** One width of the Gaussian, in pixels, and the column that is drawn with it. */
export interface SweepPoint {
  readonly column: string;
  readonly sigmaX: number;
  readonly sigmaY: number;
  readonly calibrated: boolean;
}

/** The width of a Gaussian as one number: its area's. */
export const widthOf = ({ sigmaX, sigmaY }: Pick<SweepPoint, "sigmaX" | "sigmaY">): number =>
  Math.sqrt(sigmaX * sigmaY);

/** What the paper says looks like Grad-CAM, in pixels. */
export const likeGradCam = 20;

/** Which width is best by one number, and how sure that is. */
interface Best {
  readonly point: SweepPoint;
  /** 95 % of the resamples have their best width in here, pixels. */
  readonly widths: readonly [number, number];
}

/** Average Drop over the widths, by one test. */
export interface SweptTest {
  readonly test: string;
  readonly drops: readonly Estimate[];
  readonly best: Best;
  /** Drop with the calibrated width less Drop with the best one; null where they are the same. */
  readonly calibratedLessBest: Difference | null;
  /** Drop with each width less that of Grad-CAM with bilinear upsampling. */
  readonly lessGradCam: readonly Difference[];
}

export interface SigmaSweep {
  readonly photographs: number;
  readonly points: readonly SweepPoint[];
  readonly tests: readonly SweptTest[];
  /** Mean correlation of each width's maps with Grad-CAM's, pixel by pixel, and the width that comes nearest to it. */
  readonly likeness: { readonly correlations: readonly Estimate[]; readonly best: Best };
}

/**
 * How the evaluation depends on sigma.
 * @param points by rising width, the calibrated one and 20 pixels among them
 * @param gradCam the column of Grad-CAM with bilinear upsampling
 */
export function sigmaSweepOf(
  photographs: readonly Photograph[],
  points: readonly SweepPoint[],
  gradCam: string,
  confidence: ConfidenceName,
  resampling: Resampling,
): SigmaSweep | null {
  const { used } = confident(photographs, confidence);
  const columns = new Set([gradCam, ...points.map(({ column }) => column)]);
  const drops = seriesOf(used, columns, confidence).filter(({ measure }) => measure === "drop");
  const tests = [...new Set(drops.map(({ test }) => test))];
  const correlations = points.map(({ column }) => correlationsOf(used, column));
  const sampled = sampledSeries([...drops, ...correlations], resampling);
  const find = (test: string, column: string) =>
    sampled.find((one) => one.test === test && one.column === column);
  const along = (test: string) => points.flatMap(({ column }) => find(test, column) ?? []);

  const likeness = along(likenessTest);
  const likest = bestOf(points, likeness, -1);
  if (used.length === 0 || likest === null) return null;
  return {
    photographs: used.length,
    points,
    tests: tests.flatMap((test) => {
      const swept = along(test);
      const best = bestOf(points, swept, 1);
      const standard = find(test, gradCam);
      if (best === null || standard === undefined) return [];
      const at = (point: SweepPoint | undefined) => swept.find(({ column }) => column === point?.column);
      const [own, other] = [at(points.find(({ calibrated }) => calibrated)), at(best.point)];
      return [
        {
          test,
          drops: swept.map(estimateOf),
          best,
          calibratedLessBest:
            own === undefined || other === undefined || own === other ? null : difference(own, other),
          lessGradCam: swept.map((one) => difference(one, standard)),
        },
      ];
    }),
    likeness: { correlations: likeness.map(estimateOf), best: likest },
  };
}

const likenessTest = "likeness";

/** A map without any contrast resembles nothing: its correlation counts as 0. */
const correlationsOf = (used: readonly Photograph[], column: string) => ({
  column,
  test: likenessTest,
  measure: "drop" as const,
  terms: Float64Array.from(
    used,
    ({ likeness }) => likeness.find((one) => one.column === column)?.correlation ?? 0,
  ),
});

const estimateOf = ({ terms, means }: SampledSeries): Estimate => ({
  value: terms.reduce((sum, term) => sum + term, 0) / terms.length,
  interval: percentileInterval(means),
});

/** @param sign 1 where the lowest is best, -1 where the highest is */
function bestOf(points: readonly SweepPoint[], swept: readonly SampledSeries[], sign: 1 | -1): Best | null {
  const bestBy = (value: (series: SampledSeries) => number): SweepPoint | undefined =>
    swept
      .map((series, k) => ({ point: points[k], value: sign * value(series) }))
      .reduce<{ point: SweepPoint | undefined; value: number }>(
        (best, one) => (one.value < best.value ? one : best),
        { point: undefined, value: Infinity },
      ).point;
  const point = bestBy((series) => estimateOf(series).value);
  const resamples = swept[0]?.means.length ?? 0;
  const widths = Float64Array.from({ length: resamples }, (_, sample) => {
    const best = bestBy(({ means }) => means[sample] ?? Number.NaN);
    return best === undefined ? Number.NaN : widthOf(best);
  });
  return point === undefined ? null : { point, widths: percentileInterval(widths) };
}
