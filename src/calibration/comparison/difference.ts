import { at } from "../../core/required.ts";
import { studentQuantile, holm } from "../../core/statistics.ts";
import { blockCount } from "../../erf/accumulator.ts";
import { inputSide, sigmaNames, axes, sameInput, type Axis, type ComparedErf } from "./compared.ts";
import { doubtsOf, sharedWarnings, type SharedWarning } from "./doubts.ts";
import { studentTail } from "./student-tail.ts";

/** What a test compares: sigma in pixels, or as a share of the input's side. */
type Measure = "pixels" | "share";

/** A test of the difference of one sigma between two calibrations. */
interface DifferenceTest {
  /** `jackknife` over blocks of the same photographs; `Welch` where they are others; `none` where an interval is lacking. */
  readonly method: "paired jackknife" | "Welch" | "none";
  /** First minus second. */
  readonly difference: number;
  readonly standardError: number;
  readonly degreesOfFreedom: number;
  readonly interval95: readonly [number, number];
  readonly t: number;
  /** Two-sided, of this test alone. */
  readonly p: number;
}

/** A sigma with its standard error over photographs; undefined where its interval is not over photographs. */
interface Uncertain {
  readonly value: number;
  readonly standardError: number;
  readonly degreesOfFreedom: number;
}

/** Blocks that hold photographs: as many as were left out, or, in files from before those were kept, as were dealt to. */
const blocksIn = ({ fit, calibration: { images } }: ComparedErf): number =>
  fit.withoutBlock?.length ?? Math.min(blockCount, images.photographs);

const scaleOf = ({ calibration }: ComparedErf, axis: Axis, measure: Measure): number =>
  measure === "pixels" ? 1 : 1 / inputSide(calibration, axis);

function uncertain(one: ComparedErf, axis: Axis, measure: Measure): Uncertain | undefined {
  if (one.fit.intervalSource !== "photographs") return undefined;
  const { value, interval95 } = one.fit[sigmaNames[axis]];
  const degreesOfFreedom = blocksIn(one) - 1;
  const scale = scaleOf(one, axis, measure);
  const half = (interval95[1] - interval95[0]) / 2;
  return {
    value: scale * value,
    standardError: (scale * half) / studentQuantile(0.95, degreesOfFreedom),
    degreesOfFreedom,
  };
}

/** The sigmas without each block in turn. */
const leftOut = (one: ComparedErf, axis: Axis, measure: Measure): readonly number[] =>
  (one.fit.withoutBlock ?? []).map((left) => left[sigmaNames[axis]] * scaleOf(one, axis, measure));

/** Whether two runs used the same photographs, dealt to the same blocks, and both left out each of them. */
export const isPaired = (a: ComparedErf, b: ComparedErf): boolean =>
  a.calibration.images.sha256 === b.calibration.images.sha256 &&
  a.fit.withoutBlock !== undefined &&
  a.fit.withoutBlock.length === b.fit.withoutBlock?.length;

/** Root of (K - 1)/K Σ (d₍ₖ₎ - mean)² over the K values without one block (Efron & Tibshirani 1993, Eq. 11.5). */
export function jackknifeError(withoutBlock: readonly number[]): number {
  const count = withoutBlock.length;
  const mean = withoutBlock.reduce((sum, value) => sum + value, 0) / count;
  const squares = withoutBlock.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return Math.sqrt(((count - 1) / count) * squares);
}

/**
 * Degrees of freedom of a difference of two independent values (Welch 1947, Satterthwaite 1946), rounded down: the interval
 * is then rather too wide than too narrow.
 */
export function welchDegreesOfFreedom(a: Omit<Uncertain, "value">, b: Omit<Uncertain, "value">): number {
  const [u, v] = [a.standardError ** 2, b.standardError ** 2];
  return Math.floor((u + v) ** 2 / (u ** 2 / a.degreesOfFreedom + v ** 2 / b.degreesOfFreedom));
}

/**
 * Whether two sigmas differ by more than the choice of photographs explains. Over the same photographs the jackknife is of
 * the difference itself: what both networks owe to a photograph cancels. Else Welch's t.
 */
export function differenceOf(a: ComparedErf, b: ComparedErf, axis: Axis, measure: Measure): DifferenceTest {
  const [first, second] = [uncertain(a, axis, measure), uncertain(b, axis, measure)];
  const value = (one: ComparedErf) => one.fit[sigmaNames[axis]].value * scaleOf(one, axis, measure);
  const difference = value(a) - value(b);
  if (first === undefined || second === undefined)
    return { method: "none", ...tested(difference, Number.NaN, Number.NaN) };
  if (!isPaired(a, b)) {
    const error = Math.hypot(first.standardError, second.standardError);
    return { method: "Welch", ...tested(difference, error, welchDegreesOfFreedom(first, second)) };
  }
  const others = leftOut(b, axis, measure);
  const differences = leftOut(a, axis, measure).map((sigma, block) => sigma - at(others, block));
  return {
    method: "paired jackknife",
    ...tested(difference, jackknifeError(differences), differences.length - 1),
  };
}

function tested(
  difference: number,
  standardError: number,
  degreesOfFreedom: number,
): Omit<DifferenceTest, "method"> {
  const half = studentQuantile(0.95, degreesOfFreedom) * standardError;
  const t = difference === 0 ? 0 : difference / standardError;
  return {
    difference,
    standardError,
    degreesOfFreedom,
    interval95: [difference - half, difference + half],
    t: Number.isNaN(standardError) ? Number.NaN : t,
    p: studentTail(Number.isNaN(standardError) ? Number.NaN : t, degreesOfFreedom),
  };
}

/** A test with the two that it is of, and its p-value among all tests of the comparison. */
export interface PairTest extends DifferenceTest {
  readonly first: ComparedErf;
  readonly second: ComparedErf;
  readonly axis: Axis;
  readonly measure: Measure;
  /** Adjusted for the number of tests (Holm 1979). */
  readonly adjustedP: number;
  /** Warnings of the two that put in doubt what is tested. */
  readonly warnings: readonly SharedWarning[];
}

/** Up to so many, each is tested against each; of more, each against the first: else differences drown in tests. */
const mostForAllPairs = 5;

function pairsOf(compared: readonly ComparedErf[]): readonly (readonly [ComparedErf, ComparedErf])[] {
  const pairs = compared.flatMap((first, i) =>
    compared.slice(i + 1).map((second) => [first, second] as const),
  );
  return compared.length <= mostForAllPairs ? pairs : pairs.slice(0, compared.length - 1);
}

/** Tests of both sigmas of the pairs; as shares of the input where the inputs differ in size. */
export function pairTests(compared: readonly ComparedErf[]): readonly PairTest[] {
  const measure: Measure = sameInput(compared) ? "pixels" : "share";
  const tests = pairsOf(compared).flatMap(([first, second]) =>
    axes.map((axis) => ({
      first,
      second,
      axis,
      measure,
      ...differenceOf(first, second, axis, measure),
      warnings: sharedWarnings([first, second], doubtsOf),
    })),
  );
  const adjusted = holm(tests.map(({ p }) => p));
  return tests.map((test, place) => ({ ...test, adjustedP: at(adjusted, place) }));
}
