import { fitMap } from "../fit/fit.ts";
import { jackknife } from "../fit/jackknife.ts";
import type { FitOptions, GaussianFit } from "../fit/result.ts";
import { blockMaps, merge, photographsIn, snapshotOf, type Accumulator } from "../erf/accumulator.ts";
import { erfMap } from "../erf/probe.ts";
import type { ProtocolName } from "../erf/protocols.ts";
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

/** First look: by then each of the 20 blocks has a photograph. */
const firstLook = 20;

/** From look to look the photographs grow by this factor: often where a stop is wanted, else enough for a plot. */
const spacing = { stopping: 1.15, watching: 1.5 } as const;

/** Intervals that are still estimated from few photographs a block can be narrow by luck: no stop before this many. */
const leastPhotographs = 40;

/** How a fit went so far: all that a watch needs to go on. */
export interface History {
  readonly points: readonly ConvergencePoint[];
  /** Photograph of the list after which to look next. */
  readonly next: number;
}

/** Follows the fit while photographs come in. */
export interface Watch {
  readonly history: () => History;
  /** To be told after each photograph, how many of the list are behind; true once the target is reached. */
  readonly look: (accumulator: Accumulator, behind: number) => boolean;
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
 * an interval that is looked at often dips below a bound before its time.
 * @param fitting the fit that will be reported
 * @param earlier what an interrupted run saw
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
    look(accumulator, behind) {
      if (behind < next) return false;
      next = lookAfter(behind, target);
      const point = estimate(accumulator, protocol, fitting);
      if (point === undefined) return false;
      const stop = narrow(points.at(-1)) && narrow(point);
      points = [...points, point];
      return stop;
    },
  };
}

/** A shard's sums as they stood where a run that is not divided would look at its fit. */
export interface Look {
  readonly behind: number;
  readonly accumulator: Accumulator;
}

/** The looks that a shard owes before it goes on to a photograph that has `behind` of the list behind it. */
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

/** What a run that was not divided would have seen, of the looks of all its shards. */
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

/** What to say where the photographs ran out before the target was reached. */
export function targetWarnings(
  last: ConvergencePoint | undefined,
  target: number | undefined,
): Calibration["warnings"] {
  if (target === undefined || (last !== undefined && relativeHalfWidth(last) <= target)) return [];
  const percent = (share: number) => `${(100 * share).toPrecision(2)} %`;
  const message =
    last === undefined
      ? `The photographs ended before an interval over them could be told; --until asked for ${percent(target)}. Use more photographs.`
      : `The photographs ended at a half-width of ${percent(relativeHalfWidth(last))}; --until asked for ${percent(target)}. ` +
        `About ${Math.ceil(photographsFor(last, target))} photographs would do.`;
  return [{ code: "TARGET_NOT_REACHED", message }];
}
