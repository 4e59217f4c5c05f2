import { at } from "../core/required.ts";
import { percentileInterval, resampledMeans, type Interval, type Resampling } from "./bootstrap.ts";
import {
  curves,
  type CurveName,
  metrics,
  metricsOf,
  type ConfidenceName,
  type MetricName,
} from "./metrics.ts";
import type { Photograph } from "./photograph.ts";

/** What a row has a mean of: a metric of masked photographs, or the area under a curve. */
export type Measure = MetricName | CurveName;

/** All of them, with their titles and whether less is better. */
export const measures: Readonly<
  Record<Measure, { readonly title: string; readonly better: "lower" | "higher" }>
> = { ...metrics, ...curves };

/** A mean over photographs and its 95 % interval over photographs. */
export interface Estimate {
  readonly value: number;
  readonly interval: Interval;
}

/** One map under one test: a row of the tables. */
export interface EvaluatedRow {
  readonly column: string;
  readonly test: string;
  readonly measures: Readonly<Partial<Record<Measure, Estimate>>>;
  /** Mean of the masks: what share of a photograph they leave; null for a curve. */
  readonly kept: number | null;
}

/** Row `a` less row `b` of one test, photograph by photograph. */
export interface Difference extends Estimate {
  readonly test: string;
  readonly measure: Measure;
  readonly a: string;
  readonly b: string;
  /** Whether the interval leaves out zero. */
  readonly separated: boolean;
}

/** The means of an evaluation, with what the photographs allow to say of them. */
export interface Evaluation {
  readonly confidence: ConfidenceName;
  /** Photographs that the means are over. */
  readonly photographs: number;
  /** Photographs left out: no share of a confidence of zero or less can be lost. */
  readonly withoutConfidence: readonly string[];
  readonly rows: readonly EvaluatedRow[];
  /** Every pair of rows of every test; `a` comes before `b` in the tables. */
  readonly differences: readonly Difference[];
}

/** One number a photograph; all series of an evaluation are over the same photographs, in the same order. */
export interface Series {
  readonly column: string;
  readonly test: string;
  readonly measure: Measure;
  readonly terms: Float64Array;
}

/** The photographs whose confidence can drop, and those whose cannot. */
export function confident(
  photographs: readonly Photograph[],
  confidence: ConfidenceName,
): { readonly used: readonly Photograph[]; readonly left: readonly string[] } {
  const isConfident = (photograph: Photograph): boolean => (photograph[confidence] ?? NaN) > 0;
  const used = photographs.filter(isConfident);
  const left = photographs.filter((photograph) => !isConfident(photograph)).map(({ image }) => image);
  return { used, left };
}

/** What each photograph brings to each mean of these columns, in the order of the photographs' rows. */
export function seriesOf(
  used: readonly Photograph[],
  columns: ReadonlySet<string>,
  confidence: ConfidenceName,
): readonly Series[] {
  const [first] = used;
  if (first === undefined) return [];
  const termsOf = (term: (photograph: Photograph) => number): Float64Array => Float64Array.from(used, term);
  const masked = first.masked.flatMap(({ column, test }, row) =>
    (columns.has(column) ? metricsOf(confidence) : []).map((measure): Series => {
      const { term } = metrics[measure];
      const of = (photograph: Photograph) =>
        term({
          whole: photograph[confidence] ?? Number.NaN,
          masked: photograph.masked[row]?.[confidence] ?? Number.NaN,
        });
      return { column, test, measure, terms: termsOf(of) };
    }),
  );
  const areas = first.curves.flatMap(({ column, test }, row): Series[] =>
    columns.has(column)
      ? [{ column, test, measure: test, terms: termsOf(({ curves }) => curves[row]?.area ?? Number.NaN) }]
      : [],
  );
  return [...masked, ...areas];
}

const meanOf = (values: readonly number[] | Float64Array): number => {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
};

/**
 * Means, intervals and paired differences of some columns.
 * @param photographs all with the same rows, in the same order
 */
export function evaluationOf(
  photographs: readonly Photograph[],
  columns: ReadonlySet<string>,
  confidence: ConfidenceName,
  resampling: Resampling,
): Evaluation {
  const { used, left } = confident(photographs, confidence);
  const sampled = sampledSeries(seriesOf(used, columns, confidence), resampling);
  return {
    confidence,
    photographs: used.length,
    withoutConfidence: left,
    rows: rowsOf(sampled, used),
    differences: sampled.flatMap((a, k) =>
      sampled.slice(k + 1).flatMap((b) => (comparable(a, b) ? [difference(a, b)] : [])),
    ),
  };
}

/** A series with its means over the resamples, which are the same for all. */
export interface SampledSeries extends Series {
  readonly means: Float64Array;
}

export function sampledSeries(series: readonly Series[], resampling: Resampling): readonly SampledSeries[] {
  const means = resampledMeans(
    series.map(({ terms }) => terms),
    resampling,
  );
  return series.map((one, k) => ({ ...one, means: at(means, k, "series") }));
}

const comparable = (a: Series, b: Series): boolean => a.test === b.test && a.measure === b.measure;

export function difference(a: SampledSeries, b: SampledSeries): Difference {
  const interval = percentileInterval(a.means.map((mean, sample) => mean - (b.means[sample] ?? 0)));
  return {
    test: a.test,
    measure: a.measure,
    a: a.column,
    b: b.column,
    value: meanOf(a.terms) - meanOf(b.terms),
    interval,
    separated: interval[0] > 0 || interval[1] < 0,
  };
}

/** Series of one column and test lie next to one another. */
function rowsOf(sampled: readonly SampledSeries[], used: readonly Photograph[]): readonly EvaluatedRow[] {
  const firsts = sampled.filter(
    (one, k) => one.column !== sampled[k - 1]?.column || one.test !== sampled[k - 1]?.test,
  );
  return firsts.map(({ column, test }) => ({
    column,
    test,
    measures: Object.fromEntries(
      sampled
        .filter((one) => one.column === column && one.test === test)
        .map(({ measure, terms, means }) => [
          measure,
          { value: meanOf(terms), interval: percentileInterval(means) },
        ]),
    ),
    kept: keptIn(used, column, test),
  }));
}

function keptIn(used: readonly Photograph[], column: string, test: string): number | null {
  const shares = used.flatMap(({ masked }) =>
    masked.filter((row) => row.column === column && row.test === test).map(({ kept }) => kept),
  );
  return shares.length === 0 ? null : meanOf(shares);
}
