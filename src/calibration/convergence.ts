import { blockMaps, merge, photographsIn, snapshotOf, type Accumulator } from "../erf/accumulator.ts";
import { erfMap } from "../erf/probe.ts";
import type { ProtocolName } from "../erf/protocols.ts";
import { fitMap } from "../fit/fit.ts";
import { jackknife } from "../fit/jackknife.ts";
import type { FitOptions, GaussianFit } from "../fit/result.ts";
import type { Calibration, ConvergencePoint } from "./schema.ts";

/** The point of a fit; undefined where its intervals are not over photographs, or there is no fit. */
export function pointOf(fit: GaussianFit | null, photographs: number): ConvergencePoint | undefined {
  if (fit?.intervalSource !== "photographs") return undefined;
  const half = ([low, high]: readonly [number, number]) => (high - low) / 2;
  const { sigmaX, sigmaY } = fit;
  return {
    photographs,
    sigmaX: sigmaX.value,
    sigmaY: sigmaY.value,
    halfWidthX: half(sigmaX.interval95),
    halfWidthY: half(sigmaY.interval95),
  };
}

/** The wider of the two intervals, as a share of its sigma. */
export const relativeHalfWidth = ({ sigmaX, sigmaY, halfWidthX, halfWidthY }: ConvergencePoint): number =>
  Math.max(halfWidthX / sigmaX, halfWidthY / sigmaY);

/** How many photographs the target takes: half-widths fall as 1/√photographs. */
export const photographsFor = (point: ConvergencePoint, target: number): number =>
  point.photographs * (relativeHalfWidth(point) / target) ** 2;

/** The first look is after so many photographs: each of the 20 blocks has one. */
const firstLook = 20;

/** From look to look the photographs grow by this factor: little where a stop is wanted, else enough for a plot. */
const spacing = { stopping: 1.15, watching: 1.5 } as const;

/** Intervals that are still estimated from few photographs a block can be narrow by luck: no stop before this many photographs. */
const leastPhotographs = 40;

/** The estimates of a fit so far: all that a watch needs to resume. */
export interface History {
  readonly points: readonly ConvergencePoint[];
  /** Photograph of the list after which to look next. */
  readonly next: number;
}

/** Follows the fit while photographs come in. */
export interface Watch {
  readonly history: () => History;
  /** Called after each photograph, with how many of the list are done; true once the target is reached. */
  readonly look: (accumulator: Accumulator, done: number) => boolean;
}

/** Of several models only the reported one is followed: `auto` fits five. */
const followed = (fitting: Partial<FitOptions>): Partial<FitOptions> =>
  fitting.model === "auto" ? { ...fitting, model: "gaussian" } : fitting;

/** The fit over the photographs so far. */
function estimate(
  accumulator: Accumulator,
  protocol: ProtocolName,
  fitting: Partial<FitOptions>,
): ConvergencePoint | undefined {
  const options = followed(fitting);
  const { fit } = jackknife(blockMaps(accumulator), fitMap(erfMap(accumulator, protocol), options), options);
  return pointOf(fit, photographsIn(accumulator));
}

const lookAfter = (next: number, target: number | undefined): number =>
  Math.ceil(next * (target === undefined ? spacing.watching : spacing.stopping));

/**
 * @param target relative half-width of both sigmas' 95 % intervals at which to stop. It has to hold at two looks in a row:
 * an interval that is tested often dips below a bound early.
 * @param fitting the fit that will be reported
 * @param earlier the history of an interrupted run
 */
export function watchFit(
  protocol: ProtocolName,
  target: number | undefined,
  fitting: Partial<FitOptions> = {},
  earlier: History = { points: [], next: firstLook },
): Watch {
  let { points, next } = earlier;
  const narrow = (point: ConvergencePoint | undefined): boolean =>
    target !== undefined &&
    point !== undefined &&
    point.photographs >= leastPhotographs &&
    relativeHalfWidth(point) <= target;
  return {
    history: () => ({ points, next }),
    look(accumulator, done) {
      if (done < next) return false;
      next = lookAfter(done, target);
      const point = estimate(accumulator, protocol, fitting);
      if (point === undefined) return false;
      const stop = narrow(points.at(-1)) && narrow(point);
      points = [...points, point];
      return stop;
    },
  };
}

/** A shard's sums where an undivided run would look at its fit. */
export interface Look {
  /** Photographs of the list that are done. */
  readonly behind: number;
  readonly accumulator: Accumulator;
}

/** The looks of a shard that are due once `behind` photographs of the list are done. */
export function looksUntil(
  behind: number,
  earlier: readonly Look[],
  accumulator: Accumulator,
): readonly Look[] {
  const looks = [...earlier];
  const due = () => {
    const last = looks.at(-1);
    return last === undefined ? firstLook : lookAfter(last.behind, undefined);
  };
  while (due() <= behind) looks.push({ behind: due(), accumulator: snapshotOf(accumulator) });
  return looks;
}

/** The history of the undivided run, from the looks of all its shards. */
export function historyOf(
  shards: readonly (readonly Look[])[],
  protocol: ProtocolName,
  fitting: Partial<FitOptions>,
): readonly ConvergencePoint[] {
  const [first = []] = shards;
  return first.flatMap(({ behind }) => {
    const parts = shards.flatMap((looks) => looks.filter((look) => look.behind === behind));
    const whole = parts.map(({ accumulator }) => accumulator).reduce(merge);
    return estimate(whole, protocol, fitting) ?? [];
  });
}

/** A warning where the photographs ran out before the target was reached. */
export function targetWarnings(
  last: ConvergencePoint | undefined,
  target: number | undefined,
): Calibration["warnings"] {
  if (target === undefined || (last !== undefined && relativeHalfWidth(last) <= target)) return [];
  const percent = (share: number) => `${(100 * share).toPrecision(2)} %`;
  const message =
    last === undefined
      ? `The photographs ended before an interval over them could be estimated; the target is ${percent(target)}. Use more photographs.`
      : `The photographs ended at a half-width of ${percent(relativeHalfWidth(last))}; the target is ${percent(target)}. ` +
        `About ${Math.ceil(photographsFor(last, target))} photographs would do.`;
  return [{ code: "TARGET_NOT_REACHED", message }];
}
