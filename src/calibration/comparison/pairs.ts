import { holm } from "../../core/statistics.ts";
import { axes, sameInput, type Axis, type ComparedErf } from "./compared.ts";
import { differenceOf, type DifferenceTest, type Measure } from "./difference.ts";

/** A test with the two that it is of, and its p-value among all tests of the comparison. */
export interface PairTest extends DifferenceTest {
  readonly first: ComparedErf;
  readonly second: ComparedErf;
  readonly axis: Axis;
  readonly measure: Measure;
  /** Adjusted for the number of tests (Holm 1979). */
  readonly adjustedP: number;
}

/** Of so many, each is tested against each; of more, each against the first: else differences drown in tests. */
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
    axes.map((axis) => ({ first, second, axis, measure, ...differenceOf(first, second, axis, measure) })),
  );
  const adjusted = holm(tests.map(({ p }) => p));
  return tests.map((test, place) => ({ ...test, adjustedP: adjusted[place] ?? Number.NaN }));
}
