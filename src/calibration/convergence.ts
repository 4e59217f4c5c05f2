import { fitMap } from "../fit/fit.ts";
import { jackknife } from "../fit/jackknife.ts";
import type { FitOptions } from "../fit/options.ts";
import type { GaussianFit } from "../fit/result.ts";
import { blockMaps, type Accumulator } from "../probe/accumulator.ts";
import { erfMap } from "../probe/probe.ts";
import type { ProtocolName } from "../probe/protocols.ts";
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

/** Follows the fit while photographs come in. */
export interface Watch {
  readonly points: readonly ConvergencePoint[];
  /** To be told after each photograph; true once the target is reached. */
  readonly look: (accumulator: Accumulator, photographs: number) => boolean;
}

/**
 * @param target relative half-width of both sigmas' 95 % intervals at which to stop. It has to hold at two looks in a row:
 * an interval that is looked at often dips below a bound before its time.
 * @param fitting the fit that will be reported. Of several models only the reported one is followed: `auto` fits five.
 */
export function watchFit(
  protocol: ProtocolName,
  target: number | undefined,
  fitting: Partial<FitOptions> = {},
): Watch {
  const options: Partial<FitOptions> = fitting.model === "auto" ? { ...fitting, model: "gaussian" } : fitting;
  const points: ConvergencePoint[] = [];
  let next = firstLook;
  const narrow = (point: ConvergencePoint | undefined): boolean =>
    target !== undefined &&
    point !== undefined &&
    point.photographs >= leastPhotographs &&
    relativeHalfWidth(point) <= target;
  return {
    points,
    look(accumulator, photographs) {
      if (photographs < next) return false;
      next = Math.ceil(photographs * (target === undefined ? spacing.watching : spacing.stopping));
      const { fit } = jackknife(
        blockMaps(accumulator),
        fitMap(erfMap(accumulator, protocol), options),
        options,
      );
      const point = pointOf(fit, photographs);
      if (point === undefined) return false;
      const stop = narrow(points.at(-1)) && narrow(point);
      points.push(point);
      return stop;
    },
  };
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
